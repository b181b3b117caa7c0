"""Every kind of sink gets all that the stream brings, or the writer is told."""

from __future__ import annotations

import asyncio
import io
from asyncio import Task
from typing import Any

import pytest

from streamstate import StreamDeleted, StreamErrored, StreamStateRegistry
from streamstate.pump import pour, pump
from tests.pump.support import ENDS, Watched, Wrapper
from tests.quiet import QuietLoop
from tests.registry.support import queue, result_of, start, stream_in


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
    with pytest.raises(BlockingIOError, match="accepts nothing now"):
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
