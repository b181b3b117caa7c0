"""A load: numbered chunks go from one end of a stream to the other, and somebody upsets that.

What arrives is the beginning of what was sent, and nothing but the whole is taken for the whole.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from streamstate import Chunk, StreamDeleted
from tests.soak.world import Upset, World

SIZES: Final = (0, 1, 3, 30, 30, 90)  # below any limit, so that no chunk is split


async def piped(world: World) -> None:
    """A writer and a reader, in scopes or without, one of whom may be stopped, or the stream."""
    sent = [
        b"%d " % n + bytes(world.random.choice(SIZES)) for n in range(world.random.randrange(40))
    ]
    got: list[bytes] = []
    registry = world.registry
    async with registry.stream() as stream:
        read = _read_in_scope if world.chance(2) else _pull_and_give_up
        reading = asyncio.create_task(read(world, stream, got), name="reads")
        writing = asyncio.create_task(_write(world, stream, sent), name="writes")
        calm = await upset(world, stream, writing, reading)
        written, ended = await world.result(writing), await world.result(reading)
    world.require(
        got == sent[: len(got)], f"chunks lost or out of order: {_shown(got)} of {_shown(sent)}"
    )
    if ended is None:
        world.require(got == sent, f"{len(got)} of {len(sent)} chunks were taken for the whole")
    if calm:
        world.require(ended is None, f"a reader that nobody upset got {ended!r}")
        world.require(written is True, f"a writer that nobody upset got {written!r}")


def _shown(chunks: list[bytes]) -> str:
    return " ".join(chunk.rstrip(b"\0 ").decode() for chunk in chunks)


async def _write(world: World, stream: int, chunks: list[bytes]) -> bool:
    async with world.registry.writer(stream) as write:
        for chunk in chunks:
            if not await write(bytearray(chunk) if world.chance(3) else chunk):
                return False
            if world.chance(4):
                await world.pause()
    return True


async def _read_in_scope(world: World, stream: int, got: list[bytes]) -> None:
    async with world.registry.reader(stream) as chunks:
        async for chunk in chunks:
            got.append(chunk)
            if world.chance(8):
                await world.pause()


async def _pull_and_give_up(world: World, stream: int, got: list[bytes]) -> None:
    """Give up pulls in all ways that there are, and pull again: nothing gets lost by that."""
    while True:
        try:
            result = await _impatient_pull(world, stream)
        except TimeoutError:
            world.happened["timed out"] += 1
            continue
        if result is None:
            world.happened["gave up"] += 1
            continue
        if not isinstance(result, Chunk):
            if world.registry.get(stream) is None:  # done, as of any stream that is unknown
                raise StreamDeleted
            return
        got.append(result.value)


async def _impatient_pull(world: World, stream: int) -> object:
    """What a pull brought; None if it was given up, and raises `TimeoutError` if that timed out."""
    pull = world.registry.pull(stream)
    match world.random.randrange(6):
        case 0:
            pull.close()
            return None
        case 1:
            return None  # dropped
        case 2:
            return await asyncio.wait_for(pull, world.random.random() / 2_000)
        case 3:
            async with asyncio.timeout(world.random.random() / 2_000):
                return await pull
        case 4:
            task = asyncio.ensure_future(pull)
            task.add_done_callback(_looked_at)  # this one may be cancelled before it looks
            await asyncio.sleep(0)
            task.cancel()
            try:
                return await task
            except asyncio.CancelledError:
                if not task.cancelled() or _is_cancelled():
                    raise
                return None
        case _:
            return await pull


def _looked_at(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()


def _is_cancelled() -> bool:
    """Whether somebody wants this very task to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def upset(
    world: World, stream: int, writing: asyncio.Task[Any], reading: asyncio.Task[Any]
) -> bool:
    """Do something in the middle that ends it. False, unless nothing was done."""
    await asyncio.sleep(0)  # a task that is cancelled before its first step does nothing at all
    for _ in range(world.random.randrange(4)):
        await world.pause()
    match world.random.randrange(8):
        case 0:
            writing.cancel()
        case 1:
            reading.cancel()
        case 2:
            world.registry.delete(stream)
        case 3:
            world.registry.error(stream, Upset("by somebody else"))
        case _:
            return True
    if reading.cancelling():
        await asyncio.wait([reading])
        world.registry.delete(stream)  # as the scope of a reader does
    return False
