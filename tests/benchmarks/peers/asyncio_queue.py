"""`asyncio.Queue`. It knows no end, so that None stands for it."""

from __future__ import annotations

from asyncio import Queue, create_task, sleep
from time import thread_time_ns

from tests.benchmarks.work import CHUNK, COUNT, ROOM


async def buffered() -> int:
    queue: Queue[bytes] = Queue()
    put, get = queue.put_nowait, queue.get
    started = thread_time_ns()
    for _ in range(COUNT):
        put(CHUNK)
        await get()
    return thread_time_ns() - started


async def handoff() -> int:
    queue: Queue[bytes] = Queue()
    put = queue.put_nowait
    taker = create_task(_take(queue))
    await sleep(0)
    started = thread_time_ns()
    for _ in range(COUNT):
        put(CHUNK)
        await sleep(0)
    await taker
    return thread_time_ns() - started


async def _take(queue: Queue[bytes]) -> None:
    get = queue.get
    for _ in range(COUNT):
        await get()


async def loop() -> int:
    queue: Queue[bytes | None] = Queue()
    put, get = queue.put_nowait, queue.get
    started = thread_time_ns()
    for _ in range(COUNT):
        put(CHUNK)
    put(None)
    while await get() is not None:
        pass
    return thread_time_ns() - started


async def pipe() -> int:
    queue: Queue[bytes | None] = Queue(ROOM)
    get = queue.get
    started = thread_time_ns()
    putter = create_task(_put(queue))
    while await get() is not None:
        pass
    await putter
    return thread_time_ns() - started


async def _put(queue: Queue[bytes | None]) -> None:
    put = queue.put
    for _ in range(COUNT):
        await put(CHUNK)
    await put(None)


async def writers(count: int) -> int:
    """So many tasks that each put one chunk, all of them waiting for room at once."""
    queue: Queue[bytes] = Queue(ROOM)
    get = queue.get
    for _ in range(ROOM):
        queue.put_nowait(CHUNK)
    putters = [create_task(queue.put(CHUNK)) for _ in range(count)]
    await sleep(0)
    started = thread_time_ns()
    for _ in range(ROOM + count):
        await get()
    took = thread_time_ns() - started
    for putter in putters:
        await putter
    return took
