"""Any engine, in a process of its own. If the engine cannot hold a guest to its limits, killing the
process does.

A busy guest does not block the host's event loop. The guest waits for each call of a host function,
so it sees no difference. POSIX only.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final
from weakref import finalize

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
from streamstate.isolate.frames import Frames, packed
from streamstate.isolate.weak import weakly

PIECE: Final = 1 << 20

GRACE: Final = 0.25
"""How many seconds a step may overrun its limit before the isolate kills the process."""


class ProcessEngine:
    """See `Engine`. `name` names the engine that runs in the process."""

    def __init__(self, start: Start, name: str) -> None:
        self._loop: Final = asyncio.get_running_loop()
        arguments = (name, str(start.memory_limit), str(start.time_limit))
        self._process: Final = subprocess.Popen(
            (sys.executable, "-m", "streamstate.isolate.child", *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            process_group=0,  # what a terminal's user interrupts is the host
        )
        assert self._process.stdout is not None
        self._output: Final = self._process.stdout.fileno()
        self._frames: Final = Frames()
        self._functions: dict[str, HostFunction] = {}
        self._ended: Callable[[Ending], None] = start.broke
        self._broke: Final = start.broke
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False
        self._gone: asyncio.Future[None] | None = None
        self._loop.add_reader(self._output, weakly(self._read))
        self._finalizer: Final = finalize(self, _kill, self._process, self._loop)

    def bind(self, name: str, function: HostFunction) -> None:
        """See `Engine.bind`."""
        self._functions[name] = function
        self._write(["bind", name])

    def step(self, script: str, time_limit: float, ended: Callable[[Ending], None]) -> None:
        """See `Engine.step`. The step ends later, and other tasks run meanwhile."""
        self._ended = ended
        self._write(["step", script, time_limit])
        if not self._is_over:
            # The first step waits for the process to start.
            late = time_limit + GRACE + (0.0 if self._timer else 30.0)
            self._timer = self._loop.call_later(late, weakly(self._overdue))

    def dispose(self) -> asyncio.Future[None] | None:
        """See `Engine.dispose`. Kills the process."""
        self._over(Broken("it was disposed"))
        return self._gone

    def _write(self, message: Any) -> None:
        assert self._process.stdin is not None
        data = memoryview(packed(message))
        try:
            while data:
                data = data[self._process.stdin.write(data) :]
        except OSError:
            self._loop.call_soon(self._over, Broken("the process of the engine has died"))

    def _read(self) -> None:
        data = os.read(self._output, PIECE)
        if not data:
            self._over(Broken("the process of the engine has died"))
            return
        try:
            for message in self._frames.feed(data):
                self._take(message)
        except ValueError as error:
            self._over(Broken(f"the process of the engine sent what is no message: {error}"))

    def _take(self, message: Any) -> None:
        if self._is_over:
            return
        match message:
            case ["call", str(name), list(arguments)] if name in self._functions:
                returned = called(self._functions[name], arguments)
                if not self._is_over:
                    self._write(["reply", returned])
            case ["ended", str(kind), list(fields)]:
                self._end(ending_of(kind, fields))
            case _:
                raise ValueError(repr(message)[:80])

    def _overdue(self) -> None:
        self._over(OUT_OF_TIME)

    def _over(self, ending: Ending) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._finalizer.detach()
        self._process.kill()
        if self._loop.is_closed():
            _reap(self._process)
        else:
            self._gone = Dying(self._process, self._loop).gone
        self._functions.clear()
        self._end(ending)

    def _end(self, ending: Ending) -> None:
        if self._timer is not None:
            self._timer.cancel()
        ended, self._ended = self._ended, self._broke
        ended(ending)


def called(function: HostFunction, arguments: list[Any]) -> Any:
    """Call a host function with what the process sent. It raises nothing itself; this raises
    `ValueError` for arguments that it cannot take."""
    try:
        return function(*arguments)
    except TypeError as error:
        raise ValueError(str(error)) from None


class Dying:
    """A killed process, which takes some milliseconds to go. `gone` is done once the process has
    gone and is no zombie either: when the loop sees the end of its output, nothing is left to wait
    for. Only the loop holds this object; if the loop is closed before that, this waits for the
    process."""

    def __init__(self, process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
        assert process.stdout is not None
        self.gone: Final[asyncio.Future[None]] = loop.create_future()
        self._output: Final = process.stdout.fileno()
        self._loop: Final = loop
        self._finalizer: Final = finalize(self, _reap, process)
        loop.add_reader(self._output, self._read)  # in the place of the engine's

    def _read(self) -> None:
        if os.read(self._output, PIECE):
            return  # what it still had to say
        self._loop.remove_reader(self._output)
        self._finalizer()
        self.gone.set_result(None)


def _kill(process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
    """Kill the process of an engine that was dropped, in whatever thread, or that is still there at
    exit."""
    process.kill()
    process.wait()
    try:
        loop.call_soon_threadsafe(_close, process, loop)
    except RuntimeError:  # it is closed, and has forgotten the pipes
        _reap(process)


def _close(process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
    assert process.stdout is not None
    if not loop.is_closed():
        loop.remove_reader(process.stdout.fileno())
    _reap(process)


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Wait for a killed process."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.wait()
    process.stdin.close()
    process.stdout.close()


def ending_of(kind: str, fields: list[Any]) -> Ending:
    """How a step ended, as the process says. Raises `ValueError` for anything that is no ending."""
    match kind, fields:
        case "Ran", []:
            return RAN
        case "OutOfTimeError", []:
            return OUT_OF_TIME
        case "OutOfMemory", []:
            return OUT_OF_MEMORY
        case "Threw", [str(name), str(message), str(stack)]:
            return Threw(name, message, stack)
        case "Broken", [str(why)]:
            return Broken(why)
        case _:
            raise ValueError(f"{kind} is no ending")
