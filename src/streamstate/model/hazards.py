"""Hazards: what a user may count on, and cannot in some dialects, each with its shortest program.

Three things are counted on: that every pull is answered, that bytes a producer handed over reach
whoever pulls, and that memory stays bounded. A policy that gives one up does so for a reason; this
module says which, so that nobody finds out the long way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from streamstate.model.dialect import Dialect
from streamstate.model.ops import Create, Error, Op, Pull, Push
from streamstate.model.values import Limits, StreamId


@dataclass(frozen=True, slots=True)
class Hazard:
    """A property that fails in every dialect whose `field` is `value` or one of `also`, and in no
    other.

    `program`, run on a fresh registry with `limits`, shows it with its last op.
    """

    name: str
    field: str
    value: str
    sentence: str
    program: tuple[Op, ...]
    limits: Limits = Limits()  # noqa: RUF009  # frozen, so it can be shared
    also: tuple[str, ...] = ()


_STREAM: Final[StreamId] = 1
_ONE_CHUNK: Final = Limits(max_queue_chunks=1)

HAZARDS: Final = (
    Hazard(
        "dangling-pull",
        "overlapping_pull",
        "overwrite",
        "A pull can be left that never settles, whatever happens later.",
        (Create(), Pull(_STREAM), Pull(_STREAM)),
    ),
    Hazard(
        "unbounded-pulls",
        "overlapping_pull",
        "queue",
        "Any number of pulls can wait on one stream, so a consumer that calls and never awaits"
        " grows without bound.",
        (Create(), Pull(_STREAM), Pull(_STREAM)),
    ),
    Hazard(
        "unreachable-bytes",
        "errored_backlog",
        "hold",
        "Chunks of an errored stream stay queued and counted, and no pull will ever bring them.",
        (Create(), Push(_STREAM, b"a"), Error(_STREAM, "boom")),
    ),
    Hazard(
        "dropped-bytes",
        "errored_backlog",
        "drop",
        "A chunk that was accepted can be lost while its stream is still known.",
        (Create(), Push(_STREAM, b"a"), Error(_STREAM, "boom")),
    ),
    Hazard(
        "unbounded-queue",
        "push_when_full",
        "accept",
        "A producer that never asks whether the queue is full grows it without bound.",
        (Create(), Push(_STREAM, b"a"), Push(_STREAM, b"b")),
        _ONE_CHUNK,
    ),
    Hazard(
        "refused-bytes",
        "push_when_full",
        "refuse",
        "False from push does not mean that the stream takes no more, so a producer that thinks so"
        " loses bytes of a live stream.",
        (Create(), Push(_STREAM, b"a"), Push(_STREAM, b"b")),
        _ONE_CHUNK,
    ),
    Hazard(
        "unbounded-pushes",
        "push_when_full",
        "wait",
        "Any number of pushes can wait on one stream, each with its chunk, so a producer that calls"
        " and never awaits grows without bound.",
        (Create(), Push(_STREAM, b"a"), Push(_STREAM, b"b"), Push(_STREAM, b"c")),
        _ONE_CHUNK,
        ("wait_through_close",),
    ),
)
"""Every hazard, in the order of the policy fields and their values."""


def hazards(dialect: Dialect) -> tuple[Hazard, ...]:
    """Those that `dialect` has, in the order of `HAZARDS`."""
    return tuple(
        hazard
        for hazard in HAZARDS
        if getattr(dialect, hazard.field) in (hazard.value, *hazard.also)
    )
