"""Every kind of source brings all that it has, and then the end."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from array import array
from collections import UserDict
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from streamstate import StreamStateRegistry
from streamstate.pump import Source, pour, pump
from tests.pump.support import BODY, Wrapper, collected
from tests.quiet import QuietLoop
from tests.registry.support import result_of, stream_in, view


async def through(
    registry: StreamStateRegistry, source: Callable[[], Source]
) -> tuple[bool, bytes]:
    async with registry.stream() as stream:
        reading = asyncio.create_task(collected(registry, stream))
        return await pump(source(), registry, stream), await reading


async def generated() -> AsyncIterator[bytes]:
    for start_at in range(0, len(BODY), 1_000):
        yield BODY[start_at : start_at + 1_000]


def fed() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(BODY)
    reader.feed_eof()
    return reader


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
    with open(there, "rb") as source, pytest.raises(BlockingIOError, match="and has not ended"):
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
    with pytest.raises(BlockingIOError, match="and has not ended"):
        asyncio.run(pump(NotNow(), registry, stream))
    with pytest.raises(BlockingIOError, match="accepts nothing now"):
        asyncio.run(pour(registry, stream_in(registry, b"a"), NotNow()))
