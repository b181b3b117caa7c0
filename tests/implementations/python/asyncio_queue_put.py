"""`asyncio.Queue` before Python 3.13, whose `put` waits for room."""

from __future__ import annotations

import asyncio
import platform

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream


class AsyncioQueue(Stream):
    def __init__(self) -> None:
        self._queue = asyncio.Queue[bytes](MAX_QUEUE_CHUNKS)

    async def send(self, chunk: bytes) -> bool:
        await self._queue.put(chunk)
        return True

    async def pull(self) -> bytes:
        return await self._queue.get()

    def is_full(self) -> bool:
        return self._queue.full()


if __name__ == "__main__":
    run(Library("asyncio.Queue, put", platform.python_version(), AsyncioQueue))
