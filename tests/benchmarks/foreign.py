"""The same work for other libraries; one that is not installed is listed as absent."""

from __future__ import annotations

from importlib.util import find_spec
from time import thread_time_ns

from tests.benchmarks.clock import Run, Work, on_asyncio, per_unit
from tests.benchmarks.work import CHUNK, COUNT, handing_over

FOREIGN = ("anyio", "trio", "janus")


def absent() -> list[str]:
    """The ones that are not installed."""
    return [name for name in FOREIGN if find_spec(name) is None]


def foreign(kind: str) -> dict[str, Run]:
    makers = {"anyio": _anyio, "trio": _trio, "janus": _janus}
    return {name: makers[name](kind) for name in FOREIGN if name not in absent()}


def _anyio(kind: str) -> Run:
    import anyio  # noqa: PLC0415  # it may be absent

    async def prepare() -> Work:
        sender, receiver = anyio.create_memory_object_stream[bytes](10 * COUNT)
        put, take = sender.send_nowait, receiver.receive

        async def buffered() -> None:
            for _ in range(COUNT):
                put(CHUNK)
                await take()
            sender.close()
            receiver.close()

        async def loop() -> None:
            for _ in range(COUNT):
                put(CHUNK)
            sender.close()
            async for _ in receiver:
                pass
            receiver.close()

        handed = handing_over(lambda: put(CHUNK), take)

        async def handoff() -> None:
            await handed()
            sender.close()
            receiver.close()

        return {"buffered": buffered, "handoff": handoff, "loop": loop}[kind]

    return on_asyncio(COUNT, prepare)


def _janus(kind: str) -> Run:
    import janus  # noqa: PLC0415  # it may be absent

    async def prepare() -> Work:
        queue: janus.Queue[bytes | None] = janus.Queue()
        put, get = queue.async_q.put_nowait, queue.async_q.get

        async def buffered() -> None:
            for _ in range(COUNT):
                put(CHUNK)
                await get()
            await queue.aclose()

        async def loop() -> None:
            for _ in range(COUNT):
                put(CHUNK)
            put(None)
            while await get() is not None:
                pass
            await queue.aclose()

        handed = handing_over(lambda: put(CHUNK), get)

        async def handoff() -> None:
            await handed()
            await queue.aclose()

        return {"buffered": buffered, "handoff": handoff, "loop": loop}[kind]

    return on_asyncio(COUNT, prepare)


def _trio(kind: str) -> Run:
    import trio  # noqa: PLC0415  # it may be absent

    async def buffered() -> None:
        sender, receiver = trio.open_memory_channel[bytes](10 * COUNT)
        put, take = sender.send_nowait, receiver.receive
        for _ in range(COUNT):
            put(CHUNK)
            await take()

    async def loop() -> None:
        sender, receiver = trio.open_memory_channel[bytes](10 * COUNT)
        for _ in range(COUNT):
            sender.send_nowait(CHUNK)
        sender.close()
        async for _ in receiver:
            pass

    async def handoff() -> None:
        sender, receiver = trio.open_memory_channel[bytes](10 * COUNT)

        async def consume() -> None:
            for _ in range(COUNT):
                await receiver.receive()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(consume)
            await trio.lowlevel.checkpoint()
            for _ in range(COUNT):
                sender.send_nowait(CHUNK)
                await trio.lowlevel.checkpoint()

    work = {"buffered": buffered, "handoff": handoff, "loop": loop}[kind]

    async def timed() -> float:
        started = thread_time_ns()
        await work()
        return per_unit(COUNT, started)

    return lambda: trio.run(timed)
