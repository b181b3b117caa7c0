"""anyio's memory object streams, on asyncio."""

from __future__ import annotations

from asyncio import create_task, sleep
from time import thread_time_ns

from anyio import create_memory_object_stream
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from tests.benchmarks.work import CHUNK, COUNT, ROOM


async def buffered() -> int:
    sender, receiver = create_memory_object_stream[bytes](COUNT)
    with sender, receiver:
        put, take = sender.send_nowait, receiver.receive
        started = thread_time_ns()
        for _ in range(COUNT):
            put(CHUNK)
            await take()
        return thread_time_ns() - started


async def handoff() -> int:
    sender, receiver = create_memory_object_stream[bytes](COUNT)
    with sender, receiver:
        put = sender.send_nowait
        taker = create_task(_take(receiver))
        await sleep(0)
        started = thread_time_ns()
        for _ in range(COUNT):
            put(CHUNK)
            await sleep(0)
        await taker
        return thread_time_ns() - started


async def _take(receiver: MemoryObjectReceiveStream[bytes]) -> None:
    take = receiver.receive
    for _ in range(COUNT):
        await take()


async def loop() -> int:
    sender, receiver = create_memory_object_stream[bytes](COUNT)
    with sender, receiver:
        put = sender.send_nowait
        started = thread_time_ns()
        for _ in range(COUNT):
            put(CHUNK)
        sender.close()
        async for _ in receiver:
            pass
        return thread_time_ns() - started


async def pipe() -> int:
    sender, receiver = create_memory_object_stream[bytes](ROOM)
    with sender, receiver:
        started = thread_time_ns()
        putter = create_task(_put(sender))
        async for _ in receiver:
            pass
        await putter
        return thread_time_ns() - started


async def _put(sender: MemoryObjectSendStream[bytes]) -> None:
    put = sender.send
    for _ in range(COUNT):
        await put(CHUNK)
    sender.close()
