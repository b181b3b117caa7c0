"""Moving bytes between a stream and what is not one: files, sockets, bodies, generators.

`pump` moves what a source has into a stream, `pour` what a stream brings into a sink. Both wait for
room without polling, tell the other side however they end, and never take a stream that was cut
short for one that ended.
"""

from __future__ import annotations

import asyncio
from asyncio import Future, Task, get_running_loop, timeout, to_thread
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
)
from contextlib import aclosing, asynccontextmanager
from inspect import iscoroutinefunction
from io import RawIOBase
from typing import Any, Protocol, TypeAlias, runtime_checkable

from streamstate.model import StreamId
from streamstate.registry import BytesLike, StreamStateRegistry
from streamstate.registry.scopes import MOST_BYTES


@runtime_checkable
class Readable(Protocol):
    """A binary file, or what is read like one: `read` brings at most so many bytes, none at its
    end. A `read` that is no coroutine is called in a thread, as it may block."""

    def read(self, size: int, /) -> Any: ...


@runtime_checkable
class Writable(Protocol):
    """A binary file, or what is written to like one. A `write` that is no coroutine is called in a
    thread, as it may block, and again for what it did not take."""

    def write(self, chunk: bytes, /) -> Any: ...


Source: TypeAlias = AsyncIterable[BytesLike] | Iterable[BytesLike] | Readable | BytesLike
Sink: TypeAlias = Writable | Callable[[bytes], Awaitable[object]]


async def pump(
    source: Source,
    registry: StreamStateRegistry,
    stream: StreamId,
    *,
    most_bytes: int | None = None,
) -> bool:
    """Move all of `source` into the stream, and close that. Whether all was moved.

    `source` is bytes-like, an iterable or async iterable of such, an `asyncio.StreamReader`, or a
    binary file, which is read in a thread. Chunks larger than `most_bytes` go in parts, see
    `StreamStateRegistry.writer`; a reader or a file is asked for so many.

    False as soon as the stream takes no more: whatever waits in the source is cancelled. What the
    source raises is the stream's error, and is raised here; a cancellation is `WriterStopped` to
    the stream's readers. Generators are closed, whatever happens; nothing else is. Raises
    `TypeError`, and touches nothing, for what is no source.
    """
    chunks = _chunks_of(source, MOST_BYTES if most_bytes is None else most_bytes)
    async with (
        aclosing(chunks),
        registry.writer(stream, most_bytes=most_bytes) as write,
        _until_closed(registry, stream),
    ):
        async for chunk in chunks:
            if not await write(chunk):
                break
        else:
            return True
    return False


async def pour(registry: StreamStateRegistry, stream: StreamId, sink: Sink) -> int:
    """Move what the stream brings into `sink` until the stream is done. How many bytes that was.

    `sink` is an `asyncio.StreamWriter`, which is drained, something with a coroutine `write`, as an
    `aiohttp.web.StreamResponse` is, a coroutine function of one argument, or a binary file, which
    is written to in a thread. It is neither closed nor flushed.

    Raises the stream's error, and `StreamDeleted` for a stream that was deleted before it was done.
    If the sink raises, or this is cancelled, the stream is deleted, which tells its writer. Raises
    `TypeError`, and touches nothing, for what is no sink.
    """
    write = _write_of(sink)
    moved = 0
    async with registry.reader(stream) as chunks:
        async for chunk in chunks:
            await write(chunk)
            moved += len(chunk)
    return moved


@asynccontextmanager
async def _until_closed(registry: StreamStateRegistry, stream: StreamId) -> AsyncIterator[None]:
    """A block that is cancelled, and then just left, once the stream takes no more."""
    loop = get_running_loop()
    watching: Task[None] = loop.create_task(registry.wait_closed(stream))
    scope = timeout(None)  # it knows how to cancel a block and nothing else

    def leave(watched: Future[None]) -> None:
        if not watched.cancelled():
            scope.reschedule(loop.time())

    try:
        async with scope:
            watching.add_done_callback(leave)
            try:
                yield
            finally:
                watching.remove_done_callback(leave)
    except TimeoutError:
        if not scope.expired():
            raise
    finally:
        watching.cancel()


def _chunks_of(source: Source, most: int) -> AsyncGenerator[BytesLike, None]:
    """The chunks of a source. Raises `TypeError` for what is none."""
    match source:
        case bytes() | bytearray() | memoryview():
            return _from_iterable((source,))
        case Readable() if iscoroutinefunction(source.read):
            return _from_reads(source.read, most)
        case AsyncIterable():
            return _from_async(source)
        case Readable():
            read = source.read
            return _from_reads(lambda size: to_thread(read, size), most)
        case Iterable() if not isinstance(source, str):
            return _from_iterable(source)
        case _:
            raise TypeError(
                f"cannot pump a {type(source).__name__}; expected bytes-like, an iterable or async"
                " iterable of such, an asyncio.StreamReader or a binary file"
            )


async def _from_reads(
    read: Callable[[int], Coroutine[Any, Any, BytesLike | None]], most: int
) -> AsyncGenerator[BytesLike, None]:
    while chunk := await read(most):
        yield chunk
    if chunk is None:
        raise BlockingIOError("the file has nothing to read now, which is not its end")


async def _from_async(source: AsyncIterable[BytesLike]) -> AsyncGenerator[BytesLike, None]:
    try:
        async for chunk in source:
            yield chunk
    finally:
        if isinstance(source, AsyncGenerator):
            await source.aclose()


async def _from_iterable(source: Iterable[BytesLike]) -> AsyncGenerator[BytesLike, None]:
    try:
        for chunk in source:
            yield chunk
    finally:
        if isinstance(source, Generator):
            source.close()


def _write_of(sink: Sink) -> Callable[[bytes], Awaitable[object]]:
    """How to write to a sink. Raises `TypeError` for what is none."""
    match sink:
        case asyncio.StreamWriter():
            return _drained(sink)
        case Writable() if iscoroutinefunction(sink.write):
            return sink.write
        case Writable():
            return _in_a_thread(sink)
        case _ if callable(sink):
            return sink
        case _:
            raise TypeError(
                f"cannot pour into a {type(sink).__name__}; expected an asyncio.StreamWriter, a"
                " binary file, something with a coroutine write, or a coroutine function"
            )


def _drained(writer: asyncio.StreamWriter) -> Callable[[bytes], Awaitable[object]]:
    async def write(chunk: bytes) -> None:
        writer.write(chunk)
        await writer.drain()

    return write


def _in_a_thread(file: Writable) -> Callable[[bytes], Awaitable[object]]:
    def write_all(chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest:
            taken = file.write(rest)  # type: ignore[arg-type]  # which files take
            if taken is None and isinstance(file, RawIOBase):
                raise BlockingIOError("the file takes nothing now")
            rest = rest[len(rest) if taken is None else taken :]

    return lambda chunk: to_thread(write_all, chunk)
