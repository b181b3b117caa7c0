"""Trio's memory channel, whose `send` waits for room."""

from __future__ import annotations

import trio

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_trio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, STREAM_DELETED, Rejection, Stream


class TrioChannel(Stream):
    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[bytes](MAX_QUEUE_CHUNKS)

    async def send(self, chunk: bytes) -> bool:
        try:
            await self._send.send(chunk)
        except trio.BrokenResourceError:
            raise Rejection(STREAM_DELETED) from None
        except trio.ClosedResourceError:
            raise Rejection("Stream closed") from None
        return True

    async def pull(self) -> bytes | None:
        try:
            return await self._receive.receive()
        except trio.EndOfChannel:
            return None
        except trio.ClosedResourceError:
            raise Rejection(STREAM_DELETED) from None

    def close(self) -> None:
        self._send.close()

    def is_full(self) -> bool:
        return self._receive.statistics().current_buffer_used >= MAX_QUEUE_CHUNKS

    def delete(self) -> None:
        self._receive.close()
        self._send.close()


if __name__ == "__main__":
    run(Library("Trio memory channel, send", trio.__version__, TrioChannel))
