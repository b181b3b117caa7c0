"""The asyncio side of a culsans queue."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

culsans: Final[Any] = import_module("culsans")  # which not everybody has


class CulsansQueue(Stream):
    def __init__(self) -> None:
        self._queue = culsans.Queue(MAX_QUEUE_CHUNKS).async_q

    def push(self, chunk: bytes) -> bool:
        try:
            self._queue.put_nowait(chunk)
        except (culsans.AsyncQueueFull, culsans.AsyncQueueShutDown):
            return False
        return True

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = await self._queue.get()
        except culsans.AsyncQueueShutDown:
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
    run(Library("culsans.Queue", version("culsans"), CulsansQueue))
