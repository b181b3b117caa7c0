"""Trio's memory channel."""

from __future__ import annotations

import trio

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_trio import run
from tests.implementations.python.streams import (
    MAX_QUEUE_CHUNKS,
    STREAM_DELETED,
    Rejection,
    Stream,
)


class TrioChannel(Stream):
    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[bytes](MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        try:
            self._send.send_nowait(chunk)
        except (trio.WouldBlock, trio.ClosedResourceError, trio.BrokenResourceError):
            return False
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


if __name__ == "__main__":
    run(Library("Trio memory channel", trio.__version__, TrioChannel))
