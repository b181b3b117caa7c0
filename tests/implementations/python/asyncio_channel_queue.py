"""A channel of asyncio-channel, in the manner of Clojure's core.async."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

asyncio_channel: Final[Any] = import_module("asyncio_channel")  # which not everybody has


class AsyncioChannel(Stream):
    def __init__(self) -> None:
        self._channel = asyncio_channel.create_channel(MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        accepted: bool = self._channel.offer(chunk)
        return accepted

    async def pull(self) -> bytes | None:
        chunk: bytes | None = await self._channel.take()
        return chunk

    def close(self) -> None:
        self._channel.close()

    def is_full(self) -> bool:
        full: bool = self._channel.full()
        return full


if __name__ == "__main__":
    run(Library("asyncio-channel", version("asyncio-channel"), AsyncioChannel))
