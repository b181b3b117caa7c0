"""One registry in this process: its ops called, and its pulls looked at as they settle."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from collections.abc import Awaitable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, assert_never

from streamstate.model import (
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    PullId,
    Push,
    Seen,
    StreamId,
)
from streamstate.testing.returned import encode, threw
from streamstate.wire import Json, Together, Turn, encode_bytes

if TYPE_CHECKING:
    from streamstate.testing.driver import Driver

Answer: TypeAlias = tuple[Json, Sequence[Json]]
"""What an op returned, and the pulls that settled: `[returned, settled]` of the wire."""

UNFINISHED: Final = "it has not returned, and nothing is left to run that it could wait for"


class _Raised(NamedTuple):
    """An op raised when it was called."""

    error: BaseException


class _Returned(NamedTuple):
    """An op returned at once."""

    value: object


_Begun: TypeAlias = _Raised | _Returned | asyncio.Task[Any]
"""An op that was called; where it is async, what goes on."""


_Settled: TypeAlias = concurrent.futures.Future[Any] | asyncio.Future[Any]


class Session:
    """One registry, the ops done on it so far, and the pulls that have not settled."""

    def __init__(self, driver: Driver, registry: Any) -> None:
        self._driver: Final = driver
        self._convention: Final = driver.convention
        self._registry: Final = registry
        self._settled: list[Json] = []
        self._tasks: Final[dict[PullId, asyncio.Future[Any]]] = {}
        self._given_up: Final[set[PullId]] = set()
        self._pulls = 0
        self._over = False

    async def end(self) -> None:
        """Give up the pulls that still wait."""
        self._over = True
        left = [task for task in self._tasks.values() if not task.done()]
        for task in left:
            task.cancel()
        if left:
            await self._driver.quiet()

    async def do(self, turns: Iterable[Turn]) -> list[Answer]:
        """Do them in turn: an answer for each. Raises nothing for what the registry does."""
        answers: list[Answer] = []
        for turn in turns:
            if isinstance(turn, Together):
                returned: Json = await self._answers(turn.ops)
            else:
                (returned,) = await self._answers((turn,))
            settled, self._settled = self._settled, []
            answers.append((returned, settled))
        return answers

    async def _answers(self, ops: Sequence[Op]) -> list[Json]:
        """What each op returned, once everything that they set off has happened."""
        begun = [self._begun(op) for op in ops]
        await self._driver.quiet()
        return [self._ended(op, each) for op, each in zip(ops, begun, strict=True)]

    def _begun(self, op: Op) -> _Begun:
        try:
            returned = self._call(op)
        except (Exception, asyncio.CancelledError) as error:
            return _Raised(error)
        if returned is None or not inspect.isawaitable(returned):
            return _Returned(returned)
        return self._driver.spawn(returned)

    def _ended(self, op: Op, begun: _Begun) -> Json:
        if isinstance(begun, _Raised):
            return threw(begun.error)
        if isinstance(begun, _Returned):
            return self._encoded(op, begun.value)
        if not begun.done():
            begun.cancel()
            return f"nothing: {UNFINISHED}"
        try:
            returned = begun.result()
        except (Exception, asyncio.CancelledError) as error:
            return threw(error)
        return self._encoded(op, returned)

    def _encoded(self, op: Op, returned: object) -> Json:
        try:
            return encode(op, returned, self._convention)
        except Exception as error:  # a view can show anything
            return threw(error)

    def _call(self, op: Op) -> object:
        registry = self._registry
        match op:
            case Create():
                return registry.create()
            case Push(stream, chunk):
                return registry.push(stream, bytes(chunk))  # strategies have a kind of their own
            case Pull(stream):
                self._pull(stream)
                return None
            case Close(stream):
                return registry.close(stream)
            case Error(stream, value):
                return registry.error(stream, self._convention.error_value(str(value)))
            case IsQueueFull(stream):
                return registry.is_queue_full(stream)
            case Delete(stream):
                return registry.delete(stream)
            case Clear():
                return registry.clear()
            case Get(stream):
                return registry.get(stream)
            case CancelPull(pull):
                self._give_up(pull)
                return None
            case Seen():
                raise AssertionError(f"{op} cannot be asked of an implementation")
            case _:
                assert_never(op)

    def _pull(self, stream: StreamId) -> None:
        self._pulls += 1  # also a pull that raises when it is called has its number
        number = self._pulls
        pull = self._registry.pull(stream)
        if isinstance(pull, concurrent.futures.Future):
            pull.add_done_callback(lambda done: self._look(number, done))
        elif inspect.isawaitable(pull) and "cancel" in self._driver.capabilities:
            # Awaited by nothing of ours: a task that is cancelled before it runs begins nothing.
            awaiting = self._tasks[number] = self._driver.awaiting(pull)
            awaiting.add_done_callback(lambda done: self._look(number, done))
        elif inspect.isawaitable(pull):
            self._tasks[number] = self._driver.spawn(self._await(number, pull))
        else:
            raise TypeError(f"pull returned {pull!r}, which cannot be awaited")

    def _give_up(self, number: PullId) -> None:
        task = self._tasks.get(number)
        if task is not None and not task.done():
            self._given_up.add(number)
            task.cancel()

    def _look(self, number: int, done: _Settled) -> None:
        """A future settled. One of the threads' kind calls back whoever settles it, so no task is
        needed to see the order."""
        if done.cancelled() and number in self._given_up:
            return
        try:
            result = done.result()
        except (Exception, asyncio.CancelledError) as error:
            self._note_rejection(number, error)
        else:
            self._note_result(number, result)

    async def _await(self, number: int, pull: Awaitable[object]) -> None:
        try:
            result = await pull
        except (Exception, asyncio.CancelledError) as error:
            self._note_rejection(number, error)
        else:
            self._note_result(number, result)

    def _note_result(self, number: int, result: object) -> None:
        try:
            chunk = self._convention.chunk(result)
        except Exception as error:
            self._settled.append([number, "brought", str(error)])
            return
        if chunk is None:
            self._settled.append([number, "done"])
        else:
            self._settled.append([number, "value", encode_bytes(chunk)])

    def _note_rejection(self, number: int, error: BaseException) -> None:
        if self._over:
            return
        try:
            message = self._convention.rejection(error)
        except Exception as unread:
            self._settled.append([number, "brought", f"{error!r}, unreadable: {unread}"])
            return
        if message is None:
            self._settled.append([number, "done"])
        else:
            self._settled.append([number, "error", message])
