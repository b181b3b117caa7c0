"""A channel of aiochannel, in the manner of Go's."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

aiochannel: Final[Any] = import_module("aiochannel")  # which not everybody has


class AiochannelChannel(Stream):
    def __init__(self) -> None:
        self._channel = aiochannel.Channel(MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        try:
            self._channel.put_nowait(chunk)
        except (aiochannel.ChannelFull, aiochannel.ChannelClosed):
            return False
        return True

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = await self._channel.get()
        except aiochannel.ChannelClosed:
            return None
        return chunk

    def close(self) -> None:
        self._channel.close()

    def is_full(self) -> bool:
        full: bool = self._channel.full()
        return full


if __name__ == "__main__":
    run(Library("aiochannel", version("aiochannel"), AiochannelChannel))
