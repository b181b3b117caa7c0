"""jsbox: QuickJS in this process, on this thread. Needs the extra `isolate`."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress
from threading import get_ident
from time import monotonic
from typing import Any, Final

from jsbox import JavaScriptError, JsTimeoutError, Runtime  # type: ignore[import-untyped]  # it has no types

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


class JsboxEngine:
    """See `Engine`. A step needs a running event loop, and never gives way to it."""

    def __init__(self, start: Start) -> None:
        self._loop: Final = get_running_loop()
        self._thread: Final = get_ident()
        self._runtime: Any = None
        self._runtime = Runtime(memory_limit=start.memory_limit, max_value_bytes=start.memory_limit)

    def bind(self, name: str, function: HostFunction) -> None:
        """See `Engine.bind`."""
        assert self._runtime is not None
        self._runtime.bind_function(name, function)

    def step(self, script: str, time_limit: float, ended: Callable[[Ending], None]) -> None:
        """See `Engine.step`. jsbox does not report a promise job that it stopped at the limit, so
        this side takes the time, too."""
        assert self._runtime is not None
        began = monotonic()
        ending = _run(self._runtime, script, time_limit)
        ended(OUT_OF_TIME if monotonic() - began >= time_limit else ending)

    def dispose(self) -> None:
        """See `Engine.dispose`. The last reference frees the memory, which takes long if there is
        much of it, and cannot happen in another thread. So the event loop holds that reference, and
        drops it once all who were told of the end before have had their turn."""
        runtime, self._runtime = self._runtime, None
        if self._loop.is_running():
            self._loop.call_soon(_drop, runtime)

    def __del__(self) -> None:
        """Drop the last reference to jsbox in its own thread, whatever thread this one is."""
        if self._runtime is not None and get_ident() != self._thread:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(_drop, self._runtime)


def _drop(_runtime: object) -> None:
    """Takes the last reference, and drops it on return."""


def _run(runtime: Any, script: str, time_limit: float) -> Ending:
    # `eval` would leave promise jobs undone. This one does them all, and has nothing to wait for,
    # as no host function is asynchronous: so it is through at its first step.
    running = runtime.eval_async(script, timeout=time_limit)
    try:
        running.send(None)
    except StopIteration:
        return RAN
    except JsTimeoutError:
        return OUT_OF_TIME
    except JavaScriptError as error:
        # An engine that is out of memory may have none left for the error either: `null`.
        if error.message in {"out of memory", "null"}:
            return OUT_OF_MEMORY
        return Threw(error.name or "", error.message, error.stack or "")
    except Exception as error:
        return Broken(f"{type(error).__name__}: {error}")
    running.close()
    return Broken("jsbox waits for a host function")
