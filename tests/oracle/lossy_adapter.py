"""An adapter of the asyncio registry in which a cancel lets the chunk go that its pull was handed.

It shows no streams and offers no limits, so what is lost can be told by pulls only. It needs the
registry in pure Python, where a method can be replaced, and starts itself again for it.
"""

from __future__ import annotations

import os
import sys

from streamstate import Limits, StreamStateRegistry
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.programs.program import program_of
from streamstate.registry import Build, build
from streamstate.registry.builds import PURE
from streamstate.registry.record import Over, Waiter
from streamstate.wire import parse_turns, read_json

HELLO = (
    '{"protocol":1,"implementation":{"name":"lossy","version":"1","language":"Python"},'
    '"capabilities":["cancel"],"settle":"exact"}'
)
CANCEL = Waiter.leave


def let_go(self: Waiter) -> None:
    if isinstance(self.outcome, bytes):
        self.outcome = Over.SPENT
    CANCEL(self)


def make(limits: Limits) -> StreamStateRegistry:
    return StreamStateRegistry(limits=limits)


def main() -> None:
    Waiter.leave = let_go  # type: ignore[method-assign]
    implementation = InProcessImplementation(make, "lossy", "1", cancels=True)
    for line in sys.stdin.buffer:
        match read_json(line):
            case {"cmd": "start"}:
                print(HELLO, flush=True)
            case {"cmd": "run", "seq": int(seq), "program": program}:
                request = Request(seq, program_of(parse_turns(program)))
                (answer,) = implementation.run(iter([request]))
                print(answer.decode(), flush=True)
            case _:
                return


if __name__ == "__main__":
    if build() is Build.COMPILED:
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, PURE: "1"})
    main()
