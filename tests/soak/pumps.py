"""A load: a pump and a pour, of which the source, the sink or somebody else may break off."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from io import BytesIO
from typing import Final

from streamstate.pump import Sink, Source, pour, pump
from tests.soak.pipes import upset
from tests.soak.world import Upset, World

SIZES: Final = (0, 1, 700, 6_000)


async def pumped(world: World) -> None:
    """What is poured is the beginning of the source, and only the whole is taken for the whole."""
    content = world.random.randbytes(world.random.choice(SIZES))
    cut = None if world.chance(2) else world.random.randrange(len(content) + 1)
    source_cut, sink_cut = (cut, None) if world.chance(2) else (None, cut)
    taken, registry = bytearray(), world.registry
    async with AsyncExitStack() as stack, registry.stream() as stream:
        source = _source(world, content, source_cut)
        sink = await _sink(world, taken, sink_cut, stack)
        pumping = asyncio.create_task(pump(source, registry, stream), name="pumps")
        pouring = asyncio.create_task(pour(registry, stream, sink), name="pours")
        calm = await upset(world, stream, pumping, pouring) and cut is None
        moved, poured = await world.result(pumping), await world.result(pouring)
    world.require(content.startswith(taken), "poured bytes are not the beginning of the source")
    if isinstance(poured, int):
        what = f"{len(taken)} of {len(content)} bytes were taken for the whole"
        world.require(taken == content, what)
    if calm:
        world.require(moved is True, f"a pump that nobody upset got {moved!r}")
        world.require(poured == len(content), f"a pour that nobody upset got {poured!r}")


def _source(world: World, content: bytes, cut: int | None) -> Source:
    """One that raises after so many bytes, if any."""
    match world.random.randrange(4 if cut is None else 3):
        case 0:
            return _generated(world, content, cut)
        case 1:
            return _iterated(world, content, cut)
        case 2:
            reader = asyncio.StreamReader()
            reader.feed_data(content[:cut])
            reader.feed_eof() if cut is None else reader.set_exception(Upset("the source"))
            return reader
        case _:
            return BytesIO(content)


async def _generated(world: World, content: bytes, cut: int | None) -> AsyncIterator[bytes]:
    for chunk in _iterated(world, content, cut):
        await world.pause()
        yield chunk


def _iterated(world: World, content: bytes, cut: int | None) -> Iterator[bytes]:
    start = 0
    while start < len(content):
        end = start + world.random.randrange(1, 500)
        if cut is not None and end > cut:
            raise Upset("the source")
        yield content[start:end]
        start = end


async def _sink(world: World, taken: bytearray, cut: int | None, stack: AsyncExitStack) -> Sink:
    """One that puts what it gets into `taken`, by the time the stack is left."""
    match 0 if cut is not None else world.random.randrange(3):
        case 0:

            async def write(chunk: bytes) -> None:
                if cut is not None and len(taken) + len(chunk) > cut:
                    raise Upset("the sink")
                taken.extend(chunk)
                if world.chance(4):
                    await world.pause()

            return write
        case 1:
            file = BytesIO()
            stack.callback(lambda: taken.extend(file.getvalue()))
            return file
        case _:
            return await _socket(taken, stack)


async def _socket(taken: bytearray, stack: AsyncExitStack) -> asyncio.StreamWriter:
    here, there = socket.socketpair()
    _, sink = await asyncio.open_connection(sock=here)
    arriving, other = await asyncio.open_connection(sock=there)

    async def read() -> None:
        while chunk := await arriving.read(10_000):
            taken.extend(chunk)

    reading = asyncio.create_task(read(), name="reads from a socket")

    async def close() -> None:
        sink.close()
        await sink.wait_closed()
        await reading
        other.close()
        await other.wait_closed()

    stack.push_async_callback(close)
    return sink
