"""`asyncio.Queue` from Python 3.13 on, whose `put` waits for room."""

from __future__ import annotations

import platform

from tests.implementations.python.asyncio_queue_shutdown import AsyncioQueue
from tests.implementations.python.exchange import Library
from tests.implementations.python.families import PutThatWaits
from tests.implementations.python.on_asyncio import run


class AsyncioPut(PutThatWaits, AsyncioQueue):
    """With a `put` that waits."""


if __name__ == "__main__":
    run(Library("asyncio.Queue with shutdown, put", platform.python_version(), AsyncioPut))
