"""Programs in which pushes wait for room, for the dialects in which they do.

A queue is filled by one big chunk or by many, and then pushes wait: few in every short program,
many in rings, of every size that lets in none, one or several of them. Some are given up, where an
adapter offers `cancel_push`; and in bursts, where it offers `together`, a push comes while another
is let in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations, product
from typing import Final, TypeAlias

from streamstate.model import HIGH_WATER_MARK, MAX_QUEUE_CHUNKS, CancelPush, Get
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.building import CLEAR, CREATE, FULL, ONE, TWO, On, Ops, created
from streamstate.oracle.suites.races import may_be_asked
from streamstate.wire import Together, Turn

_Turns: TypeAlias = tuple[Turn, ...]

_FILLED: Final = (CREATE, ONE.push(FULL))
_ENDS: Final[tuple[Ops, ...]] = ((ONE.close,), (ONE.error(),), (ONE.delete,), (CLEAR,))


def short_programs(capabilities: Collection[str]) -> Iterator[Program]:
    """All short ones on a stream that one chunk fills, neighbours beginning alike; where an adapter
    shows its streams, each of two ops with a look after each."""
    cancels = _cancels(1, 2) if "cancel_push" in capabilities else ()
    ending = program_of((ONE.is_full, *ONE.pulls(3), ONE.push(b"z"), ONE.close, ONE.pull))
    start = program_of(_FILLED)
    for ops in product(*(_anything(place, cancels) for place in range(1, _SHORT + 1))):
        yield start + program_of(ops) + ending
    if "get" in capabilities:
        for ops in product(*(_anything(place, cancels) for place in range(1, _SHORT))):
            looked = [each for op in ops for each in (op, Get(1))]
            yield start + program_of(looked) + ending


_SHORT: Final = 3


def _anything(place: int, cancels: Ops) -> Ops:
    return (*ONE.traffic(place), ONE.delete, *cancels)


def _cancels(*pushes: int) -> Ops:
    return tuple(map(CancelPush, pushes))


def shaped_programs(capabilities: Collection[str]) -> Iterator[Ops]:
    """Those that take more: sizes, many pushes, several streams, pushes given up."""
    yield from _sizes()
    yield from _many()
    yield from _in_rings()
    yield from _on_streams()
    if "cancel_push" in capabilities:
        yield from _given_up()


def _sizes() -> Iterator[Ops]:
    """Whatever is queued and whatever waits: a pull lets in none, one or several of them."""
    mark = HIGH_WATER_MARK
    queued = ((mark,), (1, mark), (mark - 1, 1), (mark - 1, mark), (1, 1, mark - 2), (0, mark, 0))
    waiting = (
        *((0,), (1, 1, 1), (0, 0, 0), (mark, 1), (1, mark, 1), (mark - 1, 1, 1)),
        *((mark - 2, 1, 1, 0), (mark + 1, 0), (0, mark - 1, 0, 2, 1)),
    )
    for before, after in product(queued, waiting):
        sizes = enumerate((*before, *after), start=1)
        pushes = tuple(ONE.push(bytes([place]) * size) for place, size in sizes)
        yield (CREATE, *pushes, *ONE.watched(ONE.pulls(len(pushes) + 1)))


def _many() -> Iterator[Ops]:
    """Behind a queue that is full by its chunks: room for one comes with each pull, at most."""
    for waiting in (1, 2, 3, MAX_QUEUE_CHUNKS, MAX_QUEUE_CHUNKS + 1, 40):
        count = MAX_QUEUE_CHUNKS + waiting
        begun = (CREATE, *ONE.pushes(count), ONE.is_full)
        yield (*begun, *ONE.pulls(count + 1), ONE.is_full)
        yield (*begun, *ONE.pulls(2), *ONE.pushes(3, first=count + 1), *ONE.pulls(count + 2))
        for pulled, end in product((0, 1), _ENDS):
            yield (*begun, *ONE.pulls(pulled), *end, ONE.is_full, *ONE.pulls(MAX_QUEUE_CHUNKS + 1))
            yield (*begun, *end, ONE.push(b"?"), CREATE, *TWO.pushes(2), *TWO.pulls(3))


def _in_rings() -> Iterator[Ops]:
    """Pushes that wait in a ring of places, which is turned before it has to grow."""
    for places in (2, 3, 4, 8, 16, 32, 64):
        for turned in sorted({1, places // 2, places - 1}):
            count = MAX_QUEUE_CHUNKS + places
            yield (
                *(CREATE, *ONE.pushes(count), *ONE.pulls(turned)),
                *(*ONE.pushes(turned + 2, first=count + 1), *ONE.pulls(count + 3)),
            )


def _on_streams() -> Iterator[Ops]:
    """Pushes that wait on several streams are numbered over all of them, and end in the order in
    which their streams were made, whoever waited first."""
    three = On(3)
    filled = (*created(3), ONE.push(FULL), TWO.push(FULL), three.pull)
    ends: tuple[Ops, ...] = (
        *((CLEAR,), (TWO.delete, ONE.delete), (ONE.close, TWO.error(), three.close)),
        *((TWO.pull, ONE.pull), (ONE.delete, TWO.pull), (ONE.error(), three.push(b"t"), CLEAR)),
    )
    orders = ((ONE, TWO), (TWO, ONE), (TWO, ONE, TWO), (ONE, TWO, TWO, ONE))
    for order, end in product(orders, ends):
        waiting = tuple(on.push(bytes([place])) for place, on in enumerate(order, start=1))
        yield (*filled, *waiting, *end, ONE.is_full, *ONE.pulls(3), *TWO.pulls(3), CLEAR)
        yield (*filled, *waiting, *end, CREATE, On(4).push(FULL), On(4).push(b"n"), On(4).pull)


def _given_up() -> Iterator[Ops]:
    """One or two of those that wait, before and after others are let in; and pushes of which there
    is nothing to give up any more."""
    for waiting in (1, 2, 3, 4):
        numbers = range(1, waiting + 1)
        chosen = (*combinations(numbers, 1), *combinations(numbers, 2))
        for given_up, pulled in product((*chosen, tuple(reversed(numbers))), (0, 1)):
            begun = (*_FILLED, *ONE.pushes(waiting), *ONE.pulls(pulled), *_cancels(*given_up))
            yield (*begun, ONE.is_full, ONE.push(b"n"), *ONE.pulls(waiting + 3))
            for end in _ENDS:
                yield (*begun, *end, ONE.pull, *_cancels(given_up[0]))
    for other in _cancels(0, 1, 2, 17, 2**31 - 1):
        yield (other, CREATE, other, ONE.push(b"a"), other, ONE.push(FULL), other, ONE.pull)
        yield (*_FILLED, ONE.push(b"a"), ONE.pull, other, ONE.pull, other, ONE.pull)
    for count in (17, 33):
        behind = tuple(range(1, count + 1))
        for given_up in (behind[::2], behind[1::2], behind[:-1], behind[1:], behind):
            begun = (CREATE, *ONE.pushes(MAX_QUEUE_CHUNKS + count), *_cancels(*given_up))
            yield (*begun, *ONE.pulls(MAX_QUEUE_CHUNKS + count))
    waiting_on_two = (*created(2), ONE.push(FULL), TWO.push(FULL), TWO.push(b"b"), ONE.push(b"a"))
    for given_up in ((1,), (2,), (1, 2), (2, 1)):
        yield (*waiting_on_two, *_cancels(*given_up), *(ONE.pull, TWO.pull) * 2, CLEAR)


def burst_programs(model: CachedModel, capabilities: Collection[str]) -> Iterator[Program]:
    """Ops done together on a stream that is full: any two, and any three where one push waits."""
    cancels = _cancels(1, 2) if "cancel_push" in capabilities else ()
    looks = (ONE.is_full, *ONE.pulls(4))
    for waiting, length in ((0, 2), (1, 2), (2, 2), (1, 3)):
        places = range(waiting + 1, waiting + 1 + length)
        for ops in product(*(_anything(place, cancels) for place in places)):
            program: _Turns = (*_FILLED, *ONE.pushes(waiting), Together(ops), *looks)
            if may_be_asked(model, program):
                yield program_of(program)
