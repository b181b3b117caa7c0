"""Long programs with a shape, for what no short one can reach: the real limits, big numbers of
streams, chunks with every byte, many pulls at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from streamstate.model import (
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    IsQueueFull,
    Op,
    Pull,
    Push,
)

Ops: TypeAlias = tuple[Op, ...]

_ALL_BYTES: Final = bytes(range(256))
_PERIOD: Final = bytes(index * 7 % 251 for index in range(251))
_FULL_CHUNK: Final = (_PERIOD * (HIGH_WATER_MARK // 251 + 1))[:HIGH_WATER_MARK]
_MESSAGES: Final = (
    "",
    "Stream deleted",
    'quote " and \\ and \n',
    "é ☃ 𝄞",
    "\u2028",
    "null",
    "a\0b",
    " \t ",
    "x" * 300,
)
_LENGTHS: Final = (
    *(*range(2, 18), 20, 24, 25, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257),
    *(300, 511, 512, 513, 1000, 1023, 1024, 1025, 2048, 4095, 4096, 4097, 8192, 16_384, 32_768),
)
"""Bytes of chunks that are alike in nothing else: a buffer that is used again may be as long."""


def structured_programs() -> Iterator[Ops]:
    """All of them, in a fixed order."""
    yield from _overlapping_pulls()
    yield from _around_the_chunk_limit()
    yield from _around_the_byte_limit()
    yield from _in_and_out()
    yield from _in_turns()
    yield from _drains()
    yield from _clears()
    yield from _holes()
    yield from _unknown_numbers()
    yield from _contents()
    yield from _again_after_the_end()


def _pushes(count: int, first: int = 1, stream: int = 1) -> Ops:
    return tuple(Push(stream, _numbered(first + index)) for index in range(count))


def _numbered(number: int) -> bytes:
    return number.to_bytes(2, "big") if number > 255 else bytes([number])


def _pulls(count: int, stream: int = 1) -> Ops:
    return (Pull(stream),) * count


def _looked_at(ops: Ops, stream: int = 1) -> Ops:
    """With a look at fullness after each op."""
    return tuple(each for op in ops for each in (op, IsQueueFull(stream)))


def _overlapping_pulls() -> Iterator[Ops]:
    enders: tuple[Ops, ...] = (
        (Close(1),),
        (Error(1, "e"),),
        (Delete(1),),
        (Clear(),),
        _pushes(1),
        _pushes(2),
        (*_pushes(1), Close(1)),
        (*_pushes(1), Error(1, "e")),
        (*_pushes(1), Delete(1)),
    )
    for count in (2, 3, 5):
        for ender in enders:
            yield (Create(), *_pulls(count), *ender, Pull(1), IsQueueFull(1))
    for count in (2, 3, 9, 17, 33):
        yield (Create(), *_pulls(count), *_pushes(count + 1), *_pulls(2), Close(1))


def _around_the_chunk_limit() -> Iterator[Ops]:
    for count in (MAX_QUEUE_CHUNKS - 1, MAX_QUEUE_CHUNKS, MAX_QUEUE_CHUNKS + 1, 33):
        filled = (Create(), *_looked_at(_pushes(count)))
        yield (*filled, *_looked_at(_pulls(count + 1)))
        yield (*filled, Close(1), IsQueueFull(1), *_looked_at(_pulls(count + 1)))
        yield (*filled, Error(1, "e"), IsQueueFull(1), *_looked_at(_pulls(count + 1)))
        yield (*filled, Close(1), Error(1, "e"), IsQueueFull(1), *_looked_at(_pulls(count + 1)))
        yield (*filled, Error(1, "e"), Error(1, "f"), Close(1), IsQueueFull(1), *_pulls(2))
        yield (*filled, Delete(1), IsQueueFull(1), Pull(1), Create(), IsQueueFull(2))
        yield (*filled, Clear(), IsQueueFull(1), Pull(1), Create(), IsQueueFull(2))
        refilled = _pushes(3, first=100)
        yield (*filled, Pull(1), *_looked_at(refilled), *_looked_at(_pulls(count + 3)))
    for count in (MAX_QUEUE_CHUNKS - 1, MAX_QUEUE_CHUNKS):
        yield (Create(), *_looked_at((Push(1, b""),) * count), *_looked_at(_pulls(count + 1)))


def _around_the_byte_limit() -> Iterator[Ops]:
    full = HIGH_WATER_MARK
    half = full // 2
    for sizes in (
        (full - 1, 1),
        (full - 1, 0, 1),
        (full,),
        (full, 0),
        (full + 1,),
        (half, half),
        (half, half - 1, 1),
        (1, full - 1),
    ):
        pushes: Ops = tuple(
            Push(1, _FULL_CHUNK[:1] + bytes(size)[1:]) if size else Push(1, b"") for size in sizes
        )
        yield (Create(), *_looked_at(pushes), *_looked_at(_pulls(len(sizes) + 1)))
    filling = Push(1, bytes(full))
    yield (Create(), filling, *_pushes(1), IsQueueFull(1), Close(1), IsQueueFull(1), *_pulls(3))
    yield (Create(), filling, *_pushes(1), Error(1, "e"), IsQueueFull(1), *_pulls(3))
    yield (Create(), filling, Close(1), Error(1, "e"), IsQueueFull(1), *_pulls(2))
    yield (Create(), Pull(1), Push(1, _FULL_CHUNK), IsQueueFull(1), *_pushes(1), Pull(1))
    yield (Create(), Push(1, _FULL_CHUNK), IsQueueFull(1), Pull(1), IsQueueFull(1))


def _in_and_out() -> Iterator[Ops]:
    """So many in, so many out, then a look at what is left: the shortest programs in which a place
    in a long queue can go wrong."""
    for count in (1, 2, 3, 7, 8, 9, 15, 16, 17, 18, 31, 32, 33, 34, 65):
        for taken in sorted({1, count // 2, count - 1, count}):
            yield (
                *(Create(), *_pushes(count), *_pulls(taken)),
                *(IsQueueFull(1), Push(1, b"last"), *_pulls(count - taken + 2)),
            )


def _in_turns() -> Iterator[Ops]:
    for count in (2, 17, 33, 100):
        rounds = range(1, count + 1)
        yield (Create(), *(op for each in rounds for op in (Pull(1), *_pushes(1, each))), Pull(1))
        yield (Create(), *(op for each in rounds for op in (*_pushes(1, each), Pull(1))), Pull(1))
    yield (Create(), *_pushes(40), *_pulls(20), *_pushes(40, 41), *_pulls(62), Close(1))
    yield (Create(), *_pushes(300), *_pulls(301), Close(1))
    streams = (1, 2, 3)
    waits = tuple(Pull(stream) for stream in streams)
    for order in ((3, 1, 2), (2, 3, 1)):
        answers = tuple(Push(stream, bytes([stream])) for stream in order)
        yield (*(Create(),) * 3, *waits, *answers, *waits, Clear())


def _drains() -> Iterator[Ops]:
    for count in (1, 2, 3, 17):
        filled = (Create(), *_pushes(count))
        yield (*filled, Close(1), *_pulls(count + 2))
        yield (*filled, Error(1, "e"), *_pulls(count + 2))
        yield (*filled, Close(1), Error(1, "e"), Error(1, "f"), *_pulls(count + 2))
        yield (*filled, Error(1, "e"), Close(1), Error(1, "f"), *_pulls(count + 2), Delete(1))
        yield (*filled, Close(1), Pull(1), Error(1, "e"), *_pulls(count + 1))
        yield (*filled, Close(1), *_pulls(count), Error(1, "e"), *_pulls(2))


def _clears() -> Iterator[Ops]:
    for count in (2, 9, 10, 11, 33):
        made = (Create(),) * count
        numbers = tuple(range(1, count + 1))
        after = (Create(), IsQueueFull(1), IsQueueFull(count), Pull(1), Pull(count + 1), Clear())
        yield (*made, *(Pull(stream) for stream in numbers), Clear(), *after)
        yield (*made, *(Pull(stream) for stream in reversed(numbers)), Clear(), *after)
        yield (*made, *(Pull(stream) for stream in numbers if stream % 3), Clear(), *after)
        yield (*made, *(Pull(stream) for stream in numbers), Delete(2), Clear(), *after)
        yield (*made, *(Push(stream, b"x") for stream in numbers), Clear(), *after)


def _holes() -> Iterator[Ops]:
    """Streams deleted out of the middle of many, others made after them, and all of them used."""
    for count in (3, 9, 17, 33):
        made = (Create(),) * count
        for gone in ((1,), (2,), (count,), (1, count - 1), tuple(range(1, count, 2))):
            left = tuple(each for each in range(1, count + 1) if each not in gone)
            deletes = tuple(map(Delete, gone))
            yield (*made, *deletes, *(op for each in left for op in _used(each)), Clear())
            new = tuple(range(count + 1, count + 1 + len(gone)))
            waits = tuple(map(Pull, (*left, *new)))
            yield (
                *made,
                *deletes,
                *(Create(),) * len(new),
                *waits,
                Clear(),
                *map(IsQueueFull, left),
            )
    for before in ((Create(), Create(), Delete(1)), (Create(), Create(), Create(), Delete(2))):
        last = sum(isinstance(op, Create) for op in before) + 1
        yield (*before, Create(), Pull(last), Pull(last - 1), Clear())


def _used(stream: int) -> Ops:
    return (IsQueueFull(stream), Push(stream, b"a"), Pull(stream))


def _probes(stream: int) -> Ops:
    return (
        IsQueueFull(stream),
        Push(stream, b"?"),
        Pull(stream),
        Close(stream),
        Error(stream, "e"),
        Delete(stream),
    )


def _unknown_numbers() -> Iterator[Ops]:
    for number in (0, *(2**k + 1 for k in range(1, 31)), 2**31 - 1):
        yield (
            *(Create(), Create(), Push(1, b"a"), Pull(2)),
            *_probes(number),
            *(IsQueueFull(1), Pull(1), Pull(1), Push(1, b"b"), Push(2, b"c"), Create(), Pull(3)),
        )
    yield (*_probes(1), Create(), *_pushes(1), Pull(1), Pull(1))
    yield (*(Create(),) * 260, *_pushes(1, 1, 257), Pull(1), Pull(257), *_pushes(1, 2), Pull(1))
    yield (*(Create(),) * 40, *(op for each in (33, 17, 9, 5, 3) for op in _probes(each)), Pull(1))
    for number in (17, 257):
        used = (IsQueueFull(number), Pull(number), Push(number, b"a"), *_pushes(1), Pull(1))
        yield (Create(), *_probes(number), *(Create(),) * (number - 1), *used, Delete(number))
    powers = tuple(2**k + 1 for k in (8, 0, 4, 7, 1, 6, 3, 5, 2))
    marks = tuple(Push(number, _numbered(number)) for number in powers)
    taken = tuple(Pull(number) for number in sorted(powers))
    yield (*(Create(),) * 257, *marks, *taken, *(Delete(number) for number in powers), *taken)


def _contents() -> Iterator[Ops]:
    one_byte = tuple(Push(1, bytes([value])) for value in _ALL_BYTES)
    yield (Create(), *(op for push in one_byte for op in (push, Pull(1))))
    for chunk in (b"", b"\0", b"\xff", b"\0\0\0", b"\r\n", _ALL_BYTES, _ALL_BYTES[::-1] * 17):
        yield (Create(), Push(1, chunk), Pull(1), Pull(1), Push(1, chunk), Close(1), Pull(1))
    for message in _MESSAGES:
        yield (Create(), Pull(1), Error(1, message), Pull(1), Close(1), Pull(1))
    yield (Create(), Pull(1), Push(1, b""), Push(1, b""), Pull(1), Pull(1), Close(1))
    same = Push(1, b"same")
    yield (Create(), same, same, Pull(1), Pull(1), Pull(1), same, Pull(1), Close(1))
    for length in _LENGTHS:
        ups, downs, others = map(bytes, _ranges(length))
        kept = (Push(1, ups), Push(1, downs), Push(2, others))
        yield (
            Create(),
            Create(),
            *kept,
            Pull(1),
            Pull(2),
            Pull(1),
            Pull(2),
            Push(2, ups),
            Close(1),
        )


def _ranges(length: int) -> Iterator[Iterator[int]]:
    """So many numbers below 256, three times, with hardly a place where two are alike."""
    for first, step in ((0, 1), (255, -2), (77, 3)):
        yield (number % 256 for number in range(first, first + step * length, step))


def _again_after_the_end() -> Iterator[Ops]:
    for ending in ((Delete(1),), (Clear(),), (Close(1), Delete(1)), (Error(1, "e"), Clear())):
        for before in ((), (Pull(1),), _pushes(2)):
            yield (
                *(Create(), *before, *ending),
                *(*_probes(1), Create(), *_probes(1), Push(2, b"b"), Pull(2), Pull(2), Clear()),
                *(Create(), Push(3, b"c"), Push(1, b"a"), Push(2, b"b"), Pull(3), Pull(2)),
            )
