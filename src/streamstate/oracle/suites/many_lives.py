"""What adds up over lives: streams by the thousand, each of which ends before the next begins.

A budget that all streams share, a table that grows, a counter of few bits: what a life takes and
its end does not give back shows only once nothing is left. So a program leads the same life again
and again, for each way to end, and in the end makes a new stream, which has to be like the first
one. Most ops of a round repeat those of the round before on the next stream, so a round costs
little to make, to expect and to report (`programs.rounds`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

from streamstate.model import CancelPull, Op
from streamstate.oracle.programs.editing import put_on
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.building import (
    CLEAR,
    CREATE,
    FULL,
    ONE,
    TWO,
    On,
    Ops,
    created,
    made_and_gone,
)
from streamstate.wire import Together, Turn

_BUDGET: Final = 65
"""Rounds of 64 KiB: more than 4 MiB."""

_SHORT_BUDGET: Final = 9
_OFTEN: Final = 4
"""If big chunks make long lines, only so many ways to end are repeated so often."""

_SOME: Final = 1_030
_NUMBERS: Final = range(1, _SOME)
_OF_EACH_WAY: Final = 130


def many_lives(*, fill: bool, cancel: bool) -> Iterator[Program]:
    """All programs of this suite, those with fewer ops first. `fill` says whether big chunks make
    short lines."""
    rounds, few = (_BUDGET, _BUDGET // 4) if fill else (_SHORT_BUDGET, 4)
    programs = [
        *(_again(life, _BUDGET) for life in _UNTOUCHED[:_OFTEN]),
        *(_again(life, rounds) for life in _UNTOUCHED[_OFTEN:]),
        *(_again(life, few) for life in _TAKEN),
        *_on_one_stream(rounds, few),
        *(_given_up() if cancel else ()),
        _each_way(),
    ]
    yield from map(program_of, sorted(programs, key=len))


_PUSH: Final = ONE.push(FULL)
_PULL, _CLOSE, _ERROR, _DELETE = ONE.pull, ONE.close, ONE.error(), ONE.delete

_UNTOUCHED: Final[tuple[Ops, ...]] = (
    *((_PUSH, _DELETE), (_PUSH, CLEAR), (_PUSH, _CLOSE, _DELETE), (_PUSH, _ERROR, _DELETE)),
    *((_PULL, _DELETE), (_PULL, CLEAR), (_PULL, _CLOSE, _DELETE), (_PULL, _ERROR, _DELETE)),
    *((_PUSH, _CLOSE, _ERROR, _DELETE), (_CLOSE, _PUSH, _DELETE), (_ERROR, _PUSH, _DELETE)),
    (_PULL, _PULL, _DELETE),
)
"""Lives of a stream, from its first op to its last, in which nobody sees the chunk."""

_TAKEN: Final[tuple[Ops, ...]] = (
    (_PULL, _PUSH, _DELETE),
    (_PUSH, _PULL, _DELETE),
    (_PUSH, _CLOSE, _PULL, _DELETE),
)
"""Lives in which somebody sees the chunk, so that answers are long."""

_SMALL: Final = ONE.push(b"a")
_QUICK: Final[tuple[Ops, ...]] = (
    *((), (_SMALL,), (_PULL,), (_CLOSE,), (_ERROR,)),
    *((_SMALL, _CLOSE), (_PULL, _SMALL), (_PULL, _PULL), (_SMALL, _PULL)),
)
"""Lives of few ops, before a delete."""


def _led(life: Ops, number: int) -> Iterator[Op]:
    """That life as the one of stream `number`, which is made for it."""
    yield CREATE
    yield from (put_on(op, number) for op in life)


def _again(life: Ops, rounds: int) -> Ops:
    """That life so many times, then a new stream."""
    lives = chain.from_iterable(_led(life, number) for number in range(1, rounds + 1))
    return (*lives, *_like_the_first(On(rounds + 1)))


def _like_the_first(on: On) -> Ops:
    """A new stream, which has nothing, is not full, and becomes full."""
    return (
        *(CREATE, on.is_full, on.push(b"new"), on.is_full, on.pull, on.pull, on.push(b"next")),
        *(on.push(FULL), on.is_full, on.close, on.pull, on.pull),
    )


def _on_one_stream(rounds: int, few: int) -> Iterator[Ops]:
    """Rounds that a stream goes through again and again, and then ends."""
    for body, times in (
        *(((_PUSH, _PULL), few), ((_PULL, _PUSH), few), ((_PULL,), _SOME // 4), ((_ERROR,), _SOME)),
        *(((_CLOSE, _PUSH), rounds), ((_ERROR, _PUSH), rounds)),
    ):
        yield (CREATE, *body * times, ONE.is_full, _PULL, _DELETE, *_like_the_first(TWO))


def _given_up() -> Iterator[tuple[Turn, ...]]:
    """Pulls that are given up while they wait, and once they were handed a chunk, which the next
    pull then gets."""
    lives = (_led((_PULL, CancelPull(number), _DELETE), number) for number in _NUMBERS)
    yield (*chain.from_iterable(lives), *_like_the_first(On(_SOME)))
    ways: tuple[Iterator[tuple[Turn, ...]], ...] = (
        ((_PULL, CancelPull(number)) for number in _NUMBERS),
        (_given_back(_SMALL, number) for number in _NUMBERS[::2]),
        (_given_back(_PUSH, number) for number in range(1, _BUDGET, 2)),
    )
    for rounds in ways:
        after = (ONE.is_full, ONE.push(b"last"), _PULL, _DELETE)
        yield (CREATE, *chain.from_iterable(rounds), *after, *_like_the_first(TWO))


def _given_back(push: Op, number: int) -> tuple[Turn, ...]:
    return Together((ONE.pull, push, CancelPull(number))), ONE.pull


def _each_way() -> Ops:
    """Streams that end in one way after the other, beside two that go on living; then more that are
    only made and deleted; then more that a clear ends, with those two."""
    first, second, last = 3 + 9 * _OF_EACH_WAY, 4_110, 4_110 + 16 * 369
    gone = [On(second - 2**power) for power in range(12)]
    return (
        *(CREATE, ONE.push(b"kept"), CREATE, TWO.pull),
        *chain.from_iterable(
            _led((*_QUICK[number % len(_QUICK)], _DELETE), number) for number in range(3, first)
        ),
        *made_and_gone(first, second - 1),
        *(CREATE, *On(second).watched((On(second).push(b"new"), On(second).pull))),
        *(op for on in gone for op in (on.is_full, on.push(b"?"))),
        *(ONE.is_full, *ONE.pulls(2), TWO.push(b"two"), TWO.pull),
        *chain.from_iterable(map(_cleared, range(second + 1, last, 16))),
        *_like_the_first(On(last + 1)),
    )


def _cleared(first: int) -> Ops:
    """Sixteen streams, the last of which are used."""
    return (*created(16), On(first + 14).push(b"a"), On(first + 15).pull, CLEAR)
