"""The two sides of a pull: what its caller holds, and what the registry holds.

The registry must never hold the caller's side, or it could not notice that the caller dropped it.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Coroutine, Generator
from enum import Enum, auto, unique
from types import TracebackType
from typing import Any, Final, TypeAlias

from streamstate.model import (
    Chunk,
    Deleted,
    Done,
    PullId,
    PullResult,
    Refused,
    StreamId,
    Superseded,
)
from streamstate.registry.errors import Failure


@unique
class Over(Enum):
    """What a pull is at when it neither waits nor has an outcome that somebody may look at."""

    SPENT = auto()
    """Its chunk was seen, or taken from it; or it was cancelled in its wait."""

    ABANDONED = auto()
    """It will never settle."""


Outcome: TypeAlias = Chunk | Done | Failure | Deleted | Superseded | Refused
"""How a pull settled, as the registry keeps it."""

Steps: TypeAlias = Generator[Any, Any, PullResult]
"""A started generator that waits for the outcome of one pull, to be driven by an event loop."""


class Waiter:
    """The registry's side of a pull. `outcome` is None while it waits, and a `Chunk` while it is
    handed one, of that `place`. `future` is there only while something awaits it."""

    __slots__ = ("future", "outcome", "place", "pull", "stream")

    def __init__(self, pull: PullId, stream: StreamId) -> None:
        self.pull = pull
        self.stream = stream
        self.outcome: Outcome | Over | None = None
        self.future: Future[None] | None = None
        self.place: int  # once it is handed a chunk


def wake(future: Future[None]) -> bool:
    """Let whatever awaits the future go on. False: its loop is closed, so it never will."""
    if future.done():
        return True
    try:
        future.set_result(None)
    except RuntimeError:  # raised by a closed loop, and by nothing else here
        return False
    return True


_ONCE: Final = "this pull is awaited already; pull again for the next chunk"


class PendingPull(Coroutine[Any, Any, PullResult]):
    """The caller's side of a pull that has been placed: await it, once, for `Chunk` or `Done`.

    It works where a coroutine does: `create_task`, `gather`, `wait_for`, `timeout`, `shield`,
    `TaskGroup`. A chunk is *seen* once `await` on this object itself has returned. Until then
    cancelling, closing or dropping it loses nothing: the chunk goes to the next waiting pull or
    back to its place (CANCEL_PULL_3 … CANCEL_PULL_6). Raises what the pull was rejected with,
    and `RuntimeError` if it is awaited a second time.
    """

    __slots__ = ("__weakref__", "_steps")

    def __init__(self, steps: Steps) -> None:
        self._steps: Steps | None = steps

    def __await__(self) -> Steps:
        steps = self._steps
        if steps is None:
            raise RuntimeError(_ONCE)
        self._steps = None  # the awaiting frame owns them now, so a drop there is noticed
        return steps

    def send(self, value: Any) -> Any:
        """Resume as an event loop does; see `collections.abc.Coroutine`."""
        steps = self._driven()
        try:
            return steps.send(value)
        except BaseException:
            self._steps = None  # over, with a result or without
            raise

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        """Raise inside the wait, which gives the pull up; see `collections.abc.Coroutine`."""
        steps = self._driven()
        try:
            return steps.throw(_instance(typ, val, tb))
        except BaseException:
            self._steps = None
            raise

    def _driven(self) -> Steps:
        if self._steps is None:
            raise RuntimeError(_ONCE)
        return self._steps

    def close(self) -> None:
        """Give the pull up. Nothing is lost; closing twice, or after the end, does nothing."""
        if self._steps is not None:
            self._steps.close()
            self._steps = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}>"


def _instance(
    typ: type[BaseException] | BaseException, val: object, tb: TracebackType | None
) -> BaseException:
    """The exception that a three-argument throw, deprecated but still called, stands for."""
    if isinstance(typ, BaseException):
        made = typ
    elif isinstance(val, BaseException):
        made = val
    else:
        made = typ() if val is None else typ(val)
    return made if tb is None else made.with_traceback(tb)
