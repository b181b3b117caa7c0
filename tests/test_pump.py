"""`pump` and `pour`: all of it, in order, told to both sides however it ends, and nothing polls."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from array import array
from asyncio import CancelledError, Task
from collections import UserDict
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamstate import Limits, StreamDeleted, StreamErrored, StreamStateRegistry, WriterStopped
from streamstate.model import Dialect, Op
from streamstate.pump import Source, pour, pump
from tests.quiet import QuietLoop
from tests.registry.support import queue, result_of, start, stream_in, view

BODY = bytes(range(256)) * 1_000


@pytest.fixture
def registry() -> StreamStateRegistry:
    return StreamStateRegistry(lockstep=True, limits=Limits(high_water_mark=4_096))


@pytest.fixture
def quiet() -> Iterator[QuietLoop]:
    with QuietLoop() as quiet:
        yield quiet
    assert quiet.unraisable == []


async def collected(registry: StreamStateRegistry, stream: int) -> bytes:
    async with registry.reader(stream) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def through(
    registry: StreamStateRegistry, source: Callable[[], Source]
) -> tuple[bool, bytes]:
    async with registry.stream() as stream:
        reading = asyncio.create_task(collected(registry, stream))
        return await pump(source(), registry, stream), await reading


# --- Every kind of source ------------------------------------------------------------------------


async def generated() -> AsyncIterator[bytes]:
    for start_at in range(0, len(BODY), 1_000):
        yield BODY[start_at : start_at + 1_000]


def fed() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(BODY)
    reader.feed_eof()
    return reader


class Wrapper:
    """A file that is found attribute by attribute, as that of `tempfile` is."""

    def __init__(self, file: io.IOBase) -> None:
        self.file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __iter__(self) -> Iterator[bytes]:
        raise AssertionError("reads lines, and not in a thread")


SOURCES: dict[str, Callable[[], Any]] = {
    "bytes": lambda: BODY,
    "bytearray": lambda: bytearray(BODY),
    "a list": lambda: [BODY[:7], memoryview(BODY)[7:70_000], b"", BODY[70_000:]],
    "a generator": lambda: (bytes([each]) * 10 for each in b"ab"),
    "an async generator": generated,
    "asyncio.StreamReader": fed,
    "a file": lambda: io.BytesIO(BODY),
    "an array": lambda: array("H", BODY),
    "a wrapper of a file": lambda: Wrapper(io.BytesIO(BODY)),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_all_of_a_source_arrives_and_then_the_end(registry: StreamStateRegistry, kind: str) -> None:
    moved, body = asyncio.run(through(registry, SOURCES[kind]))
    assert moved is True
    assert body == (b"a" * 10 + b"b" * 10 if kind == "a generator" else BODY)


def test_a_real_file_goes_through(registry: StreamStateRegistry, tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.write_bytes(BODY)

    async def copied() -> int:
        with there.open("rb") as source, here.open("wb", buffering=0) as sink:
            async with registry.stream() as stream, asyncio.TaskGroup() as group:
                group.create_task(pump(source, registry, stream))
                return await pour(registry, stream, sink)

    assert asyncio.run(copied()) == len(BODY)
    assert here.read_bytes() == BODY


class Response:
    """As those of HTTP clients, which bring their whole body at once."""

    async def read(self) -> bytes:
        return b"all of it"


class Request(Response, UserDict[str, bytes]):
    """As those of HTTP servers, which are mappings, too."""


@pytest.mark.parametrize("source", ["text", 7, None, {}, Response(), Request()], ids=type)
def test_what_is_no_source_is_named(
    registry: StreamStateRegistry, quiet: QuietLoop, source: Any
) -> None:
    stream = registry.create()
    with pytest.raises(TypeError, match=f"cannot pump a {type(source).__name__}; expected bytes"):
        result_of(quiet, pump(source, registry, stream))
    assert registry.push(stream, b"a")


def test_a_text_file_is_an_error_at_both_ends(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    with pytest.raises(TypeError, match="chunk must be bytes-like, not str"):
        asyncio.run(pump(io.StringIO("text"), registry, stream))
    with pytest.raises(TypeError, match="chunk must be bytes-like, not str"):
        asyncio.run(collected(registry, stream))


class Talker(io.RawIOBase):
    """The end of a pipe whose other end says something, and waits for an answer."""

    def __init__(self, answered: threading.Event) -> None:
        self.answered = answered
        self.said = [b"quit", b"hello"]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if len(self.said) < 2:
            assert self.answered.wait(5), "what it said is not passed on"
        said = self.said.pop() if self.said else b""
        buffer[: len(said)] = said
        return len(said)


def test_what_came_through_a_pipe_goes_on_at_once(registry: StreamStateRegistry) -> None:
    answered = threading.Event()

    async def answer(chunk: bytes) -> None:
        heard.append(chunk)
        answered.set()

    async def talk() -> None:
        async with registry.stream() as stream, asyncio.TaskGroup() as group:
            group.create_task(pump(io.BufferedReader(Talker(answered)), registry, stream))
            await pour(registry, stream, answer)

    heard: list[bytes] = []
    asyncio.run(talk())
    assert heard == [b"hello", b"quit"]


def test_a_pipe_that_is_connected_to_the_loop_is_left_at_once(
    registry: StreamStateRegistry,
) -> None:
    there, here = os.pipe()

    async def leave() -> bool:
        source, loop = asyncio.StreamReader(), asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(source), os.fdopen(there, "rb")
        )
        async with registry.stream() as stream:
            pumping = asyncio.create_task(pump(source, registry, stream))
            await asyncio.sleep(0)
        transport.close()
        return await pumping

    assert asyncio.run(leave()) is False
    os.close(here)


def test_a_buffered_file_that_has_nothing_now_has_not_ended(registry: StreamStateRegistry) -> None:
    there, here = os.pipe()
    os.set_blocking(there, False)
    os.write(here, b"a")
    stream = registry.create()
    with open(there, "rb") as source, pytest.raises(BlockingIOError, match="which is not its end"):
        asyncio.run(pump(source, registry, stream))
    os.close(here)
    assert view(registry, stream).errored


class NotNow(io.RawIOBase):
    """A raw file in non-blocking mode that has nothing, and takes nothing, now."""

    def read(self, _size: int = -1) -> None:
        return None

    def write(self, _chunk: object) -> None:
        return None


def test_a_file_that_has_nothing_now_has_not_ended(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    with pytest.raises(BlockingIOError, match="which is not its end"):
        asyncio.run(pump(NotNow(), registry, stream))
    with pytest.raises(BlockingIOError, match="takes nothing now"):
        asyncio.run(pour(registry, stream_in(registry, b"a"), NotNow()))


# --- Back-pressure -------------------------------------------------------------------------------


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


# --- Ends of the source --------------------------------------------------------------------------


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


# --- Ends of the stream --------------------------------------------------------------------------

ENDS: dict[str, Callable[[StreamStateRegistry, int], object]] = {
    "close": lambda registry, stream: registry.close(stream),
    "error": lambda registry, stream: registry.error(stream, "boom"),
    "delete": lambda registry, stream: registry.delete(stream),
    "clear": lambda registry, _stream: registry.clear(),
}


class Watched:
    """An async generator that says when it was closed."""

    def __init__(self, chunks: int) -> None:
        self.closed = False
        self.chunks = self._chunks(chunks)

    async def _chunks(self, count: int) -> AsyncIterator[bytes]:
        try:
            for _ in range(count):
                yield bytes(2_048)
            await asyncio.get_running_loop().create_future()
        finally:
            self.closed = True


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


# --- Sinks ---------------------------------------------------------------------------------------


class Written:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    async def write(self, chunk: bytes) -> None:
        self.chunks.append(chunk)


def test_what_the_stream_brings_is_written_to_its_end(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = stream_in(registry, b"a", b"", b"bc")
    registry.close(stream)
    sink = Written()
    assert result_of(quiet, pour(registry, stream, sink)) == 3
    assert sink.chunks == [b"a", b"", b"bc"]


def test_a_coroutine_function_is_a_sink(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream, sink = stream_in(registry, b"a"), Written()
    registry.close(stream)
    assert result_of(quiet, pour(registry, stream, sink.write)) == 1
    assert sink.chunks == [b"a"]


class TakesTwo(io.RawIOBase):
    """A raw file may take less than it is given."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        self.taken += bytes(chunk[:2])
        return len(chunk[:2])


class Lines:
    """No more than what is asked of a binary file, and what it is given is bytes."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        self.lines += chunk.splitlines()


def test_a_file_of_ones_own_is_given_bytes(registry: StreamStateRegistry) -> None:
    stream, sink = stream_in(registry, b"a\nb"), Lines()
    registry.close(stream)
    assert asyncio.run(pour(registry, stream, sink)) == 3
    assert sink.lines == [b"a", b"b"]


def test_a_wrapper_of_a_file_is_a_sink(registry: StreamStateRegistry) -> None:
    stream, file = stream_in(registry, b"abc"), io.BytesIO()
    registry.close(stream)
    assert asyncio.run(pour(registry, stream, Wrapper(file))) == 3
    assert file.getvalue() == b"abc"


class TakesNothing:
    """A file that is full and says so with a number. Asked again and again, it gives up."""

    def __init__(self) -> None:
        self.asked = 0

    def write(self, _chunk: bytes) -> int:
        self.asked += 1
        assert self.asked < 100, "asks for ever"
        return 0


def test_a_file_that_takes_nothing_is_not_asked_for_ever(registry: StreamStateRegistry) -> None:
    with pytest.raises(BlockingIOError, match="takes nothing now"):
        asyncio.run(pour(registry, stream_in(registry, b"a"), TakesNothing()))


class Wrapped:
    """A coroutine function behind a decorator that hides it."""

    def write(self, _chunk: bytes) -> Any:
        return self

    def __repr__(self) -> str:
        return "<a coroutine>"


def test_what_returns_no_number_is_named(registry: StreamStateRegistry) -> None:
    with pytest.raises(TypeError, match="write must return how much it took, not <a coroutine>"):
        asyncio.run(pour(registry, stream_in(registry, b"a"), Wrapped()))


def test_what_a_file_did_not_take_is_written_again(registry: StreamStateRegistry) -> None:
    stream, sink = stream_in(registry, b"abcde"), TakesTwo()
    registry.close(stream)
    assert asyncio.run(pour(registry, stream, sink)) == 5
    assert sink.taken == b"abcde"


@pytest.mark.parametrize("sink", [7, "path", None])
def test_what_is_no_sink_is_named(
    registry: StreamStateRegistry, quiet: QuietLoop, sink: Any
) -> None:
    stream = stream_in(registry, b"a")
    with pytest.raises(TypeError, match=f"cannot pour into a {type(sink).__name__}; expected"):
        result_of(quiet, pour(registry, stream, sink))
    assert queue(registry, stream) == (b"a",)


@pytest.mark.parametrize("end", ["delete", "clear", "error"])
def test_a_stream_that_was_cut_short_is_no_end(
    registry: StreamStateRegistry, quiet: QuietLoop, end: str
) -> None:
    stream = registry.create()
    pouring = start(quiet, pour(registry, stream, Written()))
    for _ in range(9):
        registry.push(stream, b"one of fifty")
    quiet.settle()
    ENDS[end](registry, stream)
    quiet.settle()
    assert isinstance(pouring.exception(), StreamErrored if end == "error" else StreamDeleted)


def test_a_stream_that_went_before_it_was_read_is_no_end(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    async def too_late() -> Task[int]:
        async with registry.stream() as stream:
            return asyncio.create_task(pour(registry, stream, Written()))

    pouring = result_of(quiet, too_late())
    assert isinstance(pouring.exception(), StreamDeleted)


async def refuse(_chunk: bytes) -> None:
    raise ConnectionResetError("the client is gone")


def test_a_sink_that_fails_tells_the_writer(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    source, stream = Watched(1), registry.create()
    pumping = start(quiet, pump(source.chunks, registry, stream))
    pouring = start(quiet, pour(registry, stream, refuse))
    assert isinstance(pouring.exception(), ConnectionResetError)
    quiet.settle()
    assert pumping.result() is False
    assert source.closed


def test_a_cancelled_pour_tells_the_writer(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    pouring: Task[int] = start(quiet, pour(registry, stream, Written()))
    pouring.cancel()
    quiet.settle()
    assert registry.push(stream, b"a") is False


# --- Sockets -------------------------------------------------------------------------------------


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Each connection through a stream of its own, both ways at once."""
    registry = StreamStateRegistry()
    async with registry.stream() as stream, asyncio.TaskGroup() as group:
        group.create_task(pump(reader, registry, stream))
        await pour(registry, stream, writer)
    writer.close()
    await writer.wait_closed()


async def over_loopback(serve: Callable[..., Any], client: Callable[..., Any]) -> Any:
    """What the client returns, and what the server raised."""
    served: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except BaseException as error:
            served.set_result(error)
            writer.transport.abort()
        else:
            served.set_result(None)

    async with await asyncio.start_server(one, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        said = await client(*await asyncio.open_connection("127.0.0.1", port))
        return said, await served


def test_a_socket_echoes_through_a_stream() -> None:
    large = BODY * 8

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        async def send() -> None:
            writer.write(large)
            await writer.drain()
            writer.write_eof()

        sending = asyncio.create_task(send())
        answer = await reader.read()
        await sending
        writer.close()
        return answer

    said, failed = asyncio.run(over_loopback(echo, client))
    assert failed is None
    assert said == large


def test_a_client_that_goes_away_in_the_middle_ends_both_sides() -> None:
    async def client(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(BODY)
        await writer.drain()
        writer.transport.abort()

    _, failed = asyncio.run(over_loopback(echo, client))
    assert isinstance(failed, ExceptionGroup)
    assert failed.subgroup(ConnectionError) is not None
