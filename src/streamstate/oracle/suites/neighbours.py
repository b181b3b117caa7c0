"""Whether a stream keeps to itself: what is done to one shows at no other, and nothing that one
leaves behind shows at the next.

The complete suites put two streams side by side, but far below the real limits. Here one stream is
full, or one step from full, by chunks or by bytes, while things happen to the other: a queue or a
count that two streams share is one too many or one too few then.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple, TypeAlias

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

_Ops: TypeAlias = tuple[Op, ...]

_BYTE: Final = b"1"


def neighbour_programs() -> Iterator[_Ops]:
    """All of them, in a fixed order."""
    for watched, level in product((1, 2), _LEVELS):
        for happening in _happenings(3 - watched):
            yield tuple(_beside(watched, level, happening))
    yield from _one_after_another()


class _Level(NamedTuple):
    """Chunks that make a stream full, or all but full, and the one that is missing then."""

    chunks: tuple[bytes, ...]
    missing: tuple[bytes, ...] = ()


_LEVELS: Final = (
    _Level((bytes(HIGH_WATER_MARK),)),
    _Level((bytes(HIGH_WATER_MARK - 1),), (_BYTE,)),
    _Level((b"",) * MAX_QUEUE_CHUNKS),
    _Level((b"",) * (MAX_QUEUE_CHUNKS - 1), (b"",)),
)


def _happenings(other: int) -> Iterator[_Ops]:
    """What is done to the other stream: big chunks and many chunks, which come and go."""
    big, pull, gone = Push(other, bytes(HIGH_WATER_MARK)), Pull(other), Delete(other)
    yield (big, gone)
    yield (big, pull, Push(other, _BYTE), pull, gone)
    yield (pull, big, big, gone, Create(), Push(3, bytes(HIGH_WATER_MARK)))
    yield (big, Close(other), pull, pull, gone)
    yield (big, Error(other, "e"), pull, gone)
    many = (Push(other, b"2"),) * (MAX_QUEUE_CHUNKS + 1)
    yield (*many, gone)
    yield (*many, pull, pull, Error(other, "e"), Create(), Push(3, _BYTE), gone)


def _beside(watched: int, level: _Level, happening: _Ops) -> Iterator[Op]:
    yield from (Create(), Create())
    yield from (Push(watched, chunk) for chunk in level.chunks)
    for op in happening:
        yield op
        yield IsQueueFull(watched)
    for chunk in level.missing:
        yield from (Push(watched, chunk), IsQueueFull(watched))
    yield from (Pull(watched), IsQueueFull(watched))


def _one_after_another() -> Iterator[_Ops]:
    """Streams that are made when others have gone, and find nothing of theirs."""
    endings: tuple[_Ops, ...] = (
        (Delete(1),),
        (Clear(),),
        (Close(1), Delete(1)),
        (Error(1, "e"), Delete(1)),
    )
    for count, ending in product((1, 3, 5, MAX_QUEUE_CHUNKS + 1), endings):
        left = tuple(Push(1, bytes([each])) for each in range(count))
        for found in ((Pull(2), Push(2, b"a")), (Push(2, b"a"), Pull(2)), (Close(2), Pull(2))):
            yield (Create(), *left, *ending, Create(), *found, IsQueueFull(2), Pull(2), Delete(2))
