"""The asyncio side of a culsans queue."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.families import QueueThatShutsDown
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS

culsans: Final[Any] = import_module("culsans")  # which not everybody has


class CulsansQueue(QueueThatShutsDown):
    refuses = (culsans.AsyncQueueFull, culsans.AsyncQueueShutDown)
    over = (culsans.AsyncQueueShutDown,)

    def __init__(self) -> None:
        super().__init__(culsans.Queue(MAX_QUEUE_CHUNKS).async_q)


if __name__ == "__main__":
    run(Library("culsans.Queue", version("culsans"), CulsansQueue))
