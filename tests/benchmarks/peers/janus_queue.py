"""janus, the asyncio side of its queue. It knows no end here, so that None stands for it."""

from __future__ import annotations

from asyncio import create_task, sleep
from time import thread_time_ns

from janus import AsyncQueue, Queue

from tests.benchmarks.work import CHUNK, COUNT, ROOM


async def buffered() -> int:
    queue: Queue[bytes] = Queue()
    put, get = queue.async_q.put_nowait, queue.async_q.get
    started = thread_time_ns()
    for _ in range(COUNT):
        put(CHUNK)
        await get()
    took = thread_time_ns() - started
    await queue.aclose()
    return took


async def handoff() -> int:
    queue: Queue[bytes] = Queue()
    put = queue.async_q.put_nowait
    taker = create_task(_take(queue.async_q))
    await sleep(0)
    started = thread_time_ns()
    for _ in range(COUNT):
        put(CHUNK)
        await sleep(0)
    await taker
    took = thread_time_ns() - started
    await queue.aclose()
    return took


async def _take(queue: AsyncQueue[bytes]) -> None:
    get = queue.get
    for _ in range(COUNT):
        await get()


async def loop() -> int:
    queue: Queue[bytes | None] = Queue()
    put, get = queue.async_q.put_nowait, queue.async_q.get
    started = thread_time_ns()
    for _ in range(COUNT):
        put(CHUNK)
    put(None)
    while await get() is not None:
        pass
    took = thread_time_ns() - started
    await queue.aclose()
    return took


async def pipe() -> int:
    queue: Queue[bytes | None] = Queue(ROOM)
    get = queue.async_q.get
    started = thread_time_ns()
    putter = create_task(_put(queue.async_q))
    while await get() is not None:
        pass
    await putter
    took = thread_time_ns() - started
    await queue.aclose()
    return took


async def _put(queue: AsyncQueue[bytes | None]) -> None:
    put = queue.put
    for _ in range(COUNT):
        await put(CHUNK)
    await put(None)
