"""aiohttp's `DataQueue`, and for back-pressure its `FlowControlDataQueue` while there is one."""

from __future__ import annotations

from asyncio import create_task, get_running_loop, sleep
from collections.abc import Mapping
from time import thread_time_ns
from typing import Final

from aiohttp import DataQueue, streams

from tests.benchmarks.peers.aiohttp_reader import Gate
from tests.benchmarks.work import CHUNK, COUNT, ROOM, Kind

LACKS: Final[Mapping[Kind, str]] = (
    {}
    if hasattr(streams, "FlowControlDataQueue")
    else {"pipe": "none: this version has no FlowControlDataQueue"}
)

_SIZE = len(CHUNK)


async def buffered() -> int:
    queue: DataQueue[bytes] = DataQueue(get_running_loop())
    feed, read = queue.feed_data, queue.read
    started = thread_time_ns()
    for _ in range(COUNT):
        feed(CHUNK)
        await read()
    return thread_time_ns() - started


async def handoff() -> int:
    queue: DataQueue[bytes] = DataQueue(get_running_loop())
    feed = queue.feed_data
    taker = create_task(_take(queue))
    await sleep(0)
    started = thread_time_ns()
    for _ in range(COUNT):
        feed(CHUNK)
        await sleep(0)
    await taker
    return thread_time_ns() - started


async def _take(queue: DataQueue[bytes]) -> None:
    read = queue.read
    for _ in range(COUNT):
        await read()


async def loop() -> int:
    queue: DataQueue[bytes] = DataQueue(get_running_loop())
    feed = queue.feed_data
    started = thread_time_ns()
    for _ in range(COUNT):
        feed(CHUNK)
    queue.feed_eof()
    async for _ in queue:
        pass
    return thread_time_ns() - started


async def pipe() -> int:
    running = get_running_loop()
    gate = Gate(running)
    limit = (ROOM - 1) * _SIZE // 2  # it pauses above twice its limit
    queue = streams.FlowControlDataQueue[bytes](gate, limit, loop=running)
    started = thread_time_ns()
    putter = create_task(_put(queue, gate))
    async for _ in queue:
        pass
    await putter
    return thread_time_ns() - started


async def _put(queue: DataQueue[bytes], gate: Gate) -> None:
    feed, opened = queue.feed_data, gate.open.wait
    for _ in range(COUNT):
        await opened()
        feed(CHUNK, _SIZE)
    queue.feed_eof()
