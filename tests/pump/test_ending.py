"""However a source ends, or its stream, both sides are told, and nobody waits for nothing."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from streamstate import StreamStateRegistry, WriterStopped
from streamstate.model import Dialect, Op
from streamstate.pump import pump
from tests.pump.support import ENDS, Watched, collected
from tests.quiet import QuietLoop
from tests.registry.support import queue, result_of, start, view


def test_it_takes_from_its_source_what_there_is_room_for(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1_024)

    stream = registry.create()
    pumping = start(quiet, pump(endless(), registry, stream))
    assert sum(map(len, queue(registry, stream))) == 4_096
    assert taken == 5
    result_of(quiet, registry.pull(stream))
    quiet.settle()
    assert taken == 6
    pumping.cancel()


async def failing() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"b"
    raise OSError("the disk is gone")


@pytest.mark.parametrize("dialect", ["isolate", "reference"])
def test_what_the_source_raises_comes_to_both_sides_after_what_it_brought(
    quiet: QuietLoop, dialect: str
) -> None:
    registry = StreamStateRegistry(Dialect.parse(dialect))
    stream = registry.create()
    pumping = start(quiet, pump(failing(), registry, stream))
    assert isinstance(pumping.exception(), OSError)
    seen: list[bytes] = []

    async def read() -> None:
        async for chunk in registry.chunks(stream):
            seen.append(chunk)  # noqa: PERF401  # what was there before the error counts

    with pytest.raises(OSError, match="the disk is gone"):
        result_of(quiet, read())
    assert seen == ([b"a", b"b"] if dialect == "isolate" else [])


def test_a_cancelled_pump_is_no_end(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    reading = start(quiet, collected(registry, stream))
    pumping = start(quiet, pump(asyncio.StreamReader(loop=quiet.loop), registry, stream))
    pumping.cancel()
    quiet.settle()
    assert pumping.cancelled()
    assert isinstance(reading.exception(), WriterStopped)


def test_a_timeout_of_the_source_is_an_error_and_not_an_end(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    async def late() -> AsyncIterator[bytes]:
        yield b"a"
        raise TimeoutError("no answer")

    pumping = start(quiet, pump(late(), registry, registry.create()))
    assert isinstance(pumping.exception(), TimeoutError)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("chunks", [0, 1, 9], ids=["in the source", "after one", "for room"])
def test_when_the_stream_takes_no_more_the_source_is_told_at_once(
    registry: StreamStateRegistry, quiet: QuietLoop, end: Callable[..., object], chunks: int
) -> None:
    source, stream = Watched(chunks), registry.create()
    pumping = start(quiet, pump(source.chunks, registry, stream))
    assert not pumping.done()
    end(registry, stream)
    quiet.settle()
    assert pumping.result() is False
    assert source.closed
    assert not asyncio.all_tasks(quiet.loop)


def test_a_source_that_will_not_be_cancelled_has_its_way(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    async def stubborn() -> AsyncIterator[bytes]:
        try:
            await asyncio.get_running_loop().create_future()
        except CancelledError:
            raise OSError("busy") from None
        yield b""

    stream = registry.create()
    pumping = start(quiet, pump(stubborn(), registry, stream))
    registry.delete(stream)
    quiet.settle()
    assert isinstance(pumping.exception(), OSError)


def test_a_sync_generator_is_closed_too(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    closed = False

    def chunks() -> Iterator[bytes]:
        nonlocal closed
        try:
            while True:
                yield bytes(4_096)
        finally:
            closed = True

    stream = registry.create()
    pumping = start(quiet, pump(chunks(), registry, stream))
    registry.delete(stream)
    quiet.settle()
    assert pumping.result() is False
    assert closed


def test_an_end_in_the_same_moment_as_a_chunk_leaves_nothing_behind(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    source, stream = asyncio.StreamReader(loop=quiet.loop), registry.create()
    pumping = start(quiet, pump(source, registry, stream))
    registry.close(stream)
    source.feed_data(b"late")
    quiet.settle()
    assert pumping.result() is False
    assert quiet.unraisable == []


def test_what_hinders_the_watch_is_no_end(quiet: QuietLoop) -> None:
    armed = False

    def listener(_op: Op, _effects: object) -> None:
        nonlocal armed
        if armed:
            armed = False
            raise LookupError("the log is full")

    registry = StreamStateRegistry(listener=listener)
    stream = registry.create()
    dropped = registry.pull(registry.create())
    pumping = quiet.loop.create_task(pump(asyncio.StreamReader(loop=quiet.loop), registry, stream))
    armed = True
    del dropped
    quiet.settle()
    assert isinstance(pumping.exception(), LookupError)
    assert view(registry, stream).errored
