"""Pulls for a caller that has no coroutine to suspend, and is told by a call: a guest's host.

These functions, `Waiter.look` and `Waiter.leave` are all that may be relied on outside of this
package. Nothing here decides anything, and nothing waits on an event loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from streamstate.model import StreamId
from streamstate.registry.core import StreamStateRegistry
from streamstate.registry.record import Over, Waiter
from streamstate.registry.view import StreamView

if TYPE_CHECKING:
    from streamstate.registry.pull import PendingPull

_SPENT: Final = Over.SPENT


class Told(Protocol):
    """Who is to be told that a pull has settled: what a future is to the registry."""

    def set_result(self, result: None, /) -> None:
        """It has, in this moment; the op that settled it goes on once this returns.

        Raises `RuntimeError` if nobody is there any more: a chunk then goes on to the next pull,
        or back to its place.
        """


def placed(registry: StreamStateRegistry, stream: StreamId, at_once: bool) -> bytes | Waiter:
    """Place a pull by this call. `at_once`: if that brought a chunk, the chunk, seen by that.

    Else what to look at once the pull has settled: it is given up by `leave`, and not by being
    dropped.
    """
    pull: PendingPull = registry.pull(stream)  # type: ignore[assignment]  # what it is
    waiter = pull.take()
    chunk = waiter.outcome
    if not at_once or not isinstance(chunk, bytes):
        return waiter
    if waiter.outside.announcer is not None:
        waiter.announce_look()
    waiter.outcome = _SPENT
    return chunk


def is_known(registry: StreamStateRegistry, stream: StreamId) -> bool:
    """Whether the registry has such a stream. O(1)."""
    registry._outside.enter()
    return stream in registry._streams


def waits(waiter: Waiter) -> bool:
    """Whether the pull has not settled."""
    return waiter.outcome is None


def is_abandoned(waiter: Waiter) -> bool:
    """Whether the pull will never settle (PULL_9)."""
    return waiter.outcome is Over.ABANDONED


def unseen(waiter: Waiter) -> int:
    """How many bytes the chunk has that the pull brought and nobody has looked at."""
    return len(waiter.outcome) if isinstance(waiter.outcome, bytes) else 0


def tell(waiter: Waiter, told: Told) -> None:
    """Tell `told` when the pull settles. Call it only once, and only for a pull that waits."""
    waiter.future = told  # type: ignore[assignment]  # all that the registry asks of a future here


def queued(view: StreamView, each: int) -> int:
    """How many bytes are queued, with `each` added for every chunk. O(1)."""
    record = view._record
    return record.size + each * record.count
