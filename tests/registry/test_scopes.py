"""Scopes: what is said at the end of a block, whichever way it is left."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError, Task
from collections.abc import Callable
from contextlib import suppress

import pytest

from streamstate import Dialect, Limits, StreamDeleted, StreamStateRegistry, WriterStopped
from streamstate.model import Op
from streamstate.registry import BytesLike
from tests.quiet import QuietLoop
from tests.registry.support import queue, result_of, stream_in


async def collect(registry: StreamStateRegistry, stream: int) -> list[bytes]:
    async with registry.reader(stream) as chunks:
        return [chunk async for chunk in chunks]


async def write_all(registry: StreamStateRegistry, stream: int, *chunks: BytesLike) -> list[bool]:
    async with registry.writer(stream) as write:
        return [await write(chunk) for chunk in chunks]


# --- A stream ------------------------------------------------------------------------------------


@pytest.mark.parametrize("raised", [None, ValueError("no"), CancelledError()], ids=repr)
def test_a_stream_is_deleted_at_the_end_of_its_block(
    registry: StreamStateRegistry, quiet: QuietLoop, raised: BaseException | None
) -> None:
    async def block() -> int:
        with suppress(ValueError, CancelledError):
            async with registry.stream() as stream:
                assert registry.get(stream) is not None
                if raised is not None:
                    raise raised
        return stream

    assert registry.get(result_of(quiet, block())) is None


def test_whoever_waits_on_it_is_told(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    async def block() -> Task[list[bytes]]:
        async with registry.stream() as stream:
            reading = asyncio.create_task(collect(registry, stream))
            await asyncio.sleep(0)
        return reading

    reading = result_of(quiet, block())
    quiet.settle()
    assert isinstance(reading.exception(), StreamDeleted)


def test_a_scope_is_for_one_block(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    scope = registry.stream()

    async def twice() -> None:
        async with scope, scope:
            pass

    with pytest.raises(RuntimeError, match="was already entered"):
        result_of(quiet, twice())


# --- A writer ------------------------------------------------------------------------------------


def test_all_arrives_and_then_the_end(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    reading = quiet.loop.create_task(collect(registry, stream))
    assert result_of(quiet, write_all(registry, stream, b"a", b"", bytearray(b"b"))) == [True] * 3
    quiet.settle()
    assert reading.result() == [b"a", b"", b"b"]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview], ids=lambda kind: kind.__name__)
def test_what_is_large_goes_in_parts_each_once_there_is_room(
    quiet: QuietLoop, kind: Callable[[bytes], BytesLike]
) -> None:
    registry = StreamStateRegistry(limits=Limits(high_water_mark=10, max_queue_chunks=16))
    stream = registry.create()
    large = bytes(range(256))
    writing = quiet.loop.create_task(write_all(registry, stream, kind(large)))
    quiet.settle()
    assert queue(registry, stream) == (large[:10],)
    parts = result_of(quiet, collect(registry, stream))
    quiet.settle()
    assert writing.result() == [True]
    assert b"".join(parts) == large
    assert max(map(len, parts)) == 10


def test_parts_are_as_large_as_is_said(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()

    async def block() -> None:
        async with registry.writer(stream, most_bytes=3) as write:
            await write(b"abcdefgh")

    result_of(quiet, block())
    assert queue(registry, stream) == (b"abc", b"def", b"gh")
    with pytest.raises(ValueError, match="most_bytes must be at least 1, not 0"):
        registry.writer(stream, most_bytes=0)


@pytest.mark.parametrize("limits", [Limits(0, 16), Limits(10, 0)], ids=str)
@pytest.mark.parametrize("full", ["accept", "refuse", "wait", "wait_through_close"])
def test_with_a_limit_of_zero_a_writer_and_a_reader_meet(
    quiet: QuietLoop, limits: Limits, full: str
) -> None:
    dialect = Dialect.parse(f"reference+push_when_full={full}")
    registry = StreamStateRegistry(dialect, limits, lockstep=True)
    stream = registry.create()
    writing = quiet.loop.create_task(write_all(registry, stream, b"a", b"bc", b"d"))
    quiet.settle()
    assert queue(registry, stream) == ()
    assert result_of(quiet, collect(registry, stream)) == [b"a", b"bc", b"d"]
    quiet.settle()
    assert writing.result() == [True, True, True]


def test_nothing_queues_beyond_the_limit_and_one_part(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    writing = quiet.loop.create_task(write_all(registry, stream, bytes(10**6)))
    quiet.settle()
    assert sum(map(len, queue(registry, stream))) == registry.limits.high_water_mark
    writing.cancel()
    quiet.settle()


def test_what_is_written_is_what_it_was_then(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(limits=Limits(high_water_mark=2))
    stream = registry.create()
    buffer = bytearray(b"abcd")
    writing = quiet.loop.create_task(write_all(registry, stream, buffer))
    quiet.settle()
    buffer[:] = b"----"
    assert result_of(quiet, collect(registry, stream)) == [b"ab", b"cd"]
    quiet.settle()
    assert writing.result() == [True]


def test_what_is_no_buffer_pushes_nothing(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()

    async def block() -> None:
        async with registry.writer(stream) as write:
            await write("text")  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="chunk must be bytes-like, not str"):
        result_of(quiet, block())
    assert queue(registry, stream) == ()


@pytest.mark.parametrize("end", ["close", "delete", "clear", "error"])
def test_a_writer_is_told_that_the_other_side_is_gone(quiet: QuietLoop, end: str) -> None:
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=1))
    stream = registry.create()
    writing = quiet.loop.create_task(write_all(registry, stream, b"a", b"b", b"c"))
    quiet.settle()
    arguments = () if end == "clear" else (stream, "gone") if end == "error" else (stream,)
    getattr(registry, end)(*arguments)
    quiet.settle()
    assert writing.result() == [True, False, False]


@pytest.mark.parametrize("when_full", ["refuse", "wait", "wait_through_close"])
def test_a_chunk_that_finds_its_room_taken_waits_for_more(quiet: QuietLoop, when_full: str) -> None:
    class Crowded(StreamStateRegistry):
        """A pull that holds a chunk is dropped just when a writer is about to push."""

        def push(self, stream: int, chunk: BytesLike) -> bool:
            dropped.clear()
            return super().push(stream, chunk)

    dialect = Dialect.parse(f"reference+push_when_full={when_full}")
    registry = Crowded(dialect, Limits(max_queue_chunks=1))
    dropped: list[object] = []
    stream = stream_in(registry, b"a")
    dropped.append(registry.pull(stream))
    writing = quiet.loop.create_task(write_all(registry, stream, b"b"))
    quiet.settle()
    assert result_of(quiet, collect(registry, stream)) == [b"a", b"b"]
    quiet.settle()
    assert writing.result() == [True]


def test_readers_get_the_exception_that_left_the_block(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    reading = quiet.loop.create_task(collect(registry, stream))

    async def block() -> None:
        async with registry.writer(stream) as write:
            await write(b"a")
            raise LookupError("the file is gone")

    with pytest.raises(LookupError):
        result_of(quiet, block())
    quiet.settle()
    error = reading.exception()
    assert isinstance(error, LookupError)
    assert str(error) == "the file is gone"


def test_a_cancelled_writer_is_no_end_and_no_cancellation_of_its_readers(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    reading = quiet.loop.create_task(collect(registry, stream))

    async def block() -> None:
        async with registry.writer(stream) as write:
            await write(b"a")
            await asyncio.get_running_loop().create_future()

    writing = quiet.loop.create_task(block())
    quiet.settle()
    writing.cancel()
    quiet.settle()
    assert writing.cancelled()
    error = reading.exception()
    assert isinstance(error, WriterStopped)
    assert str(error) == "the writer was stopped by CancelledError"
    assert isinstance(error.__cause__, CancelledError)


def test_a_listener_that_raises_keeps_nobody_waiting(quiet: QuietLoop) -> None:
    broken = False

    def listener(_op: Op, _effects: object) -> None:
        if broken:
            raise LookupError("the log is full")

    registry = StreamStateRegistry(listener=listener, limits=Limits(max_queue_chunks=1))
    stream = stream_in(registry, b"a")
    writing = quiet.loop.create_task(write_all(registry, stream, b"b", b"c"))

    async def leave() -> None:
        nonlocal broken
        async with registry.reader(stream):
            dropped = registry.pull(registry.create())
            broken = True
            del dropped  # what the listener raises of this comes out of the next op

    with pytest.raises(LookupError):
        result_of(quiet, leave())
    broken = False
    assert registry.get(stream) is None
    quiet.settle()
    assert writing.done()


def test_scopes_are_ops_that_the_model_agrees_with(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(lockstep=True, limits=Limits(high_water_mark=7))

    async def both_sides() -> bytes:
        async with registry.stream() as stream, asyncio.TaskGroup() as group:
            group.create_task(write_all(registry, stream, bytes(100), b"end"))
            return b"".join(await collect(registry, stream))

    assert result_of(quiet, both_sides()) == bytes(100) + b"end"
