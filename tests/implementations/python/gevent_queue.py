"""gevent's queue, which has Python 3.13's `shutdown`."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.families import QueueThatShutsDown
from tests.implementations.python.on_gevent import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS

queue: Final[Any] = import_module("gevent.queue")  # which not everybody has


class GeventQueue(QueueThatShutsDown):
    refuses = (queue.Full, queue.ShutDown)
    over = (queue.ShutDown,)

    def __init__(self) -> None:
        super().__init__(queue.Queue(MAX_QUEUE_CHUNKS))

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = self._queue.get()
        except self.over:
            return None
        return chunk


if __name__ == "__main__":
    run(Library("gevent.queue.Queue", version("gevent"), GeventQueue))
