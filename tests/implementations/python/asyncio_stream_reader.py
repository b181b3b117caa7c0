"""`asyncio.StreamReader`: a stream of bytes, which does not keep chunks apart.

That a second `read` must not wait beside the first is a `RuntimeError`: the wire's *Pull refused*.
"""

from __future__ import annotations

import asyncio
import platform

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import HIGH_WATER_MARK, PULL_REFUSED, Rejection, Stream


class _Transport(asyncio.Transport):
    """A transport as far as a reader uses one."""

    paused = False

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class AsyncioStreamReader(Stream):
    def __init__(self) -> None:
        self._transport = _Transport()
        self._reader = asyncio.StreamReader(limit=HIGH_WATER_MARK // 2)
        self._reader.set_transport(self._transport)

    def push(self, chunk: bytes) -> bool:
        try:
            self._reader.feed_data(chunk)
        except AssertionError:
            return False
        return True

    async def pull(self) -> bytes | None:
        try:
            return await self._reader.read(HIGH_WATER_MARK) or None
        except RuntimeError:
            raise Rejection(PULL_REFUSED) from None

    def close(self) -> None:
        self._reader.feed_eof()

    def error(self, value: Exception, /) -> None:
        self._reader.set_exception(value)

    def is_full(self) -> bool:
        return self._transport.paused


if __name__ == "__main__":
    run(Library("asyncio.StreamReader", platform.python_version(), AsyncioStreamReader, None))
