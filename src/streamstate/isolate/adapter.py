"""An adapter whose ops a guest does: protocol 1 on standard streams, with `get`, `limits`, `fill`.

    streamstate check --dialect D -- python -m streamstate.isolate.adapter --dialect D

What it answers is what the guest saw: `adapter.js` calls the callbacks and notes what they return,
and which of its promises settle, in the order in which they do. It goes through the number arrays
and JSON of plan 01, or through bytes, or through readers and writers (`--path`).
"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final, cast

from streamstate.contexts import clear_stream_registry_for_context, get_stream_registry_for_context
from streamstate.isolate.engines import DEFAULT, ENGINES
from streamstate.isolate.isolate import Isolate
from streamstate.model import Dialect, Limits
from streamstate.registry import StreamStateRegistry
from streamstate.wire import (
    Json,
    compact,
    decode_bytes,
    encode_bytes,
    message_of,
    parse_limits,
    read_json,
    without_fills,
)

GUEST: Final = files("streamstate.isolate").joinpath("adapter.js").read_text("utf-8")
PATHS: Final = ("numbers", "bytes", "helpers")


class Adapter:
    """One isolate, in which each program has a registry of its own."""

    def __init__(self, isolate: Isolate, dialect: Dialect, path: str, name: str) -> None:
        self._isolate: Final = isolate
        self._dialect: Final = dialect
        self._path: Final = path
        self._name: Final = name

    async def serve(self, lines: Iterable[bytes], write: Callable[[bytes], object]) -> None:
        """Answer each line until `stop` or the end. Nothing happens while it reads."""
        for line in lines:
            match read_json(line):
                case {"cmd": "start"}:
                    await self._start()
                    answer = compact(self._hello())
                case {"cmd": "run", "seq": int(seq), "program": list(program), **rest}:
                    answer = await self._answer(seq, program, cast(Json, rest.get("limits")))
                case _:
                    return
            write(answer.encode("utf-8", "replace") + b"\n")

    async def _start(self) -> None:
        for name in ("delete", "clear", "get"):
            self._isolate.bind(f"host_{name}", partial(self._host, name))
        await self._isolate.load(
            f"{GUEST}\nvar {{ begin, next }} = adapter({compact(self._path)});"
        )

    def _hello(self) -> Json:
        who = {"name": self._name, "version": version("streamstate"), "language": "JavaScript"}
        return {
            "protocol": 1,
            "implementation": who,
            "capabilities": ["get", "limits", "fill"],
            "settle": "exact",
        }

    async def _answer(self, seq: int, program: list[Any], limits: Json) -> str:
        isolate = self._isolate
        clear_stream_registry_for_context(isolate)
        await isolate.quiet()
        chosen = Limits() if limits is None else parse_limits(limits)
        get_stream_registry_for_context(isolate, dialect=self._dialect, limits=chosen)
        trace = await isolate.call("begin", [with_bytes(op) for op in program])
        while trace is None:
            await isolate.quiet()
            trace = await isolate.call("next")
        return f'{{"seq":{seq},"trace":[{"".join(map(part, trace))}],"late":[]}}'

    def _registry(self) -> StreamStateRegistry:
        return get_stream_registry_for_context(self._isolate)

    def _host(self, name: str, *arguments: int) -> Json:
        if name == "get":
            return compact(shown(self._registry(), *arguments))
        getattr(self._registry(), name)(*arguments)
        return None


def with_bytes(op: list[Any]) -> list[Any]:
    """The op with its chunk as bytes."""
    if op[0] != "push":
        return op
    chunk = op[2]
    return [op[0], op[1], decode_bytes(chunk if isinstance(chunk, str) else without_fills(chunk))]


def part(written: str | bytes) -> str:
    """A part of a trace: text, or a chunk as the wire writes it."""
    return written if isinstance(written, str) else f'"{encode_bytes(written)}"'


def shown(registry: StreamStateRegistry, stream: int) -> Json:
    """What `get` answers."""
    view = registry.get(stream)
    return (
        None
        if view is None
        else {
            "queue": [encode_bytes(chunk) for chunk in view.queue],
            "queue_size": view.queue_size,
            "closed": view.closed,
            "errored": view.errored,
            "pull_waiting": view.pull_waiting,
            "error": message_of(view.error_value) if view.errored else None,
        }
    )


async def main(arguments: list[str]) -> None:
    """Serve standard streams."""
    parser = ArgumentParser(prog="python -m streamstate.isolate.adapter", description=__doc__)
    parser.add_argument("--dialect", type=Dialect.parse, default=Dialect.parse("reference"))
    parser.add_argument("--path", choices=PATHS, default=PATHS[0])
    parser.add_argument("--engine", choices=sorted(ENGINES), default=DEFAULT)
    chosen = parser.parse_args(arguments)
    name = f"callbacks of plan 01 ({chosen.path}), {chosen.dialect}"
    isolate = Isolate(
        memory_limit=1 << 30, time_limit=60.0, dialect=chosen.dialect, engine=chosen.engine
    )  # a chunk of a mebibyte takes many as an array of numbers
    async with isolate:
        adapter = Adapter(isolate, chosen.dialect, chosen.path, name)
        await adapter.serve(sys.stdin.buffer, written)


def written(answer: bytes) -> None:
    """Put a line on standard output."""
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
