"""Whole lives of streams: after much has happened to them, beside others that are in any state, and
as one of many.

A fault may wait for something that no small machine can count: the tenth stream, a queue that was
full once, a neighbour that has failed, a big backlog that is deleted. So one stream after the other
is led through a life in which every op shows what it did, in each of these circumstances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, product
from typing import Final, TypeAlias

from streamstate.model import (
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
)
from streamstate.oracle.programs.program import symbol

_Ops: TypeAlias = tuple[Op, ...]
_Life: TypeAlias = Callable[[int], _Ops]


def life_programs() -> Iterator[_Ops]:
    """All of them, in a fixed order."""
    yield from _after_something()
    yield from _beside_something()
    yield from _ends_of_backlogs()
    yield from _among_many()
    yield from _all_at_once()


_SHORT: Final = 130
_SMALL: Final = 5_000
"""Bytes of a chunk that may be shown again and again."""


def watched_life_programs() -> Iterator[_Ops]:
    """The smaller ones, and one with many streams, with a look at its stream after each op."""
    smaller = (
        program
        for program in life_programs()
        if len(program) <= _SHORT
        and all(len(op.chunk) <= _SMALL for op in program if isinstance(op, Push))
    )
    for program in (*smaller, _each_in_turn(_MANY, _BORDERS, 0)):
        yield tuple(chain.from_iterable(map(_watched, program)))


def _watched(op: Op) -> _Ops:
    stream = symbol(op).stream
    return (op,) if stream is None else (op, Get(stream))


def _chunk(stream: int, number: int) -> bytes:
    return bytes([stream % 256, number])


def _pushes(stream: int, count: int) -> _Ops:
    return tuple(Push(stream, _chunk(stream, number)) for number in range(count))


def _traffic(stream: int) -> _Ops:
    """Two pulls that overlap, one hand-over, three chunks in order; closed with one left."""
    pull, full = Pull(stream), IsQueueFull(stream)
    return (
        *(pull, pull, *_pushes(stream, 4), full, pull, pull, Close(stream)),
        *(Push(stream, b"late"), full, pull, pull, Delete(stream), full, pull),
    )


def _failure(stream: int) -> _Ops:
    """Failed with chunks queued, closed, failed once more with the same error."""
    pull, full, error = Pull(stream), IsQueueFull(stream), Error(stream, "same")
    return (
        *(*_pushes(stream, 2), error, Push(stream, b"late"), pull, Close(stream), pull),
        *(error, pull, full, Error(stream, f"other {stream}"), pull, Delete(stream), full, pull),
    )


def _closing(stream: int) -> _Ops:
    """Closed while a pull waits, then failed."""
    pull, full = Pull(stream), IsQueueFull(stream)
    ended = (Close(stream), pull, Push(stream, b"late"), full)
    return (pull, *ended, Error(stream, f"e{stream}"), pull, Close(stream), pull, Delete(stream))


def _failing(stream: int) -> _Ops:
    """Failed while a pull waits, then closed."""
    pull, full = Pull(stream), IsQueueFull(stream)
    failed = (Error(stream, f"e{stream}"), pull, Push(stream, b"late"), full)
    return (pull, *failed, Close(stream), pull, Delete(stream), pull, full)


def _deletion(stream: int) -> _Ops:
    """Deleted while a pull waits, and asked everything afterwards."""
    pull, full = Pull(stream), IsQueueFull(stream)
    gone = (pull, Push(stream, b"late"), full, Close(stream), Error(stream, "e"), pull)
    return (full, pull, pull, Delete(stream), *gone, Delete(stream), full)


def _measuring(stream: int) -> _Ops:
    """How many bytes are counted once some have come and gone."""
    pull, full, almost = Pull(stream), IsQueueFull(stream), Push(stream, bytes(HIGH_WATER_MARK - 1))
    one = Push(stream, b"1")
    return (almost, full, one, full, pull, full, almost, full, pull, full, almost, full, pull, pull)


_LIVES: Final[tuple[_Life, ...]] = (_traffic, _failure, _closing, _failing, _deletion)


def _after_something() -> Iterator[_Ops]:
    """One stream, which something has happened to before its life begins."""
    full, pull = Push(1, bytes(HIGH_WATER_MARK)), Pull(1)
    many = MAX_QUEUE_CHUNKS + 1
    pasts: tuple[_Ops, ...] = (
        (*_pushes(1, MAX_QUEUE_CHUNKS), IsQueueFull(1), *(pull,) * MAX_QUEUE_CHUNKS),
        (*_pushes(1, many), IsQueueFull(1), *(pull,) * many),
        (full, IsQueueFull(1), pull),
        (pull, full),
        (*(Push(1, b""),) * 2, pull, pull),
        (*(pull,) * 3, *_pushes(1, 1)),
        tuple(op for chunk in _pushes(1, 9) for op in (chunk, pull)),
    )
    for past, life in product(pasts, (*_LIVES, _measuring)):
        yield (Create(), *past, *life(1))


def _beside_something() -> Iterator[_Ops]:
    """One stream, while others are, or were, in any state; these are asked in the end."""
    pull, error = Pull(1), Error(1, "e1")
    others: tuple[_Ops, ...] = (
        (Create(), pull),
        (Create(), *_pushes(1, 1)),
        (Create(), *_pushes(1, MAX_QUEUE_CHUNKS)),
        (Create(), Push(1, bytes(HIGH_WATER_MARK))),
        (Create(), *_pushes(1, 2), Close(1)),
        (Create(), *_pushes(1, 2), error),
        (Create(), Close(1), error),
        (Create(), *_pushes(1, 2), Delete(1)),
        (Create(), Create(), *_pushes(1, 2), Pull(2), Delete(1), Delete(2)),
        (Create(), *_pushes(1, 2), Clear(), Create(), *_pushes(2, 2), Clear()),
        (*(Create(), Clear()) * 2, Create(), *_pushes(3, 2)),
        (*(Create(),) * 7, *(op for each in range(2, 8) for op in (Pull(each), Delete(each)))),
        (Create(), pull, *(op for each in range(2, _MANY) for op in (Create(), Delete(each)))),
    )
    for other, life in product(others, (*_LIVES, _measuring)):
        number = 1 + sum(isinstance(op, Create) for op in other)
        last = (IsQueueFull(1), Push(1, b"?"), pull, pull, pull, Clear())
        yield (*other, Create(), *life(number), *last)


def _ends_of_backlogs() -> Iterator[_Ops]:
    """A queue with many bytes or chunks that ends in each way, and what is left then."""
    close, error, delete = Close(1), Error(1, "e"), Delete(1)
    backlogs: tuple[_Ops, ...] = (
        (Push(1, bytes(700)),),
        (Push(1, bytes(5_000)), *_pushes(1, 1)),
        (Push(1, bytes(HIGH_WATER_MARK)), *_pushes(1, 2)),
        _pushes(1, 9),
        _pushes(1, MAX_QUEUE_CHUNKS + 1),
        _pushes(1, 40),
    )
    ends: tuple[_Ops, ...] = (
        *((delete,), (Clear(),), (close, delete), (error, delete)),
        *((close, error), (error, close), (error, error)),
    )
    full, pull = IsQueueFull(1), Pull(1)
    others: _Ops = (Create(), Create(), Pull(2), Push(3, b"b"))
    seen_at_others: _Ops = (Push(2, b"c"), Push(3, b"d"), Pull(3), Pull(3), Pull(3), Clear())
    for backlog, end in product(backlogs, ends):
        left = (full, pull, Push(1, b"?"), pull, full)
        yield (Create(), *others, *backlog, *end, *left, *seen_at_others, Create(), Pull(4))


_FEW: Final = (*range(4, 13), 16, 17)
_MANY: Final = 258
_BORDERS: Final = (*(15, 16, 17, 31, 32, 33, 63, 64, 65, 100), *(127, 128, 129, 255, 256, 257, 258))


def _among_many() -> Iterator[_Ops]:
    """So many streams, and each, or those around a power of two, through another life."""
    for count, shift in product(_FEW, range(len(_LIVES))):
        yield _each_in_turn(count, range(1, count + 1), shift)
    for shift in range(len(_LIVES)):
        yield _each_in_turn(_MANY, _BORDERS, shift)


def _each_in_turn(count: int, streams: Iterable[int], shift: int) -> _Ops:
    lives = (_LIVES[(place + shift) % len(_LIVES)](each) for place, each in enumerate(streams))
    return (*(Create(),) * count, *chain.from_iterable(lives), Clear(), Create(), Pull(count + 1))


def _all_at_once() -> Iterator[_Ops]:
    """Many streams side by side, each made while the one before is in some state, or all of them
    used alike."""
    ends = (Close, _failed, Pull, IsQueueFull)
    yield tuple(
        op
        for number in range(1, _MANY + 1)
        for op in (Create(), *_first_used(number), ends[number % len(ends)](number))
    )
    numbers = range(1, _MANY + 1)
    made, waits = (Create(),) * _MANY, tuple(map(Pull, numbers))
    chunks = tuple(Push(number, number.to_bytes(2, "big")) for number in numbers)
    yield (*made, *waits, *chunks, *waits, Clear(), Create(), Pull(_MANY + 1))
    yield (*made, *chunks, *reversed(waits), *map(Close, numbers), *waits, *map(Delete, numbers))


def _first_used(number: int) -> _Ops:
    return IsQueueFull(number), *_pushes(number, 2), Pull(number)


def _failed(number: int) -> Op:
    return Error(number, "e")
