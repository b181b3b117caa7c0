"""The registry itself, by nothing but its public names, so that any build of it can be timed."""

from __future__ import annotations

import random
import sys
import tracemalloc
from asyncio import create_task, sleep
from itertools import cycle, islice
from time import thread_time_ns
from typing import Final

from streamstate import Limits, StreamStateRegistry
from streamstate.model import Create, Pull, Push, Seen, initial, step
from tests.benchmarks.work import CHUNK, COUNT, Work

MANY: Final = 100_000
OPS: Final = 1_000


async def buffered() -> int:
    return await _buffered(StreamStateRegistry())


async def counted() -> int:
    """The same in a registry that is watched."""
    registry = StreamStateRegistry()
    registry.watch()
    return await _buffered(registry)


async def counted_no_longer() -> int:
    """The same in one that was."""
    registry = StreamStateRegistry()
    registry.watch()
    registry.unwatch()
    return await _buffered(registry)


async def listened_to() -> int:
    """The same in one with a listener that does nothing."""
    registry = StreamStateRegistry()
    registry.attach(lambda _op, _effects: None)
    return await _buffered(registry)


async def _buffered(registry: StreamStateRegistry) -> int:
    stream = registry.create()
    push, pull = registry.push, registry.pull
    started = thread_time_ns()
    for _ in range(COUNT):
        push(stream, CHUNK)
        await pull(stream)
    return thread_time_ns() - started


async def handoff() -> int:
    registry = StreamStateRegistry()
    stream = registry.create()
    push = registry.push
    taker = create_task(_take(registry, stream))
    await sleep(0)
    started = thread_time_ns()
    for _ in range(COUNT):
        push(stream, CHUNK)
        await sleep(0)
    await taker
    return thread_time_ns() - started


async def _take(registry: StreamStateRegistry, stream: int) -> None:
    pull = registry.pull
    for _ in range(COUNT):
        await pull(stream)


async def loop() -> int:
    registry = StreamStateRegistry()
    stream = registry.create()
    push = registry.push
    started = thread_time_ns()
    for _ in range(COUNT):
        push(stream, CHUNK)
    registry.close(stream)
    async for _ in registry.chunks(stream):
        pass
    return thread_time_ns() - started


async def pipe() -> int:
    registry = StreamStateRegistry()
    stream = registry.create()
    started = thread_time_ns()
    putter = create_task(_put(registry, stream))
    async for _ in registry.chunks(stream):
        pass
    await putter
    return thread_time_ns() - started


async def _put(registry: StreamStateRegistry, stream: int) -> None:
    push, writable = registry.push, registry.writable
    for _ in range(COUNT):
        await writable(stream)
        push(stream, CHUNK)
    registry.close(stream)


async def writers(count: int) -> int:
    """So many tasks that each push one chunk, all of them waiting for room at once."""
    registry = StreamStateRegistry()
    stream = registry.create()
    pull = registry.pull
    room = registry.limits.max_queue_chunks
    for _ in range(room):
        registry.push(stream, CHUNK)
    putters = [create_task(_put_one(registry, stream)) for _ in range(count)]
    await sleep(0)
    started = thread_time_ns()
    for _ in range(room + count):
        await pull(stream)
    took = thread_time_ns() - started
    for putter in putters:
        await putter
    return took


async def _put_one(registry: StreamStateRegistry, stream: int) -> None:
    await registry.writable(stream)
    registry.push(stream, CHUNK)


def at_random(count: int) -> Work:
    """One push and one pull on each of the next `OPS` out of so many streams, in shuffled order.

    The order goes on where the last run ended, so that no stream is met again before all the
    others were.
    """
    registry = StreamStateRegistry()
    streams = [registry.create() for _ in range(count)]
    random.Random(count).shuffle(streams)
    return _in_turn(registry, streams)


def behind(backlog: int) -> Work:
    """One push and one pull, `OPS` times, on a stream with so many chunks in its queue."""
    registry = StreamStateRegistry(limits=Limits(2**40, 2**40))
    stream = registry.create()
    for _ in range(backlog):
        registry.push(stream, b"x")
    return _in_turn(registry, [stream])


def _in_turn(registry: StreamStateRegistry, streams: list[int]) -> Work:
    turns = cycle(streams)  # which looks at a number no sooner than its turn comes

    async def work() -> int:
        push, pull = registry.push, registry.pull
        started = thread_time_ns()
        for stream in islice(turns, OPS):
            push(stream, CHUNK)
            await pull(stream)
        return thread_time_ns() - started

    return work


async def model_steps() -> int:
    """`OPS` times a push, a pull and the look at what it brought, in the model."""
    state, _ = step(initial(), Create())
    push, pull = Push(1, b"x"), Pull(1)
    started = thread_time_ns()
    for number in range(1, OPS + 1):
        state, _ = step(state, push)
        state, _ = step(state, pull)
        state, _ = step(state, Seen(number))
    return thread_time_ns() - started


def idle_bytes() -> float:
    """What a stream that nothing was pushed into takes, its share of the table included."""
    registry = StreamStateRegistry()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(MANY):
        registry.create()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / MANY


async def kept() -> tuple[int, int]:
    """After `COUNT` chunks were seen in each of three ways, while registry and iterator live on:
    how many references to a chunk there still are, and how many more blocks of memory.

    Nothing is collected, so what sits in a cycle counts.
    """
    registry = StreamStateRegistry(limits=Limits(2**40, 2**40))
    stream = registry.create()
    chunk = bytes(2_000)
    chunks = registry.chunks(stream)

    async def take() -> None:
        for _ in range(COUNT):
            await registry.pull(stream)

    async def ways() -> None:
        for _ in range(COUNT):
            registry.push(stream, chunk)
            await registry.pull(stream)
        taker = create_task(take())
        await sleep(0)
        for _ in range(COUNT):
            registry.push(stream, chunk)
            await sleep(0)
        await taker
        for _ in range(COUNT):
            registry.push(stream, chunk)
            await anext(chunks)

    references = sys.getrefcount(chunk)
    await ways()  # what is made once, however many chunks there are, is no matter
    blocks = sys.getallocatedblocks()
    await ways()
    more = sys.getallocatedblocks() - blocks
    return sys.getrefcount(chunk) - references, more
