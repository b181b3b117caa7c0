"""One registry in this process: does its ops, and looks at its pulls as they settle."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeAlias, assert_never

from streamstate.model import (
    CancelPull,
    CancelPush,
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
from streamstate.oracle.adapters.convention import Convention
from streamstate.oracle.adapters.lending import Held, Lender, Lending, Lent
from streamstate.oracle.adapters.quiescence import QuietLoop, Steps
from streamstate.oracle.adapters.waiting_pushes import GivenUp, WaitingPushes
from streamstate.wire import Json, Together, Turn, encode_bytes

Answer: TypeAlias = tuple[Json, Sequence[Json]]
"""What an op returned, and the pulls and pushes that settled: `[returned, settled]` of the wire."""

UNFINISHED: Final = "it has not returned, and nothing is left to run that it could wait for"


_Begun: TypeAlias = "Json | asyncio.Task[Any] | GivenUp"
"""What an op returned, or what it takes to find out."""

_Settled: TypeAlias = concurrent.futures.Future[Any] | asyncio.Future[Any]


class Session:
    """One registry, the ops done on it so far, and the pulls and pushes that have not settled."""

    def __init__(
        self, loop: QuietLoop, registry: Any, convention: Convention, ways: Sequence[Lending]
    ) -> None:
        self._loop: Final = loop
        self._lender: Final = Lender(ways)
        self._held: Final = Held()
        self._registry: Final = registry
        self._convention: Final = convention
        self._settled: list[tuple[PullId, _Settled]] = []
        self._tasks: Final[dict[PullId, asyncio.Future[Any]]] = {}
        self._given_up: Final[set[PullId]] = set()
        self._pushes: Final = WaitingPushes(convention)
        self._pulls = 0
        self._begins_later = False
        """Whether the last pull does nothing before it is awaited."""
        self.thrown: BaseException | None = None
        """The exception of the last op that threw."""

    def end(self) -> Steps[None]:
        """Give up the pulls and pushes that still wait."""
        left = [task for task in self._tasks.values() if not task.done()]
        left += self._pushes.left()
        for task in left:
            task.cancel()
        if left:
            yield None

    def do(self, turns: Iterable[Turn]) -> Steps[list[Answer]]:
        """Do the turns one by one: an answer for each, once everything that it set off has
        happened.

        Raises nothing for what the registry does.
        """
        answers: list[Answer] = []
        for turn in turns:
            returned: Json
            if isinstance(turn, Together):
                several = yield from self._several(turn.ops)
                yield None
                returned = [self._ended(*each) for each in zip(turn.ops, several, strict=True)]
            else:
                begun = self._begun(turn)
                yield None
                returned = self._ended(turn, begun)
            answers.append((returned, [*self._told(), *self._pushes.told()]))
        return answers

    def _several(self, ops: Sequence[Op]) -> Steps[list[_Begun]]:
        """Do them one after the other, and wait for nothing between them but that an op which is
        async has returned, or waits, and a pull which is one has begun; not even for that where an
        awaiter gives up, as it could look before."""
        begun: list[_Begun] = []
        in_turn = not any(isinstance(op, CancelPull | CancelPush) for op in ops)
        for op in ops:
            each = self._begun(op)
            begun.append(each)
            if in_turn and isinstance(each, asyncio.Task):
                yield each.add_done_callback
                begun[-1] = self._ended(op, each)  # what it shows now, it may not show later
            elif in_turn and isinstance(op, Pull) and self._begins_later:
                yield self._loop.soon
        return begun

    def _told(self) -> Iterator[Json]:
        """The chunks that changed since the last call, and the pulls that settled, in that order.
        It looks at chunks only now: a pull may settle within a push, whose chunk is its owner's
        until the push is done."""
        for number, chunk in self._held.changed():
            yield [number, "changed", encode_bytes(chunk)]
        settled, self._settled = self._settled, []
        for number, done in settled:
            if done.cancelled() and number in self._given_up:
                continue
            # To have it raised here would tie it to this frame.
            error = asyncio.CancelledError() if done.cancelled() else done.exception()
            if error is None:
                yield self._brought(number, done.result())
            else:
                yield _rejection(self._convention, number, error)

    def _begun(self, op: Op) -> _Begun:
        """What an op that was called returned; where it is async, what goes on."""
        try:
            if isinstance(op, CancelPush):
                return self._pushes.give_up(op.push)
            returned = self._call(op)
            if returned is None or isinstance(returned, int) or not inspect.isawaitable(returned):
                return self._convention.returned(op, returned)
        except (Exception, asyncio.CancelledError) as error:  # a view, too, can show anything
            return self._threw(error)
        return self._loop.spawn(returned)

    def _threw(self, error: BaseException) -> Json:
        self.thrown = error
        return {"threw": self._convention.threw(error)}

    def _ended(self, op: Op, begun: _Begun) -> Json:
        if isinstance(begun, GivenUp):
            return begun.ended_its_wait()
        if not isinstance(begun, asyncio.Task):
            return begun
        if not begun.done():
            if isinstance(op, Push):
                self._pushes.begin(begun)
                return None
            begun.cancel()
            return f"nothing: {UNFINISHED}"
        try:
            return self._convention.returned(op, begun.result())
        except (Exception, asyncio.CancelledError) as error:
            return self._threw(error)

    def _call(self, op: Op) -> object:
        registry = self._registry
        match op:
            case Push(stream, chunk):
                return self._push(stream, bytes(chunk))  # strategies have a kind of their own
            case Pull(stream):
                self._pull(stream)
                return None
            case IsQueueFull(stream):
                return registry.is_queue_full(stream)
            case Create():
                return registry.create()
            case Close(stream):
                return registry.close(stream)
            case Error(stream, value):
                return registry.error(stream, self._convention.error_value(str(value)))
            case Delete(stream):
                return registry.delete(stream)
            case Clear():
                return registry.clear()
            case Get(stream):
                return registry.get(stream)
            case CancelPull(pull):
                self._give_up(pull)
                return None
            case Seen() | CancelPush():
                raise AssertionError(f"{op} cannot be asked of an implementation")
            case _:
                assert_never(op)

    def _push(self, stream: StreamId, chunk: bytes) -> object:
        """Give the memory of the chunk back to its owner, once the push has returned or is done."""
        lent = self._lender.lend(chunk)
        try:
            returned = self._registry.push(stream, lent.piece)
        except BaseException:
            lent.write_over()
            raise
        if not (returned is None or isinstance(returned, int)) and inspect.isawaitable(returned):
            return _lent_until_done(returned, lent)
        lent.write_over()
        return returned

    def _pull(self, stream: StreamId) -> None:
        self._pulls += 1  # also a pull that raises when it is called has its number
        number = self._pulls
        self._begins_later = False
        pull = self._registry.pull(stream)
        self._begins_later = inspect.iscoroutine(pull)
        if isinstance(pull, concurrent.futures.Future):
            pull.add_done_callback(partial(self._look, number))
        elif inspect.isawaitable(pull):
            # Awaited by nothing of ours: a task that is cancelled before it runs begins nothing.
            awaiting = self._tasks[number] = self._loop.awaiting(pull)
            awaiting.add_done_callback(partial(self._look, number))
        else:
            raise TypeError(f"pull returned {pull!r}, which cannot be awaited")

    def _give_up(self, number: PullId) -> None:
        task = self._tasks.get(number)
        if task is not None and not task.done():
            self._given_up.add(number)
            task.cancel()

    def _look(self, number: PullId, done: _Settled) -> None:
        """Note that a future settled. Whoever settles one of `concurrent.futures` calls this at
        once, so no task is needed to see the order."""
        self._settled.append((number, done))

    def _brought(self, number: PullId, result: object) -> Json:
        try:
            chunk = self._convention.chunk(result)
            if chunk is None:
                return [number, "done"]
            written = encode_bytes(chunk)
            self._held.write_into(number, result)
        except Exception as error:
            return [number, "brought", str(error)]
        return [number, "value", written]


def _rejection(convention: Convention, number: PullId, error: BaseException) -> Json:
    try:
        message = convention.rejection(error)
    except Exception as unread:
        return [number, "brought", f"{error!r}, unreadable: {unread}"]
    return [number, "done"] if message is None else [number, "error", message]


async def _lent_until_done(push: Awaitable[Any], lent: Lent) -> Any:
    try:
        return await push
    finally:
        lent.write_over()
