"""One registry in this process: does its ops, and looks at its pulls as they settle."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

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
from streamstate.oracle.adapters.awaited import Awaited, Settled
from streamstate.oracle.adapters.convention import Convention
from streamstate.oracle.adapters.lending import Held, Lending, Lent, in_turn
from streamstate.oracle.adapters.quiescence import QuietLoop, Steps
from streamstate.wire import Json, Together, Turn, encode_bytes

Answer: TypeAlias = tuple[Json, Sequence[Json]]
"""What an op returned, and the pulls and pushes that settled: `[returned, settled]` of the wire."""

UNFINISHED: Final = "it has not returned, and nothing is left to run that it could wait for"


class _GivenUp(NamedTuple):
    """What was asked for by a cancel of a push. Whether that ended its wait, so that its chunk is
    never sent, is seen once all is quiet: a task notices a cancel when it runs."""

    push: asyncio.Future[Any] | None


_Begun: TypeAlias = "Json | asyncio.Task[Any] | _GivenUp"
"""What an op returned, or what it takes to find out."""


class Session:
    """One registry, the ops done on it so far, and the pulls and pushes that have not settled."""

    def __init__(
        self, loop: QuietLoop, registry: Any, convention: Convention, ways: Sequence[Lending]
    ) -> None:
        self._loop: Final = loop
        self._ways: Final = in_turn(ways)
        self._held: Final = Held()
        self._registry: Final = registry
        self._convention: Final = convention
        self._pulls: Final = Awaited()
        self._pushes: Final = Awaited()
        """Those that wait for room: tasks that have not returned once all is quiet."""
        self._begins_later = False
        """Whether the last pull does nothing before it is awaited."""
        self.thrown: BaseException | None = None
        """The exception of the last op that threw."""

    def end(self) -> Steps[None]:
        """Give up the pulls and pushes that still wait."""
        left = [*self._pulls.left(), *self._pushes.left()]
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
            answers.append((returned, [*self._told()]))
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
        """The chunks that changed since the last call, and the pulls and pushes that settled, in
        that order. It looks at chunks only now: a pull may settle within a push, whose chunk is its
        owner's until the push is done."""
        for number, chunk in self._held.changed():
            yield [number, "changed", encode_bytes(chunk)]
        for pull in self._pulls.settled():
            if pull.error is None:
                yield self._brought(pull.number, pull.result)
            else:
                yield _rejection(self._convention, pull.number, pull.error)
        for push in self._pushes.settled():
            yield ["push", push.number, *_of_a_push(self._convention, push)]

    def _begun(self, op: Op) -> _Begun:
        """What an op that was called returned; where it is async, what goes on."""
        try:
            if isinstance(op, CancelPush):
                return _GivenUp(self._pushes.give_up(op.push))
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
        if isinstance(begun, _GivenUp):
            return begun.push is not None and begun.push.cancelled()
        if not isinstance(begun, asyncio.Task):
            return begun
        if not begun.done():
            if isinstance(op, Push):
                self._pushes.add(self._pushes.number(), begun)
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
                self._pulls.give_up(pull)
                return None
            case Seen() | CancelPush():
                raise AssertionError(f"{op} cannot be asked of an implementation")
            case _:
                assert_never(op)

    def _push(self, stream: StreamId, chunk: bytes) -> object:
        """Give the memory of the chunk back to its owner, once the push has returned or is done."""
        lent = next(self._ways)(chunk)
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
        number = self._pulls.number()  # which a pull has, too, that raises when it is called
        self._begins_later = False
        pull = self._registry.pull(stream)
        self._begins_later = inspect.iscoroutine(pull)
        if isinstance(pull, concurrent.futures.Future):
            self._pulls.add(number, pull)
        elif inspect.isawaitable(pull):
            # Awaited by nothing of ours: a task that is cancelled before it runs begins nothing.
            self._pulls.add(number, self._loop.awaiting(pull))
        else:
            raise TypeError(f"pull returned {pull!r}, which cannot be awaited")

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


def _of_a_push(convention: Convention, push: Settled) -> tuple[str, ...]:
    if push.error is None:
        if push.result is None or push.result is True:
            return ("accepted",)
        return "turned_away", f"it returned {push.result!r}"
    try:
        return "turned_away", convention.rejection(push.error) or ""
    except Exception as unread:
        return "turned_away", f"{push.error!r}, unreadable: {unread}"


async def _lent_until_done(push: Awaitable[Any], lent: Lent) -> Any:
    try:
        return await push
    finally:
        lent.write_over()
