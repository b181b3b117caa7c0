"""Programs far beyond the limits: what a registry does with much of something is what it does with
little, whatever buffer, table or counter it keeps it in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from streamstate.model import Close, Create, Delete, Error, IsQueueFull, Op, Pull, Push

_Ops: TypeAlias = tuple[Op, ...]

_SIZES: Final = (100_000, 2**17, 2**17 + 1, 200_000, 2**20 + 1)
"""Bytes of a chunk. The last one shows what goes wrong from any size below on."""

_MESSAGE_LENGTHS: Final = (1_000, 5_000, 70_000)
_MANY: Final = 1_030
"""Chunks and pulls: more than somebody sets aside places for."""

_STREAMS: Final = (1_030, 513, 300, 129, 100)


def large_programs() -> Iterator[_Ops]:
    """All of them, in a fixed order."""
    for size in _SIZES:
        chunk = Push(1, _mixed(size))
        yield (Create(), Pull(1), chunk, IsQueueFull(1), Close(1), Pull(1))
        yield (Create(), chunk, IsQueueFull(1), Push(1, b"1"), Pull(1), Pull(1), IsQueueFull(1))
    for length in _MESSAGE_LENGTHS:
        yield (Create(), Pull(1), Error(1, "e" * length), Pull(1))
        yield (Create(), Error(1, "é" * length), Pull(1), Close(1), Pull(1))
    pushes, pulls = tuple(map(_push, range(_MANY))), (Pull(1),) * _MANY
    yield (Create(), *(each for pair in zip(pushes, pulls, strict=True) for each in pair), Pull(1))
    yield (Create(), *(each for pair in zip(pulls, pushes, strict=True) for each in pair), Close(1))
    yield (Create(), *pushes, IsQueueFull(1), *pulls, Pull(1), Close(1))
    for numbers in (_STREAMS, _STREAMS[::-1]):
        yield (*(Create(),) * max(numbers), *(op for number in numbers for op in _used(number)))


def _mixed(size: int) -> bytes:
    """So many bytes: what is cut off, left out or put elsewhere shows."""
    return (bytes(range(251)) * (size // 251 + 1))[: size - 1] + b"\xff"


def _push(number: int) -> Op:
    return Push(1, number.to_bytes(2, "big"))


def _used(number: int) -> _Ops:
    pull, full = Pull(number), IsQueueFull(number)
    first, second, third = (Push(number, bytes([each])) for each in (1, 2, 3))
    return (
        *(pull, pull, first, second, third, full, pull, pull, Close(number), pull),
        *(Error(number, "e"), pull, Delete(number), pull),
    )
