"""aiohttp's `DataQueue`, which carries the messages of its websockets.

That a second `read` must not wait beside the first is an assertion: the wire's *Pull refused*.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import PULL_REFUSED, Rejection, Stream

aiohttp: Final[Any] = import_module("aiohttp")  # which not everybody has


class AiohttpQueue(Stream):
    def __init__(self) -> None:
        self._queue = aiohttp.DataQueue(asyncio.get_running_loop())

    def push(self, chunk: bytes) -> bool:
        self._queue.feed_data(chunk)
        return True

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = await self._queue.read()
        except aiohttp.EofStream:
            return None
        except AssertionError:
            raise Rejection(PULL_REFUSED) from None
        return chunk

    def close(self) -> None:
        self._queue.feed_eof()

    def error(self, value: Exception, /) -> None:
        self._queue.set_exception(value)


if __name__ == "__main__":
    run(Library("aiohttp.DataQueue", aiohttp.__version__, AiohttpQueue, None))
