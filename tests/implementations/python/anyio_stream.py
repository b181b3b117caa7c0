"""anyio's memory object stream, on asyncio."""

from __future__ import annotations

import asyncio
import sys
from importlib.metadata import version
from typing import Final

import anyio

from tests.implementations.python.exchange import Library, Work
from tests.implementations.python.families import TwoEnds
from tests.implementations.python.on_asyncio import AsyncioRuntime, QuietSelector, run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS


class AnyioStream(TwoEnds):
    refuses = (anyio.WouldBlock, anyio.ClosedResourceError, anyio.BrokenResourceError)
    over = (anyio.EndOfStream,)
    gone = (anyio.ClosedResourceError,)

    def __init__(self) -> None:
        super().__init__(anyio.create_memory_object_stream[bytes](MAX_QUEUE_CHUNKS))


class AnyioRuntime(AsyncioRuntime):
    """Tasks that are cancelled in anyio's way."""

    def __init__(self, loop: asyncio.AbstractEventLoop, selector: QuietSelector) -> None:
        super().__init__(loop, selector)
        self._scopes: Final[dict[int, anyio.CancelScope]] = {}

    def start(self, pull: int, work: Work) -> None:
        scope = self._scopes[pull] = anyio.CancelScope()

        async def scoped() -> None:
            with scope:
                await work()

        super().start(pull, scoped)

    def cancel(self, pull: int) -> None:
        self._scopes[pull].cancel()


if __name__ == "__main__":
    library = Library("anyio memory object stream", version("anyio"), AnyioStream)
    run(library, AsyncioRuntime if sys.argv[1:] == ["task"] else AnyioRuntime)
