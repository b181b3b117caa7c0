"""The two sides of a pull: what its caller holds, and what the registry holds.

The registry must never hold the caller's side, or it could not notice that the caller dropped it.
"""

from __future__ import annotations

from asyncio import Future, InvalidStateError
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
    handed one, of that `place`. `future` is there only while something awaits it.

    It is made bare and filled in by the op, which takes half as long as an `__init__`.
    """

    __slots__ = ("future", "outcome", "place", "pull", "stream")

    pull: PullId
    stream: StreamId
    outcome: Outcome | Over | None
    future: Future[None] | None
    place: int  # once it is handed a chunk


def wake(future: Future[None]) -> bool:
    """Let whatever awaits the future go on. False: its loop is closed, so it never will."""
    try:
        future.set_result(None)
    except InvalidStateError:  # cancelled, which its awaiter will be told if there is a loop to
        return not future.get_loop().is_closed()
    except RuntimeError:  # raised by a closed loop, and by nothing else here
        return False
    return True


_ONCE: Final = "this pull was awaited already; pull again for the next chunk"


class PendingPull(Coroutine[Any, Any, PullResult]):
    """The caller's side of a pull that has been placed: await it, once, for `Chunk` or `Done`.

    It works where a coroutine does: `create_task`, `gather`, `wait_for`, `timeout`, `shield`,
    `TaskGroup`. A chunk is *seen* once `await` on this object itself has returned. Until then
    cancelling, closing or dropping it loses nothing: the chunk goes to the next waiting pull or
    back to its place (CANCEL_PULL_3 … CANCEL_PULL_6). Raises what the pull was rejected with,
    and `RuntimeError` if it is awaited a second time.
    """

    __slots__ = ("__weakref__", "_parked", "_steps")

    _steps: Steps | None
    """None once a frame that awaits has taken them, so that a drop there is noticed, or at the
    end."""

    _parked: Future[None] | None
    """What somebody who drives the pull with `send`, a task say, waits for."""

    def __await__(self) -> Steps:
        steps = self._steps
        if steps is None or self._parked is not None:
            raise RuntimeError(_ONCE)
        self._steps = None
        return steps

    def send(self, value: Any) -> Any:
        """Resume as an event loop does; see `collections.abc.Coroutine`."""
        if self._steps is None or (self._parked is not None and not self._parked.done()):
            raise RuntimeError(_ONCE)  # the second to drive it, and the first goes on waiting
        try:
            self._parked = self._steps.send(value)
        except BaseException:
            self._steps = self._parked = None  # over, with a result or without
            raise
        return self._parked

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        """Raise inside the wait, which gives the pull up; see `collections.abc.Coroutine`."""
        if self._steps is None:
            raise RuntimeError(_ONCE)
        try:
            return self._steps.throw(_instance(typ, val, tb))
        finally:
            self._end()

    def close(self) -> None:
        """Give the pull up. Nothing is lost; closing twice, or after the end, does nothing."""
        if self._steps is not None:
            self._steps.close()
            self._end()

    def _end(self) -> None:
        parked, self._parked, self._steps = self._parked, None, None
        if parked is not None:
            wake(parked)  # whoever waits for it, if that is somebody else, must not do so for ever

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
