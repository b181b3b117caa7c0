"""`asyncio.Queue` from Python 3.13 on, which has `shutdown`."""

from __future__ import annotations

import asyncio
import platform
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

SHUT_DOWN: Final[Any] = vars(asyncio).get("QueueShutDown")  # which not every Python has


class AsyncioQueue(Stream):
    def __init__(self) -> None:
        self._queue: Any = asyncio.Queue(MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        try:
            self._queue.put_nowait(chunk)
        except (asyncio.QueueFull, SHUT_DOWN):
            return False
        return True

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = await self._queue.get()
        except SHUT_DOWN:
            return None
        return chunk

    def close(self) -> None:
        self._queue.shutdown()

    def is_full(self) -> bool:
        full: bool = self._queue.full()
        return full

    def delete(self) -> None:
        self._queue.shutdown(immediate=True)


if __name__ == "__main__":
    run(Library("asyncio.Queue with shutdown", platform.python_version(), AsyncioQueue))
