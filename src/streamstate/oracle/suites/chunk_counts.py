"""Programs that show whether a registry counts chunks rightly, whatever was done before.

A count that is kept apart from the queue shows only at the limit. So a program fills a stream up to
one chunk below the limit, where it is not full, and then by that chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from streamstate.model import MAX_QUEUE_CHUNKS
from streamstate.oracle.suites.building import CLEAR, CREATE, ONE, TWO, On, Ops, viewed

_PUSH: Final = ONE.push(b"a")
_BEFORE: Final[tuple[Ops, ...]] = (
    (ONE.pull, _PUSH),
    (_PUSH, ONE.pull),
    (ONE.pull, ONE.pull, _PUSH),
    (_PUSH, _PUSH, ONE.pull),
)


def chunk_count_programs() -> Iterator[Ops]:
    """All programs of this suite, in a fixed order."""
    either: Ops = (_PUSH, ONE.pull)
    for length in (1, 2, 3, 4):
        for ops in product(either, repeat=length):
            yield _measured((CREATE, *ops))
    yield from _through_the_end()
    yield from _of_the_next()


def _measured(ops: Ops, on: On = ONE) -> Ops:
    """Those ops, then the measurement of a stream that they leave open."""
    fill, room = on.push(b""), MAX_QUEUE_CHUNKS - 1 - _queued(ops, on)
    return (*ops, *(fill,) * room, on.is_full, fill, on.is_full, on.pull, on.is_full)


def _queued(ops: Ops, on: On) -> int:
    """How many chunks are queued; below 0, how many pulls wait."""
    seen = viewed(ops, on.number)
    return len(seen.queue) - seen.pull_waiting


def _through_the_end() -> Iterator[Ops]:
    close, error, look = ONE.close, ONE.error(), ONE.is_full
    ends: tuple[Ops, ...] = ((close,), (error,), (close, error), (error, close))
    counts = (MAX_QUEUE_CHUNKS - 1, MAX_QUEUE_CHUNKS)
    for before, end, count in product(_BEFORE, ends, counts):
        made = (CREATE, *before)
        pushes = (ONE.push(b""),) * (count - _queued(made, ONE))
        yield (*made, *pushes, *end, look, ONE.pull, look, ONE.pull, look)


def _of_the_next() -> Iterator[Ops]:
    """A stream that is made after another, or beside it."""
    befores: tuple[Ops, ...] = ((_PUSH,), (_PUSH,) * MAX_QUEUE_CHUNKS, (ONE.pull,), *_BEFORE)
    endings: tuple[Ops, ...] = ((), (ONE.delete,), (CLEAR,), (ONE.close, ONE.delete))
    for before, gone in product(befores, endings):
        yield _measured((CREATE, *before, *gone, CREATE), TWO)
