"""Plain values: what a pull can bring, why it can be rejected, and how much a queue should hold.

Everything here is immutable, compares by value, and hashes whenever the error values inside do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from streamstate.model.frozen import cheaply_made

StreamId: TypeAlias = int
"""Number of a stream: 1, 2, 3 … in the order of creation, never used again."""

PullId: TypeAlias = int
"""Number of a pull: 1, 2, 3 … in the order of calls on one registry, never used again."""

PushId: TypeAlias = int
"""Number of a push that waited: 1, 2, 3 … in the order in which they began, never used again."""

HIGH_WATER_MARK: Final = 64 * 1024
"""Bytes in a queue from which on it counts as full, unless limits say otherwise."""

MAX_QUEUE_CHUNKS: Final = 16
"""Chunks in a queue from which on it counts as full, unless limits say otherwise."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a queue is full: at `high_water_mark` bytes or at `max_queue_chunks` chunks. With a
    limit of zero it always is, even with nothing in it.

    Raises `TypeError` for a limit that is not an int, `ValueError` for one below 0.
    """

    high_water_mark: int = HIGH_WATER_MARK
    max_queue_chunks: int = MAX_QUEUE_CHUNKS

    def __post_init__(self) -> None:
        _require_limit("high_water_mark", self.high_water_mark)
        _require_limit("max_queue_chunks", self.max_queue_chunks)


def _require_limit(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, not {type(value).__name__}: {value!r}")
    if value < 0:
        raise ValueError(f"{name} must be at least 0, not {value}")


@cheaply_made
@dataclass(frozen=True, slots=True)
class Chunk:
    """A pull brought the bytes in `value`."""

    value: bytes
    done: ClassVar[Literal[False]] = False


@dataclass(frozen=True, slots=True)
class Done:
    """A pull found the end: its stream is unknown, or closed and drained."""

    done: ClassVar[Literal[True]] = True


PullResult: TypeAlias = Chunk | Done
"""What a pull that is not rejected brings."""


@cheaply_made
@dataclass(frozen=True, slots=True)
class Errored:
    """Rejected, or turned away, because the stream errored with `value`, which is opaque to the
    model."""

    value: object


@dataclass(frozen=True, slots=True)
class Deleted:
    """Rejected, or turned away, because the stream was deleted while the pull or push waited."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """Rejected because a later pull took its place."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Rejected because another pull was already waiting."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Turned away because the stream was closed while the push waited."""


Reason: TypeAlias = Errored | Deleted | Superseded | Refused
"""Why a pull is rejected."""

PushReason: TypeAlias = Ended | Errored | Deleted
"""Why a push that waited is turned away."""

# Values without fields are shared: one object each is enough.
DONE: Final = Done()
DELETED: Final = Deleted()
SUPERSEDED: Final = Superseded()
REFUSED: Final = Refused()
ENDED: Final = Ended()


@cheaply_made
@dataclass(frozen=True, slots=True)
class View:
    """What `get` shows of a stream at one moment: `queue` oldest first, `queue_size` in bytes.

    `error_value` is None unless `errored`. `deleted` is true only in the last view of a stream that
    has gone: its flags as they were, nothing queued, no pull waiting (see `detached`).
    """

    queue: tuple[bytes, ...] = ()
    queue_size: int = 0
    closed: bool = False
    errored: bool = False
    error_value: object = None
    pull_waiting: bool = False
    deleted: bool = False

    def detached(self) -> View:
        """The view that remains once the stream is deleted (DELETE_2, DELETE_3)."""
        return View(
            closed=self.closed, errored=self.errored, error_value=self.error_value, deleted=True
        )
