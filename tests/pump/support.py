"""What sources and sinks of the tests are made of, and the ways for a stream to end."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from streamstate import StreamStateRegistry

BODY = bytes(range(256)) * 1_000


async def collected(registry: StreamStateRegistry, stream: int) -> bytes:
    async with registry.reader(stream) as chunks:
        return b"".join([chunk async for chunk in chunks])


class Wrapper:
    """A file that is found attribute by attribute, as that of `tempfile` is."""

    def __init__(self, file: io.IOBase) -> None:
        self.file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("reads lines, and not in a thread")


ENDS: dict[str, Callable[[StreamStateRegistry, int], object]] = {
    "close": lambda registry, stream: registry.close(stream),
    "error": lambda registry, stream: registry.error(stream, "boom"),
    "delete": lambda registry, stream: registry.delete(stream),
    "clear": lambda registry, _stream: registry.clear(),
}


class Watched:
    """An async generator that says when it was closed."""

    def __init__(self, chunks: int) -> None:
        self.closed = False
        self.chunks = self._chunks(chunks)

    async def _chunks(self, count: int) -> AsyncIterator[bytes]:
        try:
            for _ in range(count):
                yield bytes(2_048)
            await asyncio.get_running_loop().create_future()
        finally:
            self.closed = True
