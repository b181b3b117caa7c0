"""gevent's queue, which has Python 3.13's `shutdown`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_gevent import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream

queue: Final[Any] = import_module("gevent.queue")  # which not everybody has


class GeventQueue(Stream):
    def __init__(self) -> None:
        self._queue = queue.Queue(MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        try:
            self._queue.put_nowait(chunk)
        except (queue.Full, queue.ShutDown):
            return False
        return True

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = self._queue.get()
        except queue.ShutDown:
            return None
        return chunk

    def close(self) -> None:
        self._queue.shutdown()

    def is_full(self) -> bool:
        full: bool = self._queue.full()
        return full

    def delete(self) -> None:
        self._queue.shutdown(immediate=True)


if __name__ == "__main__":
    run(Library("gevent.queue.Queue", version("gevent"), GeventQueue))
