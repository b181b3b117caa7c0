"""aiologic's queue, whose `async_put` waits for room."""

from __future__ import annotations

from importlib.metadata import version

from tests.implementations.python.aiologic_queue import AiologicQueue
from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run


class AiologicPut(AiologicQueue):
    async def send(self, chunk: bytes) -> bool:
        await self._queue.async_put(chunk)
        return True


if __name__ == "__main__":
    run(Library("aiologic.Queue, async_put", version("aiologic"), AiologicPut))
