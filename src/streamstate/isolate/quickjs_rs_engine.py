"""quickjs-rs: QuickJS in WebAssembly, which contains a guest better, and is many times slower.

Its `eval` leaves promise jobs undone, and its `eval_async` gives way to the event loop. So this
module runs the jobs with a function of the package that is not public, and pins the package.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from quickjs_rs import Context, InterruptError, JSError, MemoryLimitError, Runtime

from streamstate.isolate.engine import (
    OUT_OF_MEMORY,
    OUT_OF_TIME,
    RAN,
    Broken,
    Ending,
    HostFunction,
    Start,
    Threw,
)


class QuickjsRsEngine:
    """See `Engine`. A guest can make WebAssembly itself trap, which is `Broken`."""

    def __init__(self, start: Start) -> None:
        self._runtime: Any = Runtime(memory_limit=start.memory_limit)
        self._context: Context | None = self._runtime.new_context(timeout=start.time_limit)
        self._is_stepping = False

    def bind(self, name: str, function: HostFunction) -> None:
        """See `Engine.bind`."""
        assert self._context is not None
        self._context.register(name, function)

    def step(self, script: str, time_limit: float, ended: Callable[[Ending], None]) -> None:
        """See `Engine.step`."""
        assert self._context is not None
        began = monotonic()
        self._is_stepping = True
        ending = self._run(self._context, script, began + time_limit)
        self._is_stepping = False
        if self._context is None:
            self._runtime.close()
        ended(OUT_OF_TIME if monotonic() - began >= time_limit else ending)

    def dispose(self) -> None:
        """See `Engine.dispose`."""
        self._context = None
        if not self._is_stepping:
            self._runtime.close()

    def _run(self, context: Context, script: str, deadline: float) -> Ending:
        try:
            context.eval(script)
            self._run_jobs(context, deadline)
        except InterruptError:
            return OUT_OF_TIME
        except MemoryLimitError:
            return OUT_OF_MEMORY
        except JSError as error:
            if error.message == "null":
                return OUT_OF_MEMORY
            self._run_jobs(context, deadline)
            return Threw(error.name, error.message, error.stack or "")
        except Exception as error:
            return Broken(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
        return RAN

    def _run_jobs(self, context: Context, deadline: float) -> None:
        self._runtime._deadline = deadline
        try:
            while context._engine_ctx.run_pending_jobs() and monotonic() < deadline:
                pass  # it does so many at once, and says how many
        finally:
            self._runtime._deadline = None
