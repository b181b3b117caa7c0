"""Programs that give up pulls, for implementations that offer `cancel`.

A waiting pull can be cancelled at any time. One that was handed a chunk can be cancelled only
before its awaiter looks, so a `together` does that: one that `races` allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations, product
from typing import Final, TypeAlias

from streamstate.model import MAX_QUEUE_CHUNKS, CancelPull, Op
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.building import CLEAR, CREATE, FULL, ONE, TWO, On, Ops
from streamstate.oracle.suites.races import is_asked_for
from streamstate.wire import Together, Turn

_Turns: TypeAlias = tuple[Turn, ...]

_END: Final = (ONE.is_full, ONE.push(b"last"), *ONE.pulls(4), ONE.close, ONE.pull)
_BIG: Final = ONE.push(b"\x05" * (len(FULL) - 1))


def cancelling_programs(model: CachedModel, *, get: bool) -> Iterator[Program]:
    """All programs of this suite, those with a shape first. `get` says whether they may look into
    streams."""
    for shaped in _shaped():
        if is_asked_for(model, shaped):
            yield program_of(shaped)
    for short in (*_given_up_in_turn(), *_given_back(), *_together()):
        if is_asked_for(model, short):
            yield program_of((*_watched(short), *_END) if get else (*short, *_END))


def _watched(program: Iterable[Turn]) -> Iterator[Turn]:
    """The ops, with a look at stream 1 after any that may have changed it without ops showing
    it."""
    for turn in program:
        yield turn
        if isinstance(turn, Together | CancelPull):
            yield ONE.get


def _cancels(*pulls: int) -> Ops:
    return tuple(map(CancelPull, pulls))


def _pushes(count: int, first: int = 1, on: On = ONE) -> Ops:
    """So many pushes, whose chunks show their stream and their number."""
    return tuple(on.push(bytes([on.number, first + index])) for index in range(count))


_CLOSE: Final = ONE.close
_ERROR: Final = ONE.error()
_ENDS: Final[tuple[Ops, ...]] = (
    *((_CLOSE,), (_ERROR,), (ONE.delete,), (CLEAR,)),
    *((_CLOSE, _ERROR), (_ERROR, _CLOSE), (_ERROR, ONE.delete)),
)
_LOOKS: Final[_Turns] = (ONE.is_full, *ONE.pulls(MAX_QUEUE_CHUNKS + 3), _CLOSE)


def _shaped() -> Iterator[_Turns]:
    """Programs that take more than a few ops: full queues, several streams, many pulls."""
    pull, cancel = ONE.pull, CancelPull(1)
    for count in (MAX_QUEUE_CHUNKS - 1, MAX_QUEUE_CHUNKS, MAX_QUEUE_CHUNKS + 1):
        filled = (CREATE, *_pushes(count), ONE.is_full)
        yield (*filled, Together((pull, cancel)), *_LOOKS)
        yield (*filled, Together((pull, *_pushes(1, 99), cancel)), *_LOOKS)
        for end in _ENDS:
            yield (*filled, Together((pull, *end, cancel)), *_LOOKS)
            yield (*filled, Together((pull, cancel, *end)), *_LOOKS)
            yield (*filled, *end, Together((pull, cancel)), *_LOOKS)
    big, looks = (CREATE, _BIG, *_pushes(1)), (ONE.is_full, *_pushes(1, 9), ONE.is_full)
    for end in ((), *_ENDS):
        yield (*big, ONE.is_full, Together((pull, *end, cancel)), *looks, *ONE.pulls(4))
    yield (CREATE, pull, Together((_BIG, *_pushes(1), cancel)), ONE.is_full, *_END)
    empty = ONE.error("")  # which a test for truth takes for no error
    yield (CREATE, *_pushes(2), Together((pull, empty, cancel)), *_END)
    yield (CREATE, *_pushes(2), empty, Together((pull, cancel)), *_END)
    for other in _cancels(0, 1, 2, 17, 2**31 - 1):
        yield (other, CREATE, other, pull, *_pushes(2), pull)
        yield (Together((other, CREATE, pull)), *_pushes(2), pull, _CLOSE)
    yield from _many_pulls()
    yield from _several_streams()


def _many_pulls() -> Iterator[_Turns]:
    for count in (2, 3, 9, 17):
        waiting = (CREATE, *ONE.pulls(count))
        some: tuple[tuple[int, ...], ...] = ((1,), (count,), (count // 2 + 1,), (1, count))
        for given_up in (*some, range(1, count + 1)):
            cancels = _cancels(*given_up)
            yield (*waiting, *cancels, *_pushes(count), *ONE.pulls(count), _CLOSE)
            for end in (_CLOSE, _ERROR, ONE.delete):
                yield (*waiting, *cancels, end, ONE.pull)
            yield (*waiting, Together((*_pushes(count), *cancels)), *_END)
            yield (*waiting, Together((*_pushes(1), *cancels)), *_END)


def _several_streams() -> Iterator[_Turns]:
    waiting = (CREATE, CREATE, ONE.pull, TWO.pull)
    pushes = (*_pushes(1), *_pushes(1, on=TWO))
    end = (ONE.is_full, TWO.is_full, *(TWO.pull, ONE.pull) * 2, CLEAR)
    for given_up in ((1,), (2,), (1, 2), (2, 1)):
        cancels = _cancels(*given_up)
        yield (*waiting, *cancels, *pushes, *end)
        yield (*waiting, Together((*pushes, *cancels)), *end)
        yield (*waiting, Together((*cancels, *pushes)), *end)
        yield (*waiting, Together((*pushes, ONE.pull, *cancels)), *end)
        yield (*waiting, Together((*pushes, ONE.delete, *cancels)), TWO.pull, *end)
        yield (*waiting, Together((*pushes, CLEAR, CREATE, *cancels)), On(3).pull, *end)


def _anything(place: int) -> Ops:
    """The ops that can come at that place of a program."""
    return (*ONE.traffic(place), ONE.delete, *_cancels(1, 2))


def _is_cancelled(ops: Iterable[Op]) -> bool:
    return any(isinstance(op, CancelPull) for op in ops)


def _given_up_in_turn() -> Iterator[_Turns]:
    """All programs of four ops, at least one of them a cancel."""
    for ops in filter(_is_cancelled, product(*map(_anything, range(1, 5)))):
        yield (CREATE, *ops)


def _given_back() -> Iterator[_Turns]:
    """Up to three chunks, handed out together and given back in every order, with something in
    between; and with one more pull, which waits for what is given back first."""
    between: tuple[Ops, ...] = ((), (ONE.push(b"new"),), (_CLOSE,), (_ERROR,))
    for queued, pulls in ((2, 1), (2, 2), (3, 2), (3, 3), (4, 3), (1, 2), (2, 3), (3, 4)):
        for taken in range(1, pulls + 1):
            for given_up, each in product(permutations(range(1, pulls + 1), taken), between):
                together = Together((*ONE.pulls(pulls), *each, *_cancels(*given_up)))
                yield (CREATE, *_pushes(queued), together)


def _together() -> Iterator[_Turns]:
    """Up to two ops, then two or three together, at least one a cancel; and any two together."""
    for length, before in product((2, 3), range(3)):
        firsts = product(*map(ONE.traffic, range(1, 1 + before)))
        for begun in firsts:
            for ops in product(*map(_anything, range(1 + before, 1 + before + length))):
                if length == 2 or _is_cancelled(ops):
                    yield (CREATE, *begun, Together(ops))
