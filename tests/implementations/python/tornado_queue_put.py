"""Tornado's queue, whose `put` waits for room."""

from __future__ import annotations

from importlib.metadata import version

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.tornado_queue import TornadoQueue


class TornadoPut(TornadoQueue):
    async def send(self, chunk: bytes) -> bool:
        await self._queue.put(chunk)
        return True


if __name__ == "__main__":
    run(Library("tornado.queues.Queue, put", version("tornado"), TornadoPut))
