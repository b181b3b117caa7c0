"""A channel of asyncio-channel, whose `put` waits for room."""

from __future__ import annotations

from importlib.metadata import version

from tests.implementations.python.asyncio_channel_queue import AsyncioChannel
from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import STREAM_CLOSED, Rejection


class AsyncioChannelPut(AsyncioChannel):
    async def send(self, chunk: bytes) -> bool:
        if not await self._channel.put(chunk):
            raise Rejection(STREAM_CLOSED)
        return True


if __name__ == "__main__":
    run(Library("asyncio-channel, put", version("asyncio-channel"), AsyncioChannelPut))
