"""The process that an engine has to itself. Its arguments are the engine's name, memory limit and
time limit.

On standard input it reads what to bind and which scripts to run. On standard output it says what
the guest calls, and waits for the answer; and how each script ended.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import astuple
from typing import Any, Final

from streamstate.isolate.engine import Ending, Start
from streamstate.isolate.engines import maker
from streamstate.isolate.frames import Frames, packed

PIECE: Final = 1 << 20


class Line:
    """The two pipes."""

    def __init__(self) -> None:
        self._frames: Final = Frames()
        self._messages: list[Any] = []

    def read(self) -> Any:
        """The next message. Ends the process if there are no more."""
        while not self._messages:
            data = os.read(0, PIECE)
            if not data:
                os._exit(0)
            self._messages = list(self._frames.feed(data))
        return self._messages.pop(0)

    def write(self, message: Any) -> None:
        """Send the message. Ends the process if nobody is there to read it."""
        data = memoryview(packed(message))
        try:
            while data:
                data = data[os.write(1, data) :]
        except BrokenPipeError:
            os._exit(0)

    def caller(self, name: str) -> Callable[..., Any]:
        """A host function, as the engine has it here."""

        def call(*arguments: object) -> Any:
            self.write(["call", name, arguments])
            return self.read()[1]

        return call

    def ended(self, ending: Ending) -> None:
        """Say how a step ended."""
        self.write(["ended", type(ending).__name__, astuple(ending)])


async def main(name: str, memory_limit: int, time_limit: float) -> None:
    """Serve until the input ends."""
    line = Line()
    engine = maker(name)(Start(memory_limit, time_limit))
    while True:
        match line.read():
            case ["bind", str(bound)]:
                engine.bind(bound, line.caller(bound))
            case ["step", str(script), float(limit)]:
                engine.step(script, limit, line.ended)
            case other:
                raise ValueError(f"{other!r:.80} is no message")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
