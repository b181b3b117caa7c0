"""The parts of programs: the ops on one stream, and what is done with several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from streamstate.model import (
    HIGH_WATER_MARK,
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
    State,
    View,
    advance,
    initial,
    view,
)

Ops: TypeAlias = tuple[Op, ...]

CREATE: Final = Create()
CLEAR: Final = Clear()
FULL: Final = bytes(HIGH_WATER_MARK)
"""A chunk that fills a queue alone."""


class On:
    """The ops on one stream, given its number."""

    def __init__(self, stream: int) -> None:
        self.number: Final = stream
        self.pull: Final = Pull(stream)
        self.close: Final = Close(stream)
        self.is_full: Final = IsQueueFull(stream)
        self.delete: Final = Delete(stream)
        self.get: Final = Get(stream)

    def push(self, chunk: bytes) -> Push:
        """A push of that chunk."""
        return Push(self.number, chunk)

    def error(self, message: str = "e") -> Error:
        """An error with that message."""
        return Error(self.number, message)

    def pushes(self, count: int, first: int = 1) -> Ops:
        """So many pushes, each with a chunk of its own, numbered from `first` on."""
        return tuple(self.push(numbered(number)) for number in range(first, first + count))

    def pulls(self, count: int) -> Ops:
        """So many pulls."""
        return (self.pull,) * count

    def traffic(self, place: int) -> Ops:
        """A push, a pull, a close and an error, with contents for that place."""
        return (self.push(numbered(place)), self.pull, self.close, self.error(f"e{place}"))

    def watched(self, ops: Iterable[Op]) -> Ops:
        """The ops, with an is_queue_full after each."""
        return tuple(each for op in ops for each in (op, self.is_full))


ONE: Final = On(1)
TWO: Final = On(2)

GONE: Final[tuple[Ops, ...]] = (
    *((ONE.delete,), (CLEAR,)),
    *((ONE.close, ONE.delete), (ONE.error(), ONE.delete)),
)
"""The ways in which stream 1 can go."""


def numbered(number: int) -> bytes:
    """A chunk that shows its number, in one byte if that is enough."""
    return number.to_bytes(2 if number > 255 else 1, "big")


def marked(op: Op, mark: int) -> Op:
    """The op with contents of its own: the bytes of its chunk, all alike so that a big one can be
    written as a fill, or its message."""
    match op:
        case Push(stream, chunk):
            return Push(stream, bytes([mark % 256]) * len(chunk))
        case Error(stream):
            return Error(stream, f"e{mark}")
        case _:
            return op


def created(count: int) -> Ops:
    """Creates of so many streams."""
    return (CREATE,) * count


def made_and_gone(first: int, last: int) -> Ops:
    """Make the streams of those numbers, and delete each before the next is made."""
    return tuple(op for number in range(first, last + 1) for op in (CREATE, Delete(number)))


def viewed(ops: Ops, stream: int) -> View:
    """The model's view of a stream after those ops; of an unknown stream, that it is empty."""
    state: State = initial()
    for op in ops:
        state = advance(state, op).state
    return view(state, stream) or View()
