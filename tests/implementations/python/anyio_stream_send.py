"""anyio's memory object stream, on asyncio, whose `send` waits for room."""

from __future__ import annotations

from importlib.metadata import version

import anyio

from tests.implementations.python.anyio_stream import AnyioRuntime
from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, STREAM_DELETED, Rejection, Stream


class AnyioStream(Stream):
    def __init__(self) -> None:
        self._send, self._receive = anyio.create_memory_object_stream[bytes](MAX_QUEUE_CHUNKS)

    async def send(self, chunk: bytes) -> bool:
        try:
            await self._send.send(chunk)
        except anyio.BrokenResourceError:
            raise Rejection(STREAM_DELETED) from None
        except anyio.ClosedResourceError:
            raise Rejection("Stream closed") from None
        return True

    async def pull(self) -> bytes | None:
        try:
            return await self._receive.receive()
        except anyio.EndOfStream:
            return None
        except anyio.ClosedResourceError:
            raise Rejection(STREAM_DELETED) from None

    def close(self) -> None:
        self._send.close()

    def is_full(self) -> bool:
        return self._receive.statistics().current_buffer_used >= MAX_QUEUE_CHUNKS

    def delete(self) -> None:
        self._receive.close()
        self._send.close()


if __name__ == "__main__":
    run(Library("anyio memory object stream, send", version("anyio"), AnyioStream), AnyioRuntime)
