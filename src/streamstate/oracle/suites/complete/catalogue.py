"""The abstractions of this version, with the extra states that the default plan allows for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from streamstate.model import HIGH_WATER_MARK, MAX_QUEUE_CHUNKS, Limits
from streamstate.oracle.suites.building import CLEAR, CREATE, On, Ops, created
from streamstate.oracle.suites.complete.abstraction import Abstraction

SMALL_LIMITS: Final = Limits(high_water_mark=3, max_queue_chunks=2)

_NEWEST: Final = On(1)
_OLDER: Final = On(2)
_OLDEST: Final = On(3)


def _life(on: On, size: int = 1) -> Ops:
    return (on.push(bytes(size)), on.pull, on.close, on.error(""), on.delete)


def _traffic(on: On) -> Ops:
    return (on.push(bytes(1)), on.pull, on.delete)


def _limited(on: On, sizes: tuple[int, ...]) -> Ops:
    pushes = (on.push(bytes(size)) for size in sizes)
    return (*pushes, on.pull, on.is_full, on.close, on.error(""))


OVERLAPPING_PULLS: Final = Abstraction(
    "overlapping pulls",
    "one stream with up to two chunks or three pulls that wait",
    "A third chunk, a fourth pull that waits, fullness.",
    created(1),
    _life(_NEWEST),
    extra_states=2,
    most_chunks=2,
    most_waiting=3,
)

ONE_AFTER_ANOTHER: Final = Abstraction(
    "one stream after another",
    "the newest stream and the one before it, and new numbers again and again",
    "A number used again after more streams than fit in a program; a third stream.",
    created(2),
    (*(CREATE, CLEAR, *_life(_NEWEST), _NEWEST.is_full), *(*_traffic(_OLDER), _OLDER.is_full)),
    most_chunks=1,
)

TWO_STREAMS: Final = Abstraction(
    "two streams",
    "two streams with up to one chunk or one pull that waits each",
    "Faults that need a third stream, or a second chunk.",
    created(2),
    (*_life(_NEWEST), *_life(_OLDER)),
    extra_states=1,
    most_chunks=1,
)

THREE_STREAMS: Final = Abstraction(
    "three streams",
    "the three newest streams, with clear and new numbers",
    "The fourth stream, the ninth, the 257th; errors.",
    created(3),
    (CREATE, CLEAR, *_traffic(_NEWEST), *_traffic(_OLDER), *_traffic(_OLDEST)),
    most_chunks=1,
)

CHUNK_COUNTS: Final = Abstraction(
    "counts at the limit",
    "one stream with up to one chunk more than the limit on chunks",
    "A second chunk beyond the limit, the 33rd, say; chunks of other sizes than one byte.",
    created(1),
    (*_life(_NEWEST), _NEWEST.is_full),
    extra_states=1,
    most_chunks=MAX_QUEUE_CHUNKS + 1,
    most_waiting=2,
)

BYTES: Final = Abstraction(
    "bytes at the limit",
    "one stream with up to two chunks of 0, 1 or 65,535 bytes",
    "Sizes other than these, a third chunk.",
    created(1),
    _limited(_NEWEST, (0, 1, HIGH_WATER_MARK - 1)),
    most_chunks=2,
    most_waiting=2,
)

SMALL: Final = Abstraction(
    "small limits",
    "one stream with limits of 3 bytes and 2 chunks, and up to three chunks of 0, 1 or 3 bytes",
    "Other limits.",
    created(1),
    _limited(_NEWEST, (0, 1, 3)),
    extra_states=1,
    most_chunks=3,
    most_waiting=2,
    limits=SMALL_LIMITS,
)

SHOWN_STREAM: Final = Abstraction(
    "one stream, shown",
    "what get shows of one stream with up to three chunks",
    "A fourth chunk, chunks of several sizes.",
    created(1),
    (*_life(_NEWEST, size=2), _NEWEST.get),
    extra_states=1,
    most_chunks=3,
    most_waiting=2,
)

SHOWN_STREAMS: Final = Abstraction(
    "two streams, shown",
    "what get shows of two streams, with clear",
    "Faults that need a third stream, or a second chunk.",
    created(2),
    (CLEAR, *_life(_NEWEST), _NEWEST.get, *_traffic(_OLDER), _OLDER.get),
    most_chunks=1,
)

BURSTS: Final = Abstraction(
    "bursts on a stream",
    "up to three ops on one stream before it is quiet",
    "A fourth op before all is quiet, a third chunk, fullness.",
    created(1),
    _life(_NEWEST),
    most_chunks=2,
    most_together=3,
)

BURSTS_OF_STREAMS: Final = Abstraction(
    "bursts of streams",
    "two ops on two streams before all is quiet, with clear and new numbers",
    "A third op before all is quiet, a third stream, a second chunk; close and errors.",
    created(2),
    (CREATE, CLEAR, *_traffic(_NEWEST), *_traffic(_OLDER)),
    most_chunks=1,
    most_together=2,
)

BURSTS_AT_THE_LIMIT: Final = Abstraction(
    "bursts at the limit",
    "up to three ops on a stream that is one byte short of full before it is quiet",
    "A fourth op before all is quiet, a third chunk, the limit on chunks.",
    (*created(1), _NEWEST.push(bytes(HIGH_WATER_MARK - 1))),
    (_NEWEST.push(bytes(1)), _NEWEST.pull, _NEWEST.is_full),
    most_chunks=2,
    most_together=3,
)

SHOWN_BURSTS: Final = Abstraction(
    "bursts on a stream, shown",
    "what get shows of one stream after an op, before it is quiet",
    "A third op before all is quiet, a third chunk.",
    created(1),
    (*_life(_NEWEST), _NEWEST.get),
    most_chunks=2,
    most_together=2,
)

BLACK_BOX: Final = (
    OVERLAPPING_PULLS,
    ONE_AFTER_ANOTHER,
    TWO_STREAMS,
    THREE_STREAMS,
    CHUNK_COUNTS,
    BYTES,
)
"""For every implementation: states are told apart by what ops answer."""


def abstractions(capabilities: Collection[str]) -> tuple[Abstraction, ...]:
    """The abstractions for an implementation with those capabilities, cheap ones first."""
    shown = (SHOWN_STREAM, SHOWN_STREAMS) if "get" in capabilities else ()
    limited = (SMALL,) if "limits" in capabilities else ()
    return (*shown, *limited, *BLACK_BOX, *_bursts(capabilities))


def _bursts(capabilities: Collection[str]) -> tuple[Abstraction, ...]:
    if "together" not in capabilities:
        return ()
    shown = (SHOWN_BURSTS,) if "get" in capabilities else ()
    return (*shown, BURSTS_AT_THE_LIMIT, BURSTS_OF_STREAMS, BURSTS)
