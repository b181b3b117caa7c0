"""Tornado's queue."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

tornado: Final[Any] = import_module("tornado")  # which not everybody has
queues: Final[Any] = import_module("tornado.queues")


class TornadoQueue(Stream):
    def __init__(self) -> None:
        self._queue = queues.Queue(MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        try:
            self._queue.put_nowait(chunk)
        except queues.QueueFull:
            return False
        return True

    async def pull(self) -> bytes:
        chunk: bytes = await self._queue.get()
        return chunk

    def is_full(self) -> bool:
        full: bool = self._queue.full()
        return full


if __name__ == "__main__":
    run(Library("tornado.queues.Queue", tornado.version, TornadoQueue))
