"""What an op does to the outside, as values, in the order in which it happens.

An op that returns something has its `Returned` first; then come the settlements of pulls, oldest
first; then those of pushes, oldest first; then `Unblocked`. A clear does so stream by stream, as
the deletes that it stands for would. An op that returns nothing and settles nothing has no effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from streamstate.model.frozen import cheaply_made
from streamstate.model.values import (
    PullId,
    PullResult,
    PushId,
    PushReason,
    Reason,
    StreamId,
    View,
)


@cheaply_made
@dataclass(frozen=True, slots=True)
class Returned:
    """The op returned `value`: a stream number, a bool, or (from `Get`) a view or None."""

    value: StreamId | bool | View | None


@cheaply_made
@dataclass(frozen=True, slots=True)
class Resolved:
    """`pull` settled with a chunk, or found the end."""

    pull: PullId
    result: PullResult


@cheaply_made
@dataclass(frozen=True, slots=True)
class Rejected:
    """`pull` settled with a failure."""

    pull: PullId
    reason: Reason


@dataclass(frozen=True, slots=True)
class Abandoned:
    """`pull` will never settle: a later pull took its place (PULL_9)."""

    pull: PullId


@cheaply_made
@dataclass(frozen=True, slots=True)
class Accepted:
    """`push`, which waited, settled: its chunk is queued."""

    push: PushId


@cheaply_made
@dataclass(frozen=True, slots=True)
class TurnedAway:
    """`push`, which waited, settled: its chunk is not sent, and never will be."""

    push: PushId
    reason: PushReason


@dataclass(frozen=True, slots=True)
class Unblocked:
    """`stream` was open, not errored and full before the op, and is not after it."""

    stream: StreamId


Effect: TypeAlias = Returned | Resolved | Rejected | Abandoned | Accepted | TurnedAway | Unblocked
"""What an op does besides changing the state. An op has its effects in the order of the tuple."""
