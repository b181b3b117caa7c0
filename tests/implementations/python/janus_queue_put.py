"""The asyncio side of a janus queue, whose `put` waits for room."""

from __future__ import annotations

import janus

from tests.implementations.python.exchange import Library
from tests.implementations.python.janus_queue import JanusQueue
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import STREAM_CLOSED, Rejection


class JanusPut(JanusQueue):
    async def send(self, chunk: bytes) -> bool:
        try:
            await self._queue.put(chunk)
        except janus.AsyncQueueShutDown:
            raise Rejection(STREAM_CLOSED) from None
        return True


if __name__ == "__main__":
    run(Library("janus.Queue, put", janus.__version__, JanusPut))
