"""gevent's queue, whose `put` waits for room."""

from __future__ import annotations

from importlib.metadata import version

from tests.implementations.python.exchange import Library
from tests.implementations.python.gevent_queue import GeventQueue
from tests.implementations.python.on_gevent import run
from tests.implementations.python.streams import STREAM_CLOSED, Rejection


class GeventPut(GeventQueue):
    async def send(self, chunk: bytes) -> bool:
        try:
            self._queue.put(chunk)
        except self.over:
            raise Rejection(STREAM_CLOSED) from None
        return True


if __name__ == "__main__":
    run(Library("gevent.queue.Queue, put", version("gevent"), GeventPut))
