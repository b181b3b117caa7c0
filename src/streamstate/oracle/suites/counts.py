"""Programs that show whether a registry counts bytes and chunks rightly, whatever was done before.

No op shows how much is queued, and a count that is kept apart from the queue shows only at the
limit: by is_queue_full. So a program measures an open stream: it fills it up to one byte or one
chunk below the limit, where it is not full, and then by that. A closed or errored stream must hold
its big chunk from before.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from streamstate.model import HIGH_WATER_MARK, MAX_QUEUE_CHUNKS
from streamstate.oracle.suites.building import (
    CLEAR,
    CREATE,
    FULL,
    GONE,
    ONE,
    TWO,
    On,
    Ops,
    created,
    viewed,
)

_FILL: Final = ONE.push(FULL)
_BYTE: Final = ONE.push(b"a")
_EMPTY: Final = ONE.push(b"")
_ENDS: Final[tuple[Ops, ...]] = (
    (ONE.close,),
    (ONE.error(),),
    (ONE.close, ONE.error()),
    (ONE.error(), ONE.close),
)


def byte_count_programs() -> Iterator[Ops]:
    """Those on bytes, in a fixed order."""
    yield from _measured_when_open()
    yield from _bytes_through_the_end()
    yield from _refused()
    yield from _new_after_full()
    yield from _of_each_number()


def _bytes_measured(ops: Ops, on: On = ONE) -> Ops:
    """Those ops, then the measurement of a stream that they leave open."""
    room = HIGH_WATER_MARK - 1 - viewed(ops, on.number).queue_size
    return (*ops, *on.watched((on.push(bytes(room)), on.push(b"1"))), *on.pulls(2))


def _measured_when_open() -> Iterator[Ops]:
    anything: Ops = (_BYTE, ONE.push(b"bc"), _EMPTY, ONE.pull)
    for length in (1, 2, 3):
        for ops in product(anything, repeat=length):
            yield _bytes_measured((CREATE, *ops))
    for count in range(4, 34):
        for taken in sorted({count - min(count, MAX_QUEUE_CHUNKS - 2), count // 2 + 1, count}):
            if count - taken < MAX_QUEUE_CHUNKS - 1:
                yield _bytes_measured((CREATE, *ONE.pushes(count, first=0), *ONE.pulls(taken)))
    filled: Ops = (CREATE, _BYTE, *(_EMPTY,) * (MAX_QUEUE_CHUNKS - 1))
    for taken in (2, MAX_QUEUE_CHUNKS):
        yield _bytes_measured((*filled, *ONE.pulls(taken)))
    emptied = ONE.pulls(MAX_QUEUE_CHUNKS)
    yield _bytes_measured((CREATE, *(_EMPTY,) * MAX_QUEUE_CHUNKS, _BYTE, *emptied))
    yield _bytes_measured((CREATE, ONE.pull, _FILL))
    yield _bytes_measured((CREATE, _FILL, _BYTE, ONE.pull, ONE.push(b"bc")))
    yield _bytes_measured((CREATE, *(_EMPTY,) * 3, _FILL, *ONE.pulls(4)))


def _bytes_through_the_end() -> Iterator[Ops]:
    """A stream full by bytes, then ended in every way, with a look after each op."""
    full, close, error = HIGH_WATER_MARK, ONE.close, ONE.error()
    again: tuple[Ops, ...] = ((close, close), *_ENDS[2:], (error, ONE.error("f")))
    nearly = ((full - 1,), (full,), (full - 1, 1), (1, full - 1))
    for sizes in (*nearly, (full, 0), (0, full), (full, 1), (full + 1,)):
        pushes = tuple(ONE.push(bytes(size)) for size in sizes)
        for end in (*_ENDS[:2], *again):
            yield (CREATE, *pushes, *ONE.watched((*end, *ONE.pulls(len(sizes) + 1))))


def _refused() -> Iterator[Ops]:
    """Refused pushes that would fill the stream: after its end, and before it exists.

    First many chunks, in case a registry keeps some of them, then one that is big enough alone.
    """
    many: Ops = (_EMPTY,) * MAX_QUEUE_CHUNKS
    looks = (ONE.is_full, ONE.pull, ONE.is_full)
    befores: tuple[Ops, ...] = ((), (ONE.pull,), (_BYTE,))
    for end in _ENDS:
        for before, pushes in product(befores, (many, (_FILL,))):
            yield (CREATE, *before, *end, *pushes, *looks)
        yield (CREATE, ONE.push(FULL[:-1]), *end, ONE.push(b"b"), *looks)
    for pushes in (many, (_FILL,)):
        yield (*pushes, CREATE, *looks)


def _new_after_full() -> Iterator[Ops]:
    for gone in GONE:
        yield _bytes_measured((CREATE, _FILL, *gone, CREATE), TWO)
    yield _bytes_measured((CREATE, CREATE, _FILL), TWO)
    yield _bytes_measured((CREATE, CREATE, TWO.push(FULL)))


def _of_each_number() -> Iterator[Ops]:
    """A full stream among many, by chunks and by bytes."""
    for on in map(On, (2, 3, 4, 5, 6, 8, 9, 16, 17, 33)):
        looks = (on.is_full, ONE.is_full, on.pull, on.is_full)
        for pushes in ((on.push(b""),) * MAX_QUEUE_CHUNKS, (on.push(FULL),)):
            yield (*created(on.number), *pushes, *looks)


_BEFORE: Final[tuple[Ops, ...]] = (
    (ONE.pull, _BYTE),
    (_BYTE, ONE.pull),
    (ONE.pull, ONE.pull, _BYTE),
    (_BYTE, _BYTE, ONE.pull),
)


def chunk_count_programs() -> Iterator[Ops]:
    """Those on chunks, in a fixed order."""
    either: Ops = (_BYTE, ONE.pull)
    for length in (1, 2, 3, 4):
        for ops in product(either, repeat=length):
            yield _chunks_measured((CREATE, *ops))
    yield from _chunks_through_the_end()
    yield from _of_the_next()


def _chunks_measured(ops: Ops, on: On = ONE) -> Ops:
    """Those ops, then the measurement of a stream that they leave open."""
    fill, room = on.push(b""), MAX_QUEUE_CHUNKS - 1 - _queued(ops, on)
    return (*ops, *(fill,) * room, on.is_full, fill, on.is_full, on.pull, on.is_full)


def _queued(ops: Ops, on: On) -> int:
    """How many chunks are queued; below 0, how many pulls wait."""
    seen = viewed(ops, on.number)
    return len(seen.queue) - seen.pull_waiting


def _chunks_through_the_end() -> Iterator[Ops]:
    look, counts = ONE.is_full, (MAX_QUEUE_CHUNKS - 1, MAX_QUEUE_CHUNKS)
    for before, end, count in product(_BEFORE, _ENDS, counts):
        made = (CREATE, *before)
        pushes = (ONE.push(b""),) * (count - _queued(made, ONE))
        yield (*made, *pushes, *end, look, ONE.pull, look, ONE.pull, look)


def _of_the_next() -> Iterator[Ops]:
    """A stream that is made after another, or beside it."""
    befores: tuple[Ops, ...] = ((_BYTE,), (_BYTE,) * MAX_QUEUE_CHUNKS, (ONE.pull,), *_BEFORE)
    endings: tuple[Ops, ...] = ((), (ONE.delete,), (CLEAR,), (ONE.close, ONE.delete))
    for before, gone in product(befores, endings):
        yield _chunks_measured((CREATE, *before, *gone, CREATE), TWO)
