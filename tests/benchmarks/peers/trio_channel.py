"""Trio's memory channels, on Trio's own loop."""

from __future__ import annotations

from time import thread_time_ns

from trio import MemoryReceiveChannel, MemorySendChannel, open_memory_channel, open_nursery
from trio.lowlevel import checkpoint

from tests.benchmarks.work import CHUNK, COUNT, ROOM


async def buffered() -> int:
    sender, receiver = open_memory_channel[bytes](COUNT)
    put, take = sender.send_nowait, receiver.receive
    started = thread_time_ns()
    for _ in range(COUNT):
        put(CHUNK)
        await take()
    return thread_time_ns() - started


async def handoff() -> int:
    sender, receiver = open_memory_channel[bytes](COUNT)
    put = sender.send_nowait
    async with open_nursery() as nursery:
        nursery.start_soon(_take, receiver)
        await checkpoint()
        started = thread_time_ns()
        for _ in range(COUNT):
            put(CHUNK)
            await checkpoint()
    return thread_time_ns() - started


async def _take(receiver: MemoryReceiveChannel[bytes]) -> None:
    take = receiver.receive
    for _ in range(COUNT):
        await take()


async def loop() -> int:
    sender, receiver = open_memory_channel[bytes](COUNT)
    put = sender.send_nowait
    started = thread_time_ns()
    for _ in range(COUNT):
        put(CHUNK)
    sender.close()
    async for _ in receiver:
        pass
    return thread_time_ns() - started


async def pipe() -> int:
    sender, receiver = open_memory_channel[bytes](ROOM)
    started = thread_time_ns()
    async with open_nursery() as nursery:
        nursery.start_soon(_put, sender)
        async for _ in receiver:
            pass
    return thread_time_ns() - started


async def _put(sender: MemorySendChannel[bytes]) -> None:
    put = sender.send
    for _ in range(COUNT):
        await put(CHUNK)
    sender.close()
