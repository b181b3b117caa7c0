"""Whether chunks are counted rightly, whatever was done before.

A count that is kept apart from the queue shows at the limit alone. So a stream is filled up to one
chunk below the limit, where it is not full, and then by that chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final, TypeAlias

from streamstate.model import (
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
    State,
    advance,
    initial,
    view,
)

_Ops: TypeAlias = tuple[Op, ...]

_PUSH: Final = Push(1, b"a")
_PULL: Final = Pull(1)
_BEFORE: Final[tuple[_Ops, ...]] = (
    (_PULL, _PUSH),
    (_PUSH, _PULL),
    (_PULL, _PULL, _PUSH),
    (_PUSH, _PUSH, _PULL),
)


def chunk_count_programs() -> Iterator[_Ops]:
    """All of them, in a fixed order."""
    either: _Ops = (_PUSH, _PULL)
    for length in (1, 2, 3, 4):
        for ops in product(either, repeat=length):
            yield _measured((Create(), *ops))
    yield from _through_the_end()
    yield from _of_the_next()


def _measured(ops: _Ops, stream: int = 1) -> _Ops:
    """Those ops, and then the measurement of a stream that they leave open."""
    fill, look = Push(stream, b""), IsQueueFull(stream)
    room = MAX_QUEUE_CHUNKS - 1 - _queued(ops, stream)
    return (*ops, *(fill,) * room, look, fill, look, Pull(stream), look)


def _queued(ops: _Ops, stream: int) -> int:
    """How many more chunks than pulls there are: fewer than none where a pull waits."""
    state: State = initial()
    for op in ops:
        state = advance(state, op).state
    seen = view(state, stream)
    return 0 if seen is None else len(seen.queue) - seen.pull_waiting


def _through_the_end() -> Iterator[_Ops]:
    close, error, look = Close(1), Error(1, "e"), IsQueueFull(1)
    ends: tuple[_Ops, ...] = ((close,), (error,), (close, error), (error, close))
    for before, end in product(_BEFORE, ends):
        for count in (MAX_QUEUE_CHUNKS - 1, MAX_QUEUE_CHUNKS):
            made = (Create(), *before)
            pushes = (Push(1, b""),) * (count - _queued(made, 1))
            yield (*made, *pushes, *end, look, _PULL, look, _PULL, look)


def _of_the_next() -> Iterator[_Ops]:
    """A stream that is made after another, or beside it."""
    befores: tuple[_Ops, ...] = ((_PUSH,), (_PUSH,) * MAX_QUEUE_CHUNKS, (_PULL,), *_BEFORE)
    endings: tuple[_Ops, ...] = ((), (Delete(1),), (Clear(),), (Close(1), Delete(1)))
    for before, gone in product(befores, endings):
        yield _measured((Create(), *before, *gone, Create()), stream=2)
