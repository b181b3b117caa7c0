"""An adapter whose ops a guest does: protocol 1 on standard streams, with `get`, `limits`,
`fill`, `lends`.

    streamstate check --dialect D -- python -m streamstate.isolate.adapter --dialect D

It answers with what the guest saw: `adapter.js` calls the callbacks, and notes their results and
the order in which its promises settle. It goes through the number arrays
and JSON of plan 01, or through bytes, or through readers and writers (`--path`).
"""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from importlib.resources import files
from typing import Final

from streamstate.contexts import clear_stream_registry_for_context, get_stream_registry_for_context
from streamstate.isolate.engines import DEFAULT, ENGINES
from streamstate.isolate.isolate import Isolate
from streamstate.model import Dialect, Limits
from streamstate.registry import StreamStateRegistry
from streamstate.wire import (
    PROTOCOL,
    Json,
    compact,
    encode_view,
    parse_limits,
)

GUEST: Final = files("streamstate.isolate").joinpath("adapter.js").read_text("utf-8")
PATHS: Final = ("numbers", "bytes", "helpers")
PIECE: Final = 1 << 13
"""How many bytes to read at a time: the guest answers the lines in them in one turn, or in few."""


class Adapter:
    """One isolate, in which each program has a registry of its own. The adapter hands each answer
    to `write`."""

    def __init__(
        self, isolate: Isolate, dialect: Dialect, path: str, write: Callable[[bytes], object]
    ) -> None:
        self._isolate: Final = isolate
        self._dialect: Final = dialect
        self._path: Final = path
        self._write: Final = write
        self._due = 0
        self._is_over = False

    async def serve(self, requests: Iterable[bytes]) -> None:
        """Answer batches of lines until `stop` or the end. Nothing happens while it waits for the
        next batch. Raises `WireError` for what the guest cannot read."""
        await self._start()
        for lines in requests:
            self._due = lines.count(b"\n") + 1
            await self._isolate.call("serve", lines.decode())
            await self._isolate.quiet()
            while self._due and not self._is_over:
                await self._isolate.call("goOn")
                await self._isolate.quiet()
            if self._is_over:
                return

    async def _start(self) -> None:
        bind = self._isolate.bind
        bind("host_waiting", lambda: self._isolate.waiting)
        bind("host_open", self._open)
        bind("host_delete", lambda stream: self._registry().delete(stream))
        bind("host_clear", lambda: self._registry().clear())
        bind("host_get", lambda stream: compact(shown(self._registry(), stream)))
        bind("host_answer", self._answer)
        bind("host_stop", self._stop)
        chosen = f"{compact(self._path)}, {compact(compact(self._hello()))}"
        await self._isolate.load(f"{GUEST}\nvar {{ serve, goOn }} = adapter({chosen});")

    def _hello(self) -> Json:
        name = f"callbacks of plan 01 ({self._path}), {self._dialect}"
        who = {"name": name, "version": version("streamstate"), "language": "JavaScript"}
        return {
            "protocol": PROTOCOL,
            "implementation": who,
            "capabilities": ["get", "limits", "fill", "lends"],
            "settle": "exact",
        }

    def _registry(self) -> StreamStateRegistry:
        return get_stream_registry_for_context(self._isolate)

    def _open(self, limits: Json) -> None:
        clear_stream_registry_for_context(self._isolate)
        chosen = Limits() if limits is None else parse_limits(limits)
        get_stream_registry_for_context(self._isolate, dialect=self._dialect, limits=chosen)

    def _answer(self, text: str) -> None:
        self._due -= 1
        self._write(text.encode() + b"\n")

    def _stop(self) -> None:
        self._is_over = True


def shown(registry: StreamStateRegistry, stream: int) -> Json:
    """The answer of `get`."""
    view = registry.get(stream)
    return None if view is None else encode_view(view.snapshot())


async def main(arguments: list[str]) -> None:
    """Serve standard streams."""
    parser = ArgumentParser(prog="python -m streamstate.isolate.adapter", description=__doc__)
    parser.add_argument("--dialect", type=Dialect.parse, default=Dialect.parse("reference"))
    parser.add_argument("--path", choices=PATHS, default=PATHS[0])
    parser.add_argument("--engine", choices=sorted(ENGINES), default=DEFAULT)
    parser.add_argument("--process", action="store_true", help="give the engine one to itself")
    chosen = parser.parse_args(arguments)
    async with Isolate(
        memory_limit=1 << 30,  # a chunk of a mebibyte takes many as an array of numbers
        time_limit=600.0,  # of a turn; how long an answer may take is for the oracle to say
        dialect=chosen.dialect,
        engine=chosen.engine,
        process=chosen.process,
    ) as isolate:
        adapter = Adapter(isolate, chosen.dialect, chosen.path, write)
        await adapter.serve(whole_lines(lambda: os.read(sys.stdin.fileno(), PIECE)))


def whole_lines(read: Callable[[], bytes]) -> Iterator[bytes]:
    """Lines that came together, without the last newline, until `read` brings nothing."""
    pieces: list[bytes] = []
    while piece := read():
        lines, newline, rest = piece.rpartition(b"\n")
        if newline:
            yield b"".join((*pieces, lines))
            pieces.clear()
        pieces.append(rest)
    if any(pieces):
        yield b"".join(pieces)


def write(answer: bytes) -> None:
    """Put a line on standard output."""
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
