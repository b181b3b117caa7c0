"""aiologic's queue, as a task of asyncio uses it."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

aiologic: Final[Any] = import_module("aiologic")  # which not everybody has


class AiologicQueue(Stream):
    def __init__(self) -> None:
        self._queue = aiologic.Queue(maxsize=MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        try:
            self._queue.green_put(chunk, blocking=False)
        except aiologic.QueueFull:
            return False
        return True

    async def pull(self) -> bytes:
        chunk: bytes = await self._queue.async_get()
        return chunk

    def is_full(self) -> bool:
        return len(self._queue) >= MAX_QUEUE_CHUNKS


if __name__ == "__main__":
    run(Library("aiologic.Queue", version("aiologic"), AiologicQueue))
