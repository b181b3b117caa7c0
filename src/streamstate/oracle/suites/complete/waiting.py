"""The abstractions of dialects in which pushes wait: for room on a stream, on two of them, and in
bursts. Each is there with limits so small that two chunks fill a queue, and one of them without.
Those with a limit of zero, which are of use wherever a full queue does not accept, are here too."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from streamstate.model import (
    CancelPush,
    Control,
    Dialect,
    Event,
    Level,
    Limits,
    pushes_wait,
    tabulate,
)
from streamstate.oracle.suites.building import CLEAR, CREATE, FULL, On, created
from streamstate.oracle.suites.complete.abstraction import Abstraction

TWO_CHUNKS: Final = Limits(high_water_mark=3, max_queue_chunks=2)
ONE_CHUNK: Final = Limits(high_water_mark=3, max_queue_chunks=1)
UNBUFFERED: Final = Limits(high_water_mark=3, max_queue_chunks=0)

_NEWEST: Final = On(1)
_OLDER: Final = On(2)

_ENDS: Final = (_NEWEST.close, _NEWEST.error(""), _NEWEST.delete)
_CANCELS: Final = tuple(map(CancelPush, (0, 1, 2, 3)))
"""Of no push, of the oldest one that waits, of the next, and of the one after that."""

WAITING_PUSHES: Final = Abstraction(
    "pushes that wait",
    "one stream with limits of 3 bytes and 2 chunks, on which up to three pushes of 1 or 3 bytes"
    " wait",
    "A fourth push that waits; other limits.",
    created(1),
    (_NEWEST.push(bytes(1)), _NEWEST.push(bytes(3)), _NEWEST.pull, _NEWEST.is_full, *_ENDS),
    extra_states=1,
    most_chunks=5,
    most_waiting=3,
    limits=TWO_CHUNKS,
)

PUSHES_GIVEN_UP: Final = Abstraction(
    "pushes given up",
    "one stream with limits of 3 bytes and 2 chunks, and up to three pushes that wait, any of which"
    " may be given up",
    "A fourth push that waits; sizes other than one byte.",
    created(1),
    (_NEWEST.push(bytes(1)), _NEWEST.pull, *_ENDS, *_CANCELS),
    extra_states=1,
    most_chunks=5,
    most_waiting=3,
    limits=TWO_CHUNKS,
)

PUSHES_ON_STREAMS: Final = Abstraction(
    "pushes that wait on two streams",
    "two streams with a limit of one chunk, and up to two pushes that wait on each",
    "A third stream; close and errors.",
    created(2),
    (
        *(CREATE, CLEAR, _NEWEST.push(bytes(1)), _NEWEST.pull, _NEWEST.delete),
        *(_OLDER.push(bytes(1)), _OLDER.pull, _OLDER.delete),
    ),
    extra_states=1,
    most_chunks=2,
    most_waiting=1,
    limits=ONE_CHUNK,
)

BURSTS_OF_PUSHES: Final = Abstraction(
    "bursts of pushes that wait",
    "two ops on a full stream before it is quiet, with limits of 3 bytes and 2 chunks",
    "A third op before all is quiet, a third push that waits.",
    (*created(1), _NEWEST.push(bytes(1)), _NEWEST.push(bytes(1))),
    (_NEWEST.push(bytes(1)), _NEWEST.pull, *_ENDS),
    extra_states=0,
    most_chunks=4,
    limits=TWO_CHUNKS,
    most_together=2,
)

PUSHES_BEHIND_A_BIG_CHUNK: Final = Abstraction(
    "pushes that wait behind a big chunk",
    "one stream, filled by one chunk once, and up to three pushes that wait",
    "A fourth push that waits; the limit on chunks; a stream that is full again.",
    (*created(1), _NEWEST.push(FULL)),
    (_NEWEST.push(bytes(1)), _NEWEST.pull, *_ENDS),
    extra_states=1,
    most_chunks=4,
    most_waiting=3,
)

GIVEN_UP_BEHIND_A_BIG_CHUNK: Final = replace(
    PUSHES_BEHIND_A_BIG_CHUNK,
    name="pushes given up behind a big chunk",
    says=f"{PUSHES_BEHIND_A_BIG_CHUNK.says}, any of which may be given up",
    inputs=(*PUSHES_BEHIND_A_BIG_CHUNK.inputs, *_CANCELS),
)


RENDEZVOUS: Final = Abstraction(
    "rendezvous",
    "one stream with a limit of no chunk, on which up to three pushes or a pull wait",
    "A fourth push that waits; chunks that cancelled pulls give back.",
    created(1),
    (_NEWEST.push(bytes(1)), _NEWEST.pull, _NEWEST.is_full, *_ENDS),
    extra_states=1,
    most_chunks=3,
    most_waiting=3,
    limits=UNBUFFERED,
)

RENDEZVOUS_GIVEN_UP: Final = replace(
    RENDEZVOUS,
    name="rendezvous given up",
    says=f"{RENDEZVOUS.says}, any of which may be given up",
    inputs=(*RENDEZVOUS.inputs, *_CANCELS),
)

NOTHING_QUEUED: Final = replace(
    RENDEZVOUS,
    name="a queue without room",
    says="one stream with a limit of no chunk, on which a pull waits or none",
    blind_spot="Chunks that cancelled pulls give back.",
)


def abstractions_with_pushes(
    dialect: Dialect, capabilities: Collection[str]
) -> tuple[Abstraction, ...]:
    """Those for an implementation with such capabilities: in which pushes wait, the cheap ones
    first, and with a limit of zero; nothing where a full queue accepts."""
    cancels, limits = "cancel_push" in capabilities, "limits" in capabilities
    unbuffered = "unbuffered" in capabilities
    if not pushes_wait(dialect):
        return (NOTHING_QUEUED,) if unbuffered and _refuses(dialect) else ()
    behind = GIVEN_UP_BEHIND_A_BIG_CHUNK if cancels else PUSHES_BEHIND_A_BIG_CHUNK
    given_up = (PUSHES_GIVEN_UP,) if cancels and limits else ()
    small = (PUSHES_ON_STREAMS, WAITING_PUSHES) if limits else ()
    bursts = (BURSTS_OF_PUSHES,) if limits and "together" in capabilities else ()
    rendezvous = (RENDEZVOUS_GIVEN_UP if cancels else RENDEZVOUS,) if unbuffered else ()
    return (behind, *given_up, *small, *bursts, *rendezvous)


def _refuses(dialect: Dialect) -> bool:
    """Whether a full queue refuses a push."""
    entry = tabulate(dialect)[Event.PUSH][Control.OPEN_FULL][Level.FULL][False]
    return entry.returned is False
