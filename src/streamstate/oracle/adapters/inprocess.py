"""An asyncio implementation in this process, driven one op at a time, each once it is quiet.

The next op is done each time that the loop has nothing left to run (`adapters.quiet`), so that all
that the last one set off has happened by then.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final, Protocol, TypeAlias, assert_never, runtime_checkable

from streamstate.model import (
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    PullId,
    PullResult,
    Push,
    Seen,
    StreamId,
)
from streamstate.oracle.adapters.implementation import Hello, Request
from streamstate.oracle.adapters.quiet import quiet_loop
from streamstate.wire import Json, Together, Turn, answer_text, compact, encode_bytes, message_of


class StreamView(Protocol):
    """What `get` of an asyncio registry returns."""

    @property
    def queue(self) -> Sequence[bytes]: ...
    @property
    def queue_size(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    @property
    def errored(self) -> bool: ...
    @property
    def error_value(self) -> object: ...
    @property
    def pull_waiting(self) -> bool: ...


class Registry(Protocol):
    """An asyncio registry: sync ops, and a pull that is placed by the call and then awaited."""

    def create(self) -> StreamId: ...
    def get(self, stream: StreamId, /) -> StreamView | None: ...
    def push(self, stream: StreamId, chunk: bytes, /) -> bool: ...
    def pull(self, stream: StreamId, /) -> Awaitable[PullResult]: ...
    def close(self, stream: StreamId, /) -> object: ...
    def error(self, stream: StreamId, error_value: object, /) -> object: ...
    def is_queue_full(self, stream: StreamId, /) -> bool: ...
    def delete(self, stream: StreamId, /) -> object: ...
    def clear(self) -> object: ...  # what returns nothing is held to that, too


Factory: TypeAlias = Callable[[Limits], Registry]


@runtime_checkable
class _Throwable(Protocol):
    """A coroutine, or what works as one does."""

    def throw(self, error: BaseException, /) -> object: ...


@runtime_checkable
class _Cancellable(Protocol):
    """A future."""

    def cancel(self) -> bool: ...


class InProcessImplementation:
    """Runs programs on registries made by `factory`, all on one event loop of its own.

    An op that never returns cannot be interrupted here: run it as a child for that. With `cancels`
    it offers to cancel the tasks that await pulls.
    """

    def __init__(self, factory: Factory, name: str, version: str, *, cancels: bool = False) -> None:
        offered = {"get", "limits", "cancel"} if cancels else {"get", "limits"}
        self.hello: Final = Hello(
            name=name,
            version=version,
            language=f"Python {sys.version_info.major}.{sys.version_info.minor}",
            capabilities=frozenset(offered),
            exact=True,
        )
        self._factory: Final = factory
        self._when_quiet: Callable[[], None] = _nothing
        self._loop: Final = quiet_loop(self._quiet)

    def _quiet(self) -> None:
        self._when_quiet()

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        for request in requests:
            yield self._answer(request).encode("utf-8", "replace")

    def _answer(self, request: Request) -> str:
        try:
            registry = self._factory(request.limits or Limits())
        except Exception as error:
            return compact({"seq": request.seq, "failed": message_of(error)})
        run = _Run(self._loop, registry, request)
        self._when_quiet = run.go_on
        self._loop.run_forever()
        return f'{{"seq":{request.seq},"trace":[{",".join(run.answers)}],"late":[]}}'

    def close(self) -> None:
        """Close the loop."""
        self._when_quiet = _nothing
        self._loop.close()


def _nothing() -> None:
    pass


class _Run:
    """One program under way: `go_on` is called each time that nothing is left to happen."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, registry: Registry, request: Request
    ) -> None:
        self.answers: Final[list[str]] = []
        self._loop: Final = loop
        self._registry: Final = registry
        self._ops: Final = iter(request.program)
        self._returned: Json = None
        self._settled: list[Json] = []
        self._tasks: Final[dict[PullId, asyncio.Task[None]]] = {}
        self._unawaited: Final[dict[PullId, Awaitable[PullResult]]] = {}
        """Pulls of this turn, whose tasks have not begun."""
        self._pulls = 0
        self._started = False
        self._over = False

    def go_on(self) -> None:
        if self._over:
            self._loop.stop()
            return
        if self._started:
            self.answers.append(self._answer())
        self._started = True
        self._unawaited.clear()
        following = next(self._ops, None)
        if following is None:
            self._finish()
            return
        self._returned = self._take(following.op)

    def _take(self, turn: Turn) -> Json:
        """Do it, and tell what it returned or threw."""
        if isinstance(turn, Together):
            return [self._take(op) for op in turn.ops]
        try:
            return _plain(self._do(turn))
        except (Exception, asyncio.CancelledError) as error:
            return {"threw": message_of(error)}

    def _answer(self) -> str:
        settled, self._settled = self._settled, []
        return answer_text(self._returned, settled)

    def _finish(self) -> None:
        """Give up the pulls that still wait, and stop once they have noticed."""
        left = [task for task in self._tasks.values() if not task.done()]
        for task in left:
            task.cancel()
        self._over = True

    def _do(self, op: Op) -> object:
        match op:
            case Create():
                return self._registry.create()
            case Push(stream, chunk):
                return self._registry.push(stream, chunk)
            case Pull(stream):
                return self._pull(stream)
            case Close(stream):
                return self._registry.close(stream)
            case Error(stream, value):
                return self._registry.error(stream, value)
            case IsQueueFull(stream):
                return self._registry.is_queue_full(stream)
            case Delete(stream):
                return self._registry.delete(stream)
            case Clear():
                return self._registry.clear()
            case Get(stream):
                return _encode(self._registry.get(stream))
            case CancelPull(pull):
                return self._cancel(pull)
            case Seen():
                raise AssertionError(f"{op} is not in the plan")
            case _:
                assert_never(op)

    def _pull(self, stream: StreamId) -> object:
        self._pulls += 1  # also a pull that raises when it is called has its number
        number = self._pulls
        pull = self._registry.pull(stream)
        self._unawaited[number] = pull
        self._tasks[number] = self._loop.create_task(self._await(number, pull))
        return None

    def _cancel(self, number: PullId) -> object:
        """Cancel the task that awaits the pull, if there is one; it notices once it runs.

        A task that has not begun would never come to await the pull, so the pull is told as a task
        made of nothing but the pull would tell it.
        """
        task = self._tasks.get(number)
        if task is None:
            return None
        task.cancel()
        match self._unawaited.pop(number, None):
            case _Throwable() as pull:
                with suppress(asyncio.CancelledError, StopIteration):
                    pull.throw(asyncio.CancelledError())
            case _Cancellable() as future:
                future.cancel()
            case _:
                pass
        return None

    async def _await(self, number: int, pull: Awaitable[PullResult]) -> None:
        try:
            result = await pull
        except Exception as error:
            self._settled.append([number, "error", message_of(error)])
            return
        if result.done:
            self._settled.append([number, "done"])
        else:
            self._settled.append([number, "value", encode_bytes(result.value)])


def _plain(value: object) -> Json:
    """What an op returned, as JSON; what no op may return is shown as a string."""
    if value is None or isinstance(value, (bool, int, float, str, dict)):
        return value
    return repr(value)


def _encode(view: StreamView | None) -> Json:
    if view is None:
        return None
    return {
        "queue": [encode_bytes(chunk) for chunk in view.queue],
        "queue_size": view.queue_size,
        "closed": view.closed,
        "errored": view.errored,
        "pull_waiting": view.pull_waiting,
        "error": message_of(view.error_value) if view.errored else None,
    }
