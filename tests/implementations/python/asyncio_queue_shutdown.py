"""`asyncio.Queue` from Python 3.13 on, which has `shutdown`."""

from __future__ import annotations

import asyncio
import platform
from typing import Any, Final

from tests.implementations.python.exchange import Library
from tests.implementations.python.families import QueueThatShutsDown
from tests.implementations.python.on_asyncio import run
from tests.implementations.python.streams import MAX_QUEUE_CHUNKS

SHUT_DOWN: Final[Any] = vars(asyncio).get("QueueShutDown")  # which not every Python has


class AsyncioQueue(QueueThatShutsDown):
    refuses = (asyncio.QueueFull, SHUT_DOWN)
    over = (SHUT_DOWN,)

    def __init__(self) -> None:
        super().__init__(asyncio.Queue(MAX_QUEUE_CHUNKS))


if __name__ == "__main__":
    run(Library("asyncio.Queue with shutdown", platform.python_version(), AsyncioQueue))
