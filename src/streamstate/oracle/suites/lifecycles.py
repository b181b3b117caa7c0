"""Whole lifecycles of streams: after much has happened to them, beside others in any state, and as
one of many.

A fault may wait for something that no small machine can count: the tenth stream, a queue that was
full once, a neighbour that has failed, a big backlog that is deleted. So a program leads one stream
after the other, in each of these circumstances, through a life in which every op shows what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, product
from typing import Final, TypeAlias

from streamstate.model import MAX_QUEUE_CHUNKS, Create, Get, Op, Push
from streamstate.oracle.programs.editing import stream_of
from streamstate.oracle.suites.building import CLEAR, CREATE, FULL, ONE, TWO, On, Ops, created

_Life: TypeAlias = Callable[[On], Ops]


def lifecycle_programs() -> Iterator[Ops]:
    """All programs of this suite, in a fixed order."""
    yield from _after_something()
    yield from _beside_something()
    yield from _ends_of_backlogs()
    yield from _among_many()
    yield from _all_at_once()


_SHORT: Final = 130
_SMALL: Final = 5_000
"""How long a chunk may be that many looks show."""


def watched_lifecycle_programs() -> Iterator[Ops]:
    """The smaller programs, and one with many streams, with a look at the stream after each op."""
    smaller = (
        program
        for program in lifecycle_programs()
        if len(program) <= _SHORT
        and all(len(op.chunk) <= _SMALL for op in program if isinstance(op, Push))
    )
    for program in (*smaller, _each_in_turn(_MANY, _BORDERS, 0)):
        yield tuple(chain.from_iterable(map(_watched, program)))


def _watched(op: Op) -> Ops:
    stream = stream_of(op)
    return (op,) if stream is None else (op, Get(stream))


def _pushes(on: On, count: int) -> Ops:
    """So many pushes, whose chunks show their stream and their number."""
    return tuple(on.push(bytes([on.number % 256, number])) for number in range(count))


def _traffic(on: On) -> Ops:
    """Two pulls that overlap, one hand-over, three chunks in order; closed with one left."""
    return (
        *(on.pull, on.pull, *_pushes(on, 4), on.is_full, on.pull, on.pull, on.close),
        *(on.push(b"late"), on.is_full, on.pull, on.pull, on.delete, on.is_full, on.pull),
    )


def _failure(on: On) -> Ops:
    """Failed with chunks queued, closed, failed once more with the same error."""
    error, other = on.error("same"), on.error(f"other {on.number}")
    return (
        *(*_pushes(on, 2), error, on.push(b"late"), on.pull, on.close, on.pull, error, on.pull),
        *(on.is_full, other, on.pull, on.delete, on.is_full, on.pull),
    )


def _closing(on: On) -> Ops:
    """Closed while a pull waits, then failed."""
    ended = (on.pull, on.close, on.pull, on.push(b"late"), on.is_full)
    return (*ended, on.error(f"e{on.number}"), on.pull, on.close, on.pull, on.delete)


def _failing(on: On) -> Ops:
    """Failed while a pull waits, then closed."""
    failed = (on.pull, on.error(f"e{on.number}"), on.pull, on.push(b"late"), on.is_full)
    return (*failed, on.close, on.pull, on.delete, on.pull, on.is_full)


def _deletion(on: On) -> Ops:
    """Deleted while a pull waits, and asked everything afterwards."""
    gone = (on.pull, on.push(b"late"), on.is_full, on.close, on.error(), on.pull)
    return (on.is_full, on.pull, on.pull, on.delete, *gone, on.delete, on.is_full)


def _measuring(on: On) -> Ops:
    """How many bytes are counted once some have come and gone."""
    almost, pull = on.push(FULL[:-1]), on.pull
    measured = on.watched((almost, on.push(b"1"), pull, almost, pull, almost, pull))
    return (*measured[:-1], pull)


_LIVES: Final[tuple[_Life, ...]] = (_traffic, _failure, _closing, _failing, _deletion)


def _after_something() -> Iterator[Ops]:
    """One stream, which something has happened to before its life begins."""
    full, pull, many = ONE.push(FULL), ONE.pull, MAX_QUEUE_CHUNKS + 1
    pasts: tuple[Ops, ...] = (
        (*_pushes(ONE, MAX_QUEUE_CHUNKS), ONE.is_full, *ONE.pulls(MAX_QUEUE_CHUNKS)),
        (*_pushes(ONE, many), ONE.is_full, *ONE.pulls(many)),
        (full, ONE.is_full, pull),
        (pull, full),
        (*(ONE.push(b""),) * 2, pull, pull),
        (*ONE.pulls(3), *_pushes(ONE, 1)),
        tuple(op for chunk in _pushes(ONE, 9) for op in (chunk, pull)),
    )
    for past, life in product(pasts, (*_LIVES, _measuring)):
        yield (CREATE, *past, *life(ONE))


def _beside_something() -> Iterator[Ops]:
    """One stream, while others are, or were, in any state; these are asked in the end."""
    pull, error, delete, two = ONE.pull, ONE.error("e1"), ONE.delete, _pushes(ONE, 2)
    later = tuple(map(On, range(2, _MANY)))
    others: tuple[Ops, ...] = (
        *((CREATE, pull), (CREATE, *_pushes(ONE, 1)), (CREATE, *_pushes(ONE, MAX_QUEUE_CHUNKS))),
        *((CREATE, ONE.push(FULL)), (CREATE, *two, ONE.close), (CREATE, *two, error)),
        *((CREATE, ONE.close, error), (CREATE, *two, delete)),
        (CREATE, CREATE, *two, TWO.pull, delete, TWO.delete),
        (CREATE, *two, CLEAR, CREATE, *_pushes(TWO, 2), CLEAR),
        (*(CREATE, CLEAR) * 2, CREATE, *_pushes(On(3), 2)),
        (*created(7), *(op for each in later[:6] for op in (each.pull, each.delete))),
        (CREATE, pull, *(op for each in later for op in (CREATE, each.delete))),
    )
    last = (ONE.is_full, ONE.push(b"?"), *ONE.pulls(3), CLEAR)
    for other, life in product(others, (*_LIVES, _measuring)):
        number = 1 + sum(isinstance(op, Create) for op in other)
        yield (*other, CREATE, *life(On(number)), *last)


def _ends_of_backlogs() -> Iterator[Ops]:
    """A queue with many bytes or chunks that ends in each way, and what is left then."""
    close, error, delete = ONE.close, ONE.error(), ONE.delete
    backlogs: tuple[Ops, ...] = (
        (ONE.push(bytes(700)),),
        (ONE.push(bytes(5_000)), *_pushes(ONE, 1)),
        (ONE.push(FULL), *_pushes(ONE, 2)),
        *(_pushes(ONE, count) for count in (9, MAX_QUEUE_CHUNKS + 1, 40)),
    )
    ends: tuple[Ops, ...] = (
        *((delete,), (CLEAR,), (close, delete), (error, delete)),
        *((close, error), (error, close), (error, error)),
    )
    three = On(3)
    others = (*created(3), TWO.pull, three.push(b"b"))
    left = (ONE.is_full, ONE.pull, ONE.push(b"?"), ONE.pull, ONE.is_full)
    seen_at_others = (TWO.push(b"c"), three.push(b"d"), *three.pulls(3), CLEAR)
    for backlog, end in product(backlogs, ends):
        yield (*others, *backlog, *end, *left, *seen_at_others, CREATE, On(4).pull)


_FEW: Final = (*range(4, 13), 16, 17)
_MANY: Final = 258
_BORDERS: Final = (*(15, 16, 17, 31, 32, 33, 63, 64, 65, 100), *(127, 128, 129, 255, 256, 257, 258))


def _among_many() -> Iterator[Ops]:
    """So many streams, and each, or those around a power of two, through another life."""
    for count, shift in product(_FEW, range(len(_LIVES))):
        yield _each_in_turn(count, range(1, count + 1), shift)
    for shift in range(len(_LIVES)):
        yield _each_in_turn(_MANY, _BORDERS, shift)


def _each_in_turn(count: int, streams: Iterable[int], shift: int) -> Ops:
    lives = (_LIVES[(place + shift) % len(_LIVES)](On(each)) for place, each in enumerate(streams))
    return (*created(count), *chain.from_iterable(lives), CLEAR, CREATE, On(count + 1).pull)


def _all_at_once() -> Iterator[Ops]:
    """Many streams side by side, each made while the one before is in some state, or all of them
    used alike."""
    every = tuple(map(On, range(1, _MANY + 1)))
    yield tuple(chain.from_iterable(map(_first_used, every)))
    waits = tuple(on.pull for on in every)
    chunks = tuple(on.push(on.number.to_bytes(2, "big")) for on in every)
    yield (*created(_MANY), *waits, *chunks, *waits, CLEAR, CREATE, On(_MANY + 1).pull)
    closes, deletes = (on.close for on in every), (on.delete for on in every)
    yield (*created(_MANY), *chunks, *reversed(waits), *closes, *waits, *deletes)


def _first_used(on: On) -> Ops:
    end = (on.close, on.error(), on.pull, on.is_full)[on.number % 4]
    return (CREATE, on.is_full, *_pushes(on, 2), on.pull, end)
