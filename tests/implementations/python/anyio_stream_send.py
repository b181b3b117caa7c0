"""anyio's memory object stream, on asyncio, whose `send` waits for room."""

from __future__ import annotations

from importlib.metadata import version

import anyio

from tests.implementations.python.anyio_stream import AnyioRuntime, AnyioStream
from tests.implementations.python.exchange import Library
from tests.implementations.python.families import TwoEndsThatWait
from tests.implementations.python.on_asyncio import run


class AnyioSend(AnyioStream, TwoEndsThatWait):
    broken = (anyio.BrokenResourceError,)


if __name__ == "__main__":
    run(Library("anyio memory object stream, send", version("anyio"), AnyioSend), AnyioRuntime)
