"""The same work for the registry and for what else hands bytes over in a program.

Three kinds of work, each on chunks of one kibibyte:

- *buffered*: put one in, take one out, so that nothing ever waits;
- *hand-off*: one side waits for every chunk before the other puts it in;
- *loop*: all chunks are put in, then one loop takes them to the end.
"""

from __future__ import annotations

import asyncio
from asyncio import Queue, StreamReader
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from streamstate import Chunk, StreamStateRegistry
from tests.benchmarks.clock import Run, Work, on_asyncio
from tests.benchmarks.foreign import foreign
from tests.benchmarks.work import CHUNK, COUNT, handing_over

Prepare: TypeAlias = Callable[[], Awaitable[Work]]


async def registry_buffered() -> Work:
    registry = StreamStateRegistry()
    stream = registry.create()

    async def work() -> None:
        push, pull = registry.push, registry.pull
        for _ in range(COUNT):
            push(stream, CHUNK)
            await pull(stream)

    return work


async def queue_buffered() -> Work:
    queue: Queue[bytes] = Queue()

    async def work() -> None:
        put, get = queue.put_nowait, queue.get
        for _ in range(COUNT):
            put(CHUNK)
            await get()

    return work


async def reader_buffered() -> Work:
    reader = StreamReader()

    async def work() -> None:
        feed, read = reader.feed_data, reader.read
        for _ in range(COUNT):
            feed(CHUNK)
            await read(1024)

    return work


async def registry_handoff() -> Work:
    registry = StreamStateRegistry()
    stream = registry.create()
    push, pull = registry.push, registry.pull
    return handing_over(lambda: push(stream, CHUNK), lambda: pull(stream))


async def queue_handoff() -> Work:
    queue: Queue[bytes] = Queue()
    put, get = queue.put_nowait, queue.get
    return handing_over(lambda: put(CHUNK), get)


async def reader_handoff() -> Work:
    reader = StreamReader()
    feed, read = reader.feed_data, reader.read
    return handing_over(lambda: feed(CHUNK), lambda: read(1024))


async def registry_loop() -> Work:
    registry = StreamStateRegistry()
    stream = registry.create()

    async def work() -> None:
        push = registry.push
        for _ in range(COUNT):
            push(stream, CHUNK)
        registry.close(stream)
        async for _ in registry.chunks(stream):
            pass

    return work


async def registry_pull_loop() -> Work:
    registry = StreamStateRegistry()
    stream = registry.create()

    async def work() -> None:
        push, pull = registry.push, registry.pull
        for _ in range(COUNT):
            push(stream, CHUNK)
        registry.close(stream)
        while isinstance(await pull(stream), Chunk):
            pass

    return work


async def queue_loop() -> Work:
    queue: Queue[bytes | None] = Queue()

    async def work() -> None:
        put, get = queue.put_nowait, queue.get
        for _ in range(COUNT):
            put(CHUNK)
        put(None)
        while await get() is not None:
            pass

    return work


async def registry_pipe() -> Work:
    registry = StreamStateRegistry()
    stream = registry.create()

    async def produce() -> None:
        push, writable = registry.push, registry.writable
        for _ in range(COUNT):
            await writable(stream)
            push(stream, CHUNK)
        registry.close(stream)

    async def work() -> None:
        producer = asyncio.create_task(produce())
        async for _ in registry.chunks(stream):
            pass
        await producer

    return work


async def queue_pipe() -> Work:
    queue: Queue[bytes | None] = Queue(16)

    async def produce() -> None:
        for _ in range(COUNT):
            await queue.put(CHUNK)
        await queue.put(None)

    async def work() -> None:
        producer = asyncio.create_task(produce())
        while await queue.get() is not None:
            pass
        await producer

    return work


REGISTRY = "streamstate"
QUEUE = "asyncio.Queue"


def buffered() -> dict[str, Run]:
    return {
        **_runs({REGISTRY: registry_buffered, QUEUE: queue_buffered}),
        **_runs({"asyncio.StreamReader": reader_buffered}),
        **foreign("buffered"),
    }


def handoff() -> dict[str, Run]:
    return {
        **_runs({REGISTRY: registry_handoff, QUEUE: queue_handoff}),
        **_runs({"asyncio.StreamReader": reader_handoff}),
        **foreign("handoff"),
    }


def loop() -> dict[str, Run]:
    return {
        **_runs({REGISTRY: registry_loop, "streamstate, pull by pull": registry_pull_loop}),
        **_runs({QUEUE: queue_loop}),
        **foreign("loop"),
    }


def pipe() -> dict[str, Run]:
    return _runs({REGISTRY: registry_pipe, QUEUE: queue_pipe})


def _runs(prepared: dict[str, Prepare]) -> dict[str, Run]:
    return {name: on_asyncio(COUNT, prepare) for name, prepare in prepared.items()}
