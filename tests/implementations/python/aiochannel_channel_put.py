"""A channel of aiochannel, whose `put` waits for room."""

from __future__ import annotations

from importlib.metadata import version

from tests.implementations.python.aiochannel_channel import AiochannelChannel, aiochannel
from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import STREAM_CLOSED, Rejection


class AiochannelPut(AiochannelChannel):
    async def send(self, chunk: bytes) -> bool:
        try:
            await self._channel.put(chunk)
        except aiochannel.ChannelClosed:
            raise Rejection(STREAM_CLOSED) from None
        return True


if __name__ == "__main__":
    run(Library("aiochannel, put", version("aiochannel"), AiochannelPut))
