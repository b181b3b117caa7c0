"""aiohttp's `StreamReader`, which bodies are read from.

Its back-pressure is a protocol that it pauses; here the protocol is told, and the task that puts
waits for it.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, Event, Transport, create_task, get_running_loop, sleep
from time import thread_time_ns

from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from tests.benchmarks.work import CHUNK, COUNT, ROOM

_SIZE = len(CHUNK)


class Gate(BaseProtocol):
    """A connection that does nothing but be paused and resumed."""

    def __init__(self, running: AbstractEventLoop) -> None:
        super().__init__(running)
        self.transport = Transport()
        self.open = Event()
        self.open.set()

    def pause_reading(self) -> None:
        self._reading_paused = True
        self.open.clear()

    def resume_reading(self, resume_parser: bool = True) -> None:  # noqa: ARG002  # as it is called
        if self._reading_paused:
            self._reading_paused = False
            self.open.set()


def _reader(limit: int) -> tuple[StreamReader, Gate]:
    running = get_running_loop()
    gate = Gate(running)
    return StreamReader(gate, limit, loop=running), gate


async def buffered() -> int:
    reader, _ = _reader(COUNT * _SIZE)
    feed, read = reader.feed_data, reader.readany
    started = thread_time_ns()
    for _ in range(COUNT):
        feed(CHUNK)
        await read()
    return thread_time_ns() - started


async def handoff() -> int:
    reader, _ = _reader(COUNT * _SIZE)
    feed = reader.feed_data
    taker = create_task(_take(reader))
    await sleep(0)
    started = thread_time_ns()
    for _ in range(COUNT):
        feed(CHUNK)
        await sleep(0)
    await taker
    return thread_time_ns() - started


async def _take(reader: StreamReader) -> None:
    read = reader.readany
    for _ in range(COUNT):
        await read()


async def loop() -> int:
    reader, _ = _reader(COUNT * _SIZE)
    feed = reader.feed_data
    started = thread_time_ns()
    for _ in range(COUNT):
        feed(CHUNK)
    reader.feed_eof()
    async for _ in reader.iter_chunks():
        pass
    return thread_time_ns() - started


async def pipe() -> int:
    reader, gate = _reader((ROOM - 1) * _SIZE // 2)  # it pauses above twice its limit
    started = thread_time_ns()
    putter = create_task(_put(reader, gate))
    async for _ in reader.iter_chunks():
        pass
    await putter
    return thread_time_ns() - started


async def _put(reader: StreamReader, gate: Gate) -> None:
    feed, opened = reader.feed_data, gate.open.wait
    for _ in range(COUNT):
        await opened()
        feed(CHUNK)
    reader.feed_eof()
