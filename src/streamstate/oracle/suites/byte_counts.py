"""Programs that show whether a registry counts bytes rightly, whatever was done before.

No op shows how many bytes are queued, but is_queue_full shows it at the limit. So a program
measures an open stream: it fills it up to one byte below the limit, where it is not full, and then
by that byte. A closed or errored stream must hold its big chunk from before.
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
    ONE,
    TWO,
    On,
    Ops,
    created,
    viewed,
)

_FILL: Final = ONE.push(FULL)
_ONE_BYTE: Final = ONE.push(b"a")
_EMPTY: Final = ONE.push(b"")
_ENDS: Final[tuple[Ops, ...]] = (
    (ONE.close,),
    (ONE.error(),),
    (ONE.close, ONE.error()),
    (ONE.error(), ONE.close),
)


def byte_count_programs() -> Iterator[Ops]:
    """All programs of this suite, in a fixed order."""
    yield from _measured_when_open()
    yield from _through_the_end()
    yield from _refused()
    yield from _new_after_full()
    yield from _of_each_number()


def _measured(ops: Ops, on: On = ONE) -> Ops:
    """Those ops, then the measurement of a stream that they leave open."""
    room = HIGH_WATER_MARK - 1 - viewed(ops, on.number).queue_size
    return (*ops, *on.watched((on.push(bytes(room)), on.push(b"1"))), *on.pulls(2))


def _measured_when_open() -> Iterator[Ops]:
    anything: Ops = (_ONE_BYTE, ONE.push(b"bc"), _EMPTY, ONE.pull)
    for length in (1, 2, 3):
        for ops in product(anything, repeat=length):
            yield _measured((CREATE, *ops))
    for count in range(4, 34):
        for taken in sorted({count - min(count, MAX_QUEUE_CHUNKS - 2), count // 2 + 1, count}):
            if count - taken < MAX_QUEUE_CHUNKS - 1:
                yield _measured((CREATE, *ONE.pushes(count, first=0), *ONE.pulls(taken)))
    filled: Ops = (CREATE, _ONE_BYTE, *(_EMPTY,) * (MAX_QUEUE_CHUNKS - 1))
    for taken in (2, MAX_QUEUE_CHUNKS):
        yield _measured((*filled, *ONE.pulls(taken)))
    emptied = ONE.pulls(MAX_QUEUE_CHUNKS)
    yield _measured((CREATE, *(_EMPTY,) * MAX_QUEUE_CHUNKS, _ONE_BYTE, *emptied))
    yield _measured((CREATE, ONE.pull, _FILL))
    yield _measured((CREATE, _FILL, _ONE_BYTE, ONE.pull, ONE.push(b"bc")))
    yield _measured((CREATE, *(_EMPTY,) * 3, _FILL, *ONE.pulls(4)))


def _through_the_end() -> Iterator[Ops]:
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
    befores: tuple[Ops, ...] = ((), (ONE.pull,), (_ONE_BYTE,))
    for end in _ENDS:
        for before, pushes in product(befores, (many, (_FILL,))):
            yield (CREATE, *before, *end, *pushes, *looks)
        yield (CREATE, ONE.push(FULL[:-1]), *end, ONE.push(b"b"), *looks)
    for pushes in (many, (_FILL,)):
        yield (*pushes, CREATE, *looks)


def _new_after_full() -> Iterator[Ops]:
    gone: tuple[Ops, ...] = (
        *((ONE.delete,), (CLEAR,)),
        *((ONE.close, ONE.delete), (ONE.error(), ONE.delete)),
    )
    for each in gone:
        yield _measured((CREATE, _FILL, *each, CREATE), TWO)
    yield _measured((CREATE, CREATE, _FILL), TWO)
    yield _measured((CREATE, CREATE, TWO.push(FULL)))


def _of_each_number() -> Iterator[Ops]:
    """A full stream among many, by chunks and by bytes."""
    for on in map(On, (2, 3, 4, 5, 6, 8, 9, 16, 17, 33)):
        looks = (on.is_full, ONE.is_full, on.pull, on.is_full)
        for pushes in ((on.push(b""),) * MAX_QUEUE_CHUNKS, (on.push(FULL),)):
            yield (*created(on.number), *pushes, *looks)
