"""What every contender is given to do."""

from __future__ import annotations

import asyncio
from asyncio import sleep
from collections.abc import Awaitable, Callable

from tests.benchmarks.clock import Work

CHUNK = bytes(1024)
COUNT = 1_000


def handing_over(put: Callable[[], object], take: Callable[[], Awaitable[object]]) -> Work:
    async def consume() -> None:
        for _ in range(COUNT):
            await take()

    async def work() -> None:
        consumer = asyncio.create_task(consume())
        await sleep(0)
        for _ in range(COUNT):
            put()
            await sleep(0)
        await consumer

    return work
