"""The asyncio side of a janus queue, whose `put` waits for room."""

from __future__ import annotations

import janus

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Rejection, Stream


class JanusQueue(Stream):
    def __init__(self) -> None:
        self._queue = janus.Queue[bytes](MAX_QUEUE_CHUNKS).async_q

    async def send(self, chunk: bytes) -> bool:
        try:
            await self._queue.put(chunk)
        except janus.AsyncQueueShutDown:
            raise Rejection("Stream closed") from None
        return True

    async def pull(self) -> bytes | None:
        try:
            return await self._queue.get()
        except janus.AsyncQueueShutDown:
            return None

    def close(self) -> None:
        self._queue.shutdown()

    def is_full(self) -> bool:
        return self._queue.full()

    def delete(self) -> None:
        self._queue.shutdown(immediate=True)


if __name__ == "__main__":
    run(Library("janus.Queue, put", janus.__version__, JanusQueue))
