"""Programs that show whether a stream keeps to itself: an op on one shows at no other, and nothing
that one leaves behind shows at the next.

The complete suites put two streams side by side, but far below the real limits. Here one stream is
full, or one step from full, by chunks or by bytes, while ops are done on the other. If the two
share a queue or a count, it is one too high or too low then.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple

from streamstate.model import MAX_QUEUE_CHUNKS
from streamstate.oracle.suites.building import CREATE, FULL, GONE, ONE, TWO, On, Ops, created

_BYTE: Final = b"1"


def interference_programs() -> Iterator[Ops]:
    """All programs of this suite, in a fixed order."""
    for (watched, other), level in product(((ONE, TWO), (TWO, ONE)), _LEVELS):
        for happening in _happenings(other):
            yield _beside(watched, level, happening)
    yield from _one_after_another()


class _Level(NamedTuple):
    """Chunks that make a stream full, or all but full, and the one that is missing then."""

    chunks: tuple[bytes, ...]
    missing: tuple[bytes, ...] = ()


_LEVELS: Final = (
    _Level((FULL,)),
    _Level((FULL[:-1],), (_BYTE,)),
    _Level((b"",) * MAX_QUEUE_CHUNKS),
    _Level((b"",) * (MAX_QUEUE_CHUNKS - 1), (b"",)),
)


def _happenings(other: On) -> Iterator[Ops]:
    """The ops on the other stream: big chunks and many chunks, which come and go."""
    big, pull, gone, new = other.push(FULL), other.pull, other.delete, On(3)
    yield (big, gone)
    yield (big, pull, other.push(_BYTE), pull, gone)
    yield (pull, big, big, gone, CREATE, new.push(FULL))
    yield (big, other.close, pull, pull, gone)
    yield (big, other.error(), pull, gone)
    many = (other.push(b"2"),) * (MAX_QUEUE_CHUNKS + 1)
    yield (*many, gone)
    yield (*many, pull, pull, other.error(), CREATE, new.push(_BYTE), gone)


def _beside(watched: On, level: _Level, happening: Ops) -> Ops:
    missing = map(watched.push, level.missing)
    return (
        *(*created(2), *map(watched.push, level.chunks)),
        *watched.watched((*happening, *missing, watched.pull)),
    )


def _one_after_another() -> Iterator[Ops]:
    """Streams that are made when others have gone, and find nothing of theirs."""
    push = TWO.push(b"a")
    for count, gone in product((1, 3, 5, MAX_QUEUE_CHUNKS + 1), GONE):
        for found in ((TWO.pull, push), (push, TWO.pull), (TWO.close, TWO.pull)):
            left = ONE.pushes(count, first=0)
            yield (CREATE, *left, *gone, CREATE, *found, TWO.is_full, TWO.pull, TWO.delete)
