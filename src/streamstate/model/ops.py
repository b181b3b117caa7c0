"""The operations of a registry, as values.

`Create` to `Clear` are what callers do. `CancelPull` and `Seen` are what happens to a pull after
its call: its awaiter gave it up, or has looked at its chunk. `CancelPush` is the same for a push
that waited. Streams, pulls and pushes that do not exist are legal everywhere: there is a rule for
each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from streamstate.model.values import PullId, PushId, StreamId


@dataclass(frozen=True, slots=True)
class Create:
    """Make a stream and return its number. Rules CREATE_*."""


@dataclass(frozen=True, slots=True)
class Get:
    """Look at `stream`: return its `View`, or None if it is unknown. Rules GET_*."""

    stream: StreamId


@dataclass(frozen=True, slots=True)
class Push:
    """Offer `chunk` to `stream`; return whether it was accepted, or take the next push number and
    wait, returning nothing. Rules PUSH_*."""

    stream: StreamId
    chunk: bytes


@dataclass(frozen=True, slots=True)
class Pull:
    """Ask `stream` for a chunk; takes the next pull number. Rules PULL_*."""

    stream: StreamId


@dataclass(frozen=True, slots=True)
class Close:
    """Say that no more data will come on `stream`. Rules CLOSE_*."""

    stream: StreamId


@dataclass(frozen=True, slots=True)
class Error:
    """Say that `stream` failed with `value`, which the model never looks into. Rules ERROR_*."""

    stream: StreamId
    value: object


@dataclass(frozen=True, slots=True)
class IsQueueFull:
    """Ask whether the queue of `stream` has reached a limit. Rules IS_QUEUE_FULL_*."""

    stream: StreamId


@dataclass(frozen=True, slots=True)
class Delete:
    """Forget `stream`. Rules DELETE_*."""

    stream: StreamId


@dataclass(frozen=True, slots=True)
class Clear:
    """Delete every stream, in the order of creation. Rules CLEAR_*."""


@dataclass(frozen=True, slots=True)
class CancelPull:
    """The awaiter of `pull` gave it up before it saw anything. Rules CANCEL_PULL_*."""

    pull: PullId


@dataclass(frozen=True, slots=True)
class Seen:
    """The awaiter of `pull` has looked at its chunk, which is now its own. Rules SEEN_*."""

    pull: PullId


@dataclass(frozen=True, slots=True)
class CancelPush:
    """The caller of `push`, which waited, gave it up; return whether that ended its wait. Rules
    CANCEL_PUSH_*."""

    push: PushId


Op: TypeAlias = (
    Create
    | Get
    | Push
    | Pull
    | Close
    | Error
    | IsQueueFull
    | Delete
    | Clear
    | CancelPull
    | Seen
    | CancelPush
)
"""Every op, and what those who await do: cancel pulls and pushes, and look at chunks."""
