"""A channel of aiochan, in the manner of Clojure's core.async. It takes no empty value and no None,
so a chunk goes in a tuple."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

aiochan: Final[Any] = import_module("aiochan")  # which not everybody has


class AiochanChannel(Stream):
    def __init__(self) -> None:
        self._channel = aiochan.Chan(MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        return self._channel.put_nowait((chunk,)) is True

    async def pull(self) -> bytes | None:
        found: tuple[bytes] | None = await self._channel.get()
        return found[0] if found else None

    def close(self) -> None:
        self._channel.close()


if __name__ == "__main__":
    run(Library("aiochan", version("aiochan"), AiochanChannel))
