"""`asyncio.StreamReader`. It has bytes, not chunks, so that whoever reads says how many.

Its back-pressure is a transport that it pauses; here the transport is told, and the task that puts
waits for it.
"""

from __future__ import annotations

from asyncio import Event, StreamReader, Transport, create_task, sleep
from time import thread_time_ns

from tests.benchmarks.work import CHUNK, COUNT, ROOM

_SIZE = len(CHUNK)


async def buffered() -> int:
    reader = StreamReader()
    feed, read = reader.feed_data, reader.read
    started = thread_time_ns()
    for _ in range(COUNT):
        feed(CHUNK)
        await read(_SIZE)
    return thread_time_ns() - started


async def handoff() -> int:
    reader = StreamReader()
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
    read = reader.read
    for _ in range(COUNT):
        await read(_SIZE)


async def loop() -> int:
    reader = StreamReader()
    feed, read = reader.feed_data, reader.read
    started = thread_time_ns()
    for _ in range(COUNT):
        feed(CHUNK)
    reader.feed_eof()
    while await read(_SIZE):
        pass
    return thread_time_ns() - started


class _Gate(Transport):
    def __init__(self) -> None:
        super().__init__()
        self.open = Event()
        self.open.set()

    def pause_reading(self) -> None:
        self.open.clear()

    def resume_reading(self) -> None:
        self.open.set()


async def pipe() -> int:
    reader, gate = StreamReader(limit=(ROOM - 1) * _SIZE // 2), _Gate()  # above twice that
    reader.set_transport(gate)
    read = reader.read
    started = thread_time_ns()
    putter = create_task(_put(reader, gate))
    while await read(_SIZE):
        pass
    await putter
    return thread_time_ns() - started


async def _put(reader: StreamReader, gate: _Gate) -> None:
    feed, opened = reader.feed_data, gate.open.wait
    for _ in range(COUNT):
        await opened()
        feed(CHUNK)
    reader.feed_eof()
