"""Loads: any op in any situation, waits that are given up, and threads."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from typing import Any, Final

from streamstate import StreamError
from tests.registry.in_threads import consume, produce
from tests.soak.world import Upset, World

OPS: Final = 60
CHUNKS: Final = 12


async def any_ops(world: World) -> None:
    """Ops as they come, on streams of its own and on numbers that nobody has; pulls are awaited by
    tasks, cancelled, closed or dropped, and what still waits at the end goes with its stream."""
    registry = world.registry
    streams = [registry.create() for _ in range(3)]
    tasks: list[asyncio.Task[Any]] = []
    for _ in range(OPS):
        stream = 0 if world.chance(20) else world.random.choice(streams)
        match world.random.choices(range(10), (9, 9, 1, 1, 1, 1, 1, 1, 2, 2))[0]:
            case 0:
                registry.push(stream, bytes(world.random.choice((0, 1, 30, 60))))
            case 1:
                tasks += _asked(world, stream)
            case 2:
                registry.close(stream)
            case 3:
                registry.error(stream, world.random.choice((Upset("an op"), "text", None)))
            case 4:
                registry.is_queue_full(stream)
            case 5:
                shown = registry.get(stream)
                world.require(shown is None or not shown.deleted, "get shows a deleted stream")
            case 6:
                registry.delete(stream)
            case 7:
                streams.append(registry.create())
            case 8:
                await world.pause()
            case 9 if tasks:
                world.random.choice(tasks).cancel()
                world.happened["cancelled"] += 1
            case _:
                pass
    for stream in streams:
        registry.delete(stream)
    await _ended(world, tasks)


async def _ended(world: World, tasks: list[asyncio.Task[Any]]) -> None:
    """The streams are deleted, which ends every wait, but of a pull that never settles. PULL_9."""
    for task in tasks:
        if world.registry.dialect.overlapping_pull == "overwrite":
            task.cancel()
        await world.result(task)


def _asked(world: World, stream: int) -> list[asyncio.Task[Any]]:
    """Pull, and do with it what callers do: the task that awaits it, if one does."""
    pull = world.registry.pull(stream)
    match world.random.randrange(6):
        case 0:
            pull.close()
        case 1:
            pass  # dropped
        case 2:
            return [asyncio.ensure_future(asyncio.wait_for(pull, world.random.random() / 1_000))]
        case _:
            return [asyncio.ensure_future(pull)]
    return []


async def waits(world: World) -> None:
    """Who waits for room, for chunks or for the end, and is cancelled or told."""
    registry = world.registry
    async with registry.stream() as stream:
        while registry.push(stream, b"x" * 30) and not registry.is_queue_full(stream):
            pass
        waiting = [
            asyncio.ensure_future(wait)
            for _ in range(3)
            for wait in (
                registry.writable(stream),
                registry.wait_closed(stream),
                _iterate(world, stream),
            )
        ]
        await world.pause()
        for each in world.random.sample(waiting, 4):
            each.cancel()
        match world.random.randrange(3):
            case 0:
                registry.close(stream)
            case 1:
                registry.error(stream, "text")
            case _:
                pass
        await world.pause()
    await _ended(world, waiting)


async def _iterate(world: World, stream: int) -> None:
    with suppress(StreamError):
        async for _ in world.registry.chunks(stream):
            if world.chance(3):
                return


async def in_threads(world: World) -> None:
    """Threads at both ends of a stream: everything arrives once, in the order of each."""
    registry, loop = world.registry, asyncio.get_running_loop()
    if registry.dialect.push_when_full != "accept":
        return  # `push` of a thread does not wait, and here nothing may be refused
    ops = registry.threadsafe()
    seeds = [Random(world.random.random()) for _ in range(3)]
    async with registry.stream() as stream:
        taking = loop.run_in_executor(world.threads, consume, ops, stream, seeds[0])
        producing = [
            loop.run_in_executor(world.threads, produce, ops, stream, name, CHUNKS, seeds[name])
            for name in (1, 2)
        ]
        await asyncio.gather(*producing)
        registry.close(stream)
        taken = await taking
    for name in (1, 2):
        own = [chunk for chunk in taken if chunk.startswith(b"%d " % name)]
        sent = [b"%d %d" % (name, number) for number in range(CHUNKS)]
        world.require(own == sent, f"chunks lost or out of order: of thread {name} came {own}")
        world.happened["threads"] += 1
