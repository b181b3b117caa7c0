"""A guest: JavaScript in an engine of its own, with the callbacks of plan 01 and a registry.

`shim.js` is the guest's side. On this side `table` does the guest's ops, each at its call; `outbox`
keeps the news for the guest, in order; `turns` delivers it; `engine` is all that an engine must do.
This module has the methods that users call, and how an isolate ends.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Callable
from importlib.resources import files
from threading import get_ident
from types import TracebackType
from typing import Any, Final, assert_never

from streamstate.contexts import (
    ContextDefaults,
    clear_stream_registry_for_context,
)
from streamstate.isolate.asked import Asked, again
from streamstate.isolate.engine import (
    Broken,
    Ending,
    OutOfMemory,
    OutOfTimeError,
    Ran,
    Start,
    Threw,
)
from streamstate.isolate.engines import DEFAULT, in_process, maker
from streamstate.isolate.errors import (
    EngineFailed,
    GuestError,
    IsolateDisposed,
    IsolateEnded,
    MemoryLimitExceeded,
    TimeLimitExceeded,
)
from streamstate.isolate.failures import Failures
from streamstate.isolate.functions import HostFunctions
from streamstate.isolate.outbox import CALL, EVAL, Outbox
from streamstate.isolate.quota import Holdings, Quota
from streamstate.isolate.table import Table
from streamstate.isolate.turns import Turns
from streamstate.isolate.values import Crossing, outward
from streamstate.isolate.weak import weakly
from streamstate.isolate.writing import give_up
from streamstate.model import REFERENCE, Dialect, Limits

SHIM: Final = files("streamstate.isolate").joinpath("shim.js").read_text("utf-8")


class Isolate:
    """A guest with limits; use it with `async with`, on one thread and one event loop.

    `memory_limit` is in bytes, buffers included. `time_limit`, in seconds, is how long the guest
    may hold its thread in one turn. A guest that exceeds either ends, as if disposed. Its registry,
    which `get_stream_registry_for_context` finds, has `dialect` and `limits`; the isolate clears it
    when it ends. `quota` bounds how much the guest can make its host hold. `engine` is `jsbox` or
    `quickjs-rs`; with `process`, it runs in a process of its own, which the isolate kills if it
    cannot stop the guest otherwise.

    Raises `ValueError` and `TypeError` for values out of range, and `ModuleNotFoundError` for an
    engine that is not installed.
    """

    def __init__(
        self,
        *,
        memory_limit: int = 64 * 1024 * 1024,
        time_limit: float = 1.0,
        dialect: Dialect = REFERENCE,
        limits: Limits | None = None,
        quota: Quota | None = None,
        engine: str = DEFAULT,
        process: bool = False,
    ) -> None:
        self._start: Final = Start(memory_limit, time_limit, weakly(self._over))
        self._make: Final = in_process(engine) if process else maker(engine)
        self._defaults: Final = ContextDefaults(dialect, Limits() if limits is None else limits)
        self._failures: Final = Failures()
        self._turns: Final = Turns(self._start.time_limit, self._over)
        self._outbox: Final = Outbox(self._turns.wake, self._failures)
        self._holdings: Final = Holdings(Quota() if quota is None else quota, self._outbox)
        self._turns.outbox, self._turns.holdings = self._outbox, self._holdings
        self._table: Final = Table(self, self._outbox, self._holdings, self._failures)
        self._functions: Final = HostFunctions(
            self._outbox, self._holdings, self._failures, self._escape
        )
        self._thread = 0
        self._end: IsolateEnded | None = None
        self._asked: Final = Asked(self._failures, self._out_of_memory)

    @property
    def stream_registry_defaults(self) -> ContextDefaults:
        """The values with which `get_stream_registry_for_context` makes the registry. Raises
        `IsolateEnded` once the isolate has ended."""
        self._require_not_ended()
        return self._defaults

    @property
    def ended(self) -> IsolateEnded | None:
        """Why the isolate ended; None while it runs."""
        return self._end

    @property
    def waiting(self) -> int:
        """How many promises of the guest the host has not settled yet."""
        return self._outbox.unsettled

    async def __aenter__(self) -> Isolate:
        """Start the engine. Raises `RuntimeError` the second time, and `IsolateEnded` if the
        guest cannot even start."""
        self._require_not_ended()
        if self._turns.loop is not None:
            raise RuntimeError("this isolate was started before; make another")
        self._thread = get_ident()
        self._table.registry()
        engine = self._make(self._start)
        for name, function in self._host_functions().items():
            engine.bind(f"__Stream_host_{name}", function)
        try:
            await self._turns.start(engine, SHIM)
        except BaseException:  # whoever made it does not have it to dispose of it
            self.dispose()
            raise
        self._require_not_ended()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        tasks = [holder for holder in self._outbox.holders() if isinstance(holder, asyncio.Future)]
        self.dispose()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._turns.freed()

    def __del__(self) -> None:
        if not hasattr(self, "_turns") or not self._turns.are_running or sys.is_finalizing():
            return
        warnings.warn(f"{self!r} was not disposed", ResourceWarning, source=self, stacklevel=2)
        loop, registry = self._turns.loop, self._table.last
        if loop is not None and registry is not None and not loop.is_closed():
            loop.call_soon_threadsafe(registry.clear)

    def bind(self, name: str, function: Callable[..., object]) -> None:
        """Give the guest a global function that calls `function` with its arguments as Python data.
        The guest gets the result, or a promise of it if that is awaitable.

        If `function` raises an `Exception`, the guest gets an error of that name and message; if
        it lets that escape, `eval` raises the same exception. Raises `TypeError` or `ValueError`
        for a function or a name that it cannot bind.
        """
        self._require_not_ended()
        self._functions.bind(name, function)

    async def eval(self, source: str) -> Any:
        """Run a script, and return its value as Python data, that of a promise once it settles.

        It runs as in JavaScript's own indirect `eval`: its `let`, `const` and `class` stay its own,
        and so does everything that a strict script declares; to keep those, `load` it. Raises
        `GuestError` if the script throws, the host's exception if it lets one escape, and
        `IsolateEnded` if the isolate ends first. Cancelling gives up the value, not the script.
        """
        if not isinstance(source, str):
            raise TypeError(f"source must be str, not {type(source).__name__}")
        return await self._ask(EVAL, outward(source))

    async def load(self, source: str) -> None:
        """Run a script for its declarations, which stay, and not for its value: a library, or the
        guest's program. Raises as `eval` does, except for its promises."""
        if not isinstance(source, str):
            raise TypeError(f"source must be str, not {type(source).__name__}")
        self._require_running()
        threw = await self._turns.run(str(outward(source)))
        self._require_not_ended()
        if threw is not None:
            raise GuestError(threw.message, threw.name, threw.stack)

    async def call(self, name: str, *arguments: object) -> Any:
        """Call a global function of the guest's, with Python data. The rest is as for `eval`.

        Raises `TypeError` or `ValueError` for arguments that cannot cross.
        """
        if not isinstance(name, str):
            raise TypeError(f"name must be str, not {type(name).__name__}")
        return await self._ask(CALL, outward(name), outward(arguments))

    async def quiet(self) -> None:
        """Return once the guest knows all that happened so far, and has reacted to it. Raises
        `IsolateEnded`."""
        self._require_running()
        await self._turns.quiet()
        self._require_not_ended()

    def dispose(self) -> None:
        """End the guest: clear its registry, tell all who wait on either side, free the engine.

        If a host function calls this, the guest's further calls fail, and the engine is freed when
        the turn is over. Raises `RuntimeError` in another thread.
        """
        self._finish(IsolateDisposed("the isolate was disposed"))

    # ---- what the guest calls ----

    def _host_functions(self) -> dict[str, Callable[..., Any]]:
        own: dict[str, Callable[..., Any]] = {
            "next": self._turns.next,
            "payload": self._outbox.payload,
            "done": self._asked.answer,
            "call": self._functions.call,
        }
        return {name: weakly(each) for name, each in own.items()} | self._table.functions()

    async def _ask(self, kind: int, *payloads: Crossing) -> Any:
        self._require_running()
        number, future = self._asked.open()
        self._outbox.put((kind, number, payloads))
        try:
            self._turns.turn()
            value = future.result() if future.done() else await future
        finally:
            self._asked.close(number)
        if self._turns.is_stepping:
            await self._turns.until_stepped()
        self._require_not_ended()  # by what came after the value, in the turn that brought it
        return value

    def _over(self, ending: Ending) -> None:
        match ending:
            case OutOfTimeError():
                limit = self._start.time_limit
                self._finish(TimeLimitExceeded(f"the guest took more than {limit} s in one turn"))
            case OutOfMemory():
                self._out_of_memory()
            case Threw(name, message, _):
                self._finish(EngineFailed(f"the guest's side threw {name}: {message}"))
            case Broken(why):
                self._finish(EngineFailed(why))
            case Ran():
                pass
            case _:
                assert_never(ending)

    def _escape(self, error: BaseException) -> None:
        """A host function raised what nobody is to catch: it is raised when the turn is over, if
        there is one; where a task raised it, whoever waits for the guest has it as a cause."""
        reason = IsolateDisposed(f"a host function raised {type(error).__name__}")
        reason.__cause__ = error
        if self._turns.is_stepping:
            self._turns.escaped = error
        self._finish(reason)

    def _finish(self, reason: IsolateEnded) -> None:
        if self._end is not None:
            return
        if self._thread not in {0, get_ident()}:
            raise RuntimeError("this isolate belongs to another thread")
        self._end = reason
        self._turns.stop()
        try:
            for holder in self._outbox.holders():
                give_up(holder)
            clear_stream_registry_for_context(self)
        finally:
            self._functions.end()
            self._outbox.clear()
            self._failures.clear()
            self._asked.end(reason)
            self._turns.free()

    def _out_of_memory(self) -> None:
        most = self._start.memory_limit
        self._finish(MemoryLimitExceeded(f"the guest needed more than {most} bytes"))

    def _require_not_ended(self) -> None:
        if self._end is not None:
            raise again(self._end)

    def _require_running(self) -> None:
        self._require_not_ended()
        if self._turns.loop is None:
            raise RuntimeError("this isolate is not started; use it with `async with`")
        if self._turns.loop is not asyncio.get_running_loop():
            raise RuntimeError("this isolate belongs to another event loop")
