"""curio's queue, whose `put` waits for room."""

from __future__ import annotations

from importlib.metadata import version

from tests.implementations.python.curio_queue import CurioQueue
from tests.implementations.python.exchange import Library
from tests.implementations.python.on_curio import run


class CurioPut(CurioQueue):
    async def send(self, chunk: bytes) -> bool:
        await self._queue.put(chunk)
        return True


if __name__ == "__main__":
    run(Library("curio.Queue, put", version("curio"), CurioPut))
