"""curio's queue."""

from __future__ import annotations

from importlib.metadata import version

from tests.implementations.python.exchange import Library
from tests.implementations.python.on_curio import curio, now, run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS, Stream


class CurioQueue(Stream):
    def __init__(self) -> None:
        self._queue = curio.Queue(MAX_QUEUE_CHUNKS)

    def push(self, chunk: bytes) -> bool:
        if self._queue.full():
            return False  # it has no put that does not wait
        now(self._queue.put, chunk)
        return True

    async def pull(self) -> bytes:
        chunk: bytes = await self._queue.get()
        return chunk

    def is_full(self) -> bool:
        full: bool = self._queue.full()
        return full


if __name__ == "__main__":
    run(Library("curio.Queue", version("curio"), CurioQueue))
