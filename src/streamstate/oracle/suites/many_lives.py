"""What adds up over lives: streams by the thousand, each of which ends before the next begins.

A budget that all streams share, a table that grows, a counter of few bits: what a life takes and
its end does not give back shows only once nothing is left. So a program leads the same life again
and again, for each way to end, and in the end makes a new stream, which has to be like the first
one. Most ops of a round repeat those of the round before on the next stream, so a round costs
little to make, to expect and to report (`programs.rounds`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Final

from streamstate.model import CancelPull, Op
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
_OF_EACH_WAY: Final = 130


def many_lives(*, fill: bool, cancel: bool) -> Iterator[Program]:
    """All programs of this suite, those with fewer ops first. `fill` says whether big chunks make
    short lines."""
    rounds, few = (_BUDGET, _BUDGET // 4) if fill else (_SHORT_BUDGET, 4)
    programs = [
        *(_again(partial(_led, way), _BUDGET) for way in range(_OFTEN)),
        *(_again(partial(_led, way), rounds) for way in range(_OFTEN, len(_untouched(ONE, FULL)))),
        *(_again(partial(_seen, way), few) for way in range(len(_taken(ONE, FULL)))),
        *_on_one_stream(rounds, few),
        *(_given_up() if cancel else ()),
        _each_way(),
    ]
    yield from map(program_of, sorted(programs, key=len))


def _untouched(on: On, chunk: bytes) -> tuple[Ops, ...]:
    """Lives of a stream, from its first op to its last, in which nobody sees the chunk."""
    push, pull, close, error, delete = on.push(chunk), on.pull, on.close, on.error(), on.delete
    return (
        *((push, delete), (push, CLEAR), (push, close, delete), (push, error, delete)),
        *((pull, delete), (pull, CLEAR), (pull, close, delete), (pull, error, delete)),
        *((push, close, error, delete), (close, push, delete), (error, push, delete)),
        (pull, pull, delete),
    )


def _taken(on: On, chunk: bytes) -> tuple[Ops, ...]:
    """Lives in which somebody sees the chunk, so that answers are long."""
    push, pull, close, delete = on.push(chunk), on.pull, on.close, on.delete
    return (pull, push, delete), (push, pull, delete), (push, close, pull, delete)


def _led(way: int, on: On) -> Ops:
    return (CREATE, *_untouched(on, FULL)[way])


def _seen(way: int, on: On) -> Ops:
    return (CREATE, *_taken(on, FULL)[way])


def _again(life: partial[Ops], rounds: int) -> Ops:
    """That life so many times, then a new stream."""
    lives = chain.from_iterable(life(On(number)) for number in range(1, rounds + 1))
    return (*lives, *_like_the_first(On(rounds + 1)))


def _like_the_first(on: On) -> Ops:
    """A new stream, which has nothing, is not full, and becomes full."""
    return (
        *(CREATE, on.is_full, on.push(b"new"), on.is_full, on.pull, on.pull, on.push(b"next")),
        *(on.push(FULL), on.is_full, on.close, on.pull, on.pull),
    )


def _on_one_stream(rounds: int, few: int) -> Iterator[Ops]:
    """Rounds that a stream goes through again and again, and then ends."""
    push, pull, gone = ONE.push(FULL), ONE.pull, ONE.delete
    for body, times in (
        *(((push, pull), few), ((pull, push), few), ((pull,), _SOME // 4), ((ONE.error(),), _SOME)),
        *(((ONE.close, push), rounds), ((ONE.error(), push), rounds)),
    ):
        yield (CREATE, *body * times, ONE.is_full, ONE.pull, gone, *_like_the_first(TWO))


def _given_up() -> Iterator[tuple[Turn, ...]]:
    """Pulls that are given up while they wait, and once they were handed a chunk, which the next
    pull then gets."""
    waiting = ((ONE.pull, CancelPull(number)) for number in range(1, _SOME))
    lives = (_left_alone(On(number)) for number in range(1, _SOME))
    yield (*chain.from_iterable(lives), *_like_the_first(On(_SOME)))
    for rounds in (
        tuple(waiting),
        tuple(_given_back(ONE.push(b"a"), number) for number in range(1, _SOME, 2)),
        tuple(_given_back(ONE.push(FULL), number) for number in range(1, _BUDGET, 2)),
    ):
        after = (ONE.is_full, ONE.push(b"last"), ONE.pull, ONE.delete)
        yield (CREATE, *chain.from_iterable(rounds), *after, *_like_the_first(TWO))


def _left_alone(on: On) -> Ops:
    return (CREATE, on.pull, CancelPull(on.number), on.delete)


def _given_back(push: Op, number: int) -> tuple[Turn, ...]:
    return Together((ONE.pull, push, CancelPull(number))), ONE.pull


def _each_way() -> Ops:
    """Streams that end in one way after the other, beside two that go on living; then more that are
    only made and deleted; then more that a clear ends, with those two."""
    first, second, last = 3 + 9 * _OF_EACH_WAY, 4_110, 4_110 + 16 * 369
    gone = [On(second - 2**power) for power in range(12)]
    return (
        *(CREATE, ONE.push(b"kept"), CREATE, TWO.pull),
        *chain.from_iterable(_quickly(On(number)) for number in range(3, first)),
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


def _quickly(on: On) -> Ops:
    """A life of few ops, another one for each of nine numbers in turn."""
    push, pull, close, gone = on.push(b"a"), on.pull, on.close, on.delete
    match on.number % 9:
        case 0:
            return CREATE, gone
        case 1:
            return CREATE, push, gone
        case 2:
            return CREATE, pull, gone
        case 3:
            return CREATE, close, gone
        case 4:
            return CREATE, on.error(), gone
        case 5:
            return CREATE, push, close, gone
        case 6:
            return CREATE, pull, push, gone
        case 7:
            return CREATE, pull, pull, gone
        case _:
            return CREATE, push, pull, gone
