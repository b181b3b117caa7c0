"""Twisted's `DeferredQueue`, awaited by tasks of asyncio: each pull is a `Deferred.asFuture`."""

from __future__ import annotations

import asyncio
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

defer: Final[Any] = import_module("twisted.internet.defer")  # which not everybody has


class TwistedQueue(Stream):
    def __init__(self) -> None:
        self._queue = defer.DeferredQueue(size=MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        try:
            self._queue.put(chunk)
        except defer.QueueOverflow:
            return False
        return True

    async def pull(self) -> bytes:
        chunk: bytes = await self._queue.get().asFuture(asyncio.get_running_loop())
        return chunk

    def is_full(self) -> bool:
        return len(self._queue.pending) >= MAX_QUEUE_CHUNKS


if __name__ == "__main__":
    run(Library("twisted DeferredQueue", version("twisted"), TwistedQueue))
