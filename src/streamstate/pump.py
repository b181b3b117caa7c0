"""Moving bytes between a stream and files, sockets, bodies or generators.

`pump` moves a source into a stream, `pour` a stream into a sink. Both wait for room without
polling, tell the other side however they end, and never take a stream that was cut short for one
that ended.
"""

from __future__ import annotations

import asyncio
from asyncio import get_running_loop, timeout, to_thread
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
)
from contextlib import aclosing, asynccontextmanager
from inspect import iscoroutinefunction, signature
from io import RawIOBase
from typing import Any, Protocol, TypeAlias

from streamstate.model import StreamId
from streamstate.registry import BytesLike, StreamStateRegistry
from streamstate.registry.scopes import MOST_BYTES


class Readable(Protocol):
    """A binary file, or an object that reads like one: `read(size)` returns at most `size` bytes,
    and none at the end. If it is no coroutine function, a thread calls it, as it may block."""

    def read(self, size: int, /) -> Any: ...


class Writable(Protocol):
    """A binary file, or an object that writes like one. If `write` is no coroutine function, a
    thread calls it, as it may block, and calls it again for bytes that it did not take."""

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
    """Move all of `source` into the stream and close the stream; return whether it moved all.

    `source` is bytes-like, an iterable or async iterable of those, an `asyncio.StreamReader`, or a
    binary file, which a thread reads. Chunks larger than `most_bytes` go in parts, see
    `StreamStateRegistry.writer`; it asks a reader or a file for that many bytes at a time.

    It cancels a wait in the source, and returns False, as soon as the stream takes no more. An
    exception of the source becomes the stream's error, and comes out here; readers of the stream
    see a cancellation as `WriterStopped`. It always closes generators, and nothing else; a thread
    that reads finishes its read. Raises `TypeError`, and touches nothing, for anything that is not
    a source.
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
    """Move the stream's chunks into `sink` until the stream is done; return the number of bytes.

    `sink` is an `asyncio.StreamWriter`, which it drains; an object whose `write` is a coroutine
    function, such as an `aiohttp.web.StreamResponse`; a coroutine function of one argument; or a
    binary file, to which a thread writes. It neither closes nor flushes the sink.

    Raises the stream's error, and `StreamDeleted` if somebody deletes the stream before it is done.
    If the sink raises, or somebody cancels this, it deletes the stream, which tells the writer.
    Raises `TypeError`, and touches nothing, for anything that is not a sink.
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
    """A block that ends quietly, by a cancel, once the stream takes no more."""
    loop = get_running_loop()
    scope = timeout(None)  # it knows how to cancel a block and nothing else
    failed: list[Exception] = []

    async def watch() -> None:
        try:
            await registry.wait_closed(stream)
        except Exception as error:  # which is no news of the stream
            failed.append(error)
        scope.reschedule(loop.time())  # at once: a callback might come when the block is left

    try:
        async with scope:
            watching = loop.create_task(watch())
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError:
        if not scope.expired():
            raise
        if failed:
            raise failed[0] from None


def _chunks_of(source: Source, most: int) -> AsyncGenerator[BytesLike, None]:
    """The chunks of a source. Raises `TypeError` for anything else."""
    read = _read_of(source)
    match source:
        case _ if iscoroutinefunction(read):
            return _from_reads(read, most)
        case AsyncIterable():
            return _from_async(source)
        case _ if read is not None:
            now = _what_is_there(read, getattr(source, "read1", None))
            return _from_reads(lambda size: to_thread(now, size), most)
        case _ if _is_bytes_like(source):
            return _from_iterable((source,))  # type: ignore[arg-type]  # as was asked
        case Iterable() if not isinstance(source, str | Mapping):
            return _from_iterable(source)  # type: ignore[arg-type]  # bytes are out by now
        case _:
            raise TypeError(
                f"cannot pump a {type(source).__name__}; expected bytes-like, an iterable or async"
                " iterable of such, an asyncio.StreamReader or a binary file"
            )


def _read_of(source: object) -> Callable[[int], Any] | None:
    """The source's `read`, if it takes a size: the `read` of a request or response brings
    everything at once."""
    read = getattr(source, "read", None)  # `isinstance` would not look it up as wrappers do
    try:
        signature(read).bind(1)  # type: ignore[arg-type]  # what cannot be called is a TypeError
    except TypeError:
        return None
    except ValueError:  # of what is written in C, and says nothing of its parameters
        pass
    return read


def _is_bytes_like(source: object) -> bool:
    try:
        memoryview(source)  # type: ignore[arg-type]  # that is the question
    except TypeError:
        return False
    except ValueError:  # of a released one
        return True
    return True


def _what_is_there(
    read: Callable[[int], Any], read1: Callable[[int], Any] | None
) -> Callable[[int], Any]:
    """How to read the bytes that a file has by now. A buffered file waits in `read` until it has
    as many as that asks for, and bytes from a pipe should not lie there until then. Its `read1`
    does not tell *nothing now* from the end, but `read` does."""
    if read1 is None:
        return read
    return lambda size: read1(size) or read(size)


async def _from_reads(
    read: Callable[[int], Coroutine[Any, Any, BytesLike | None]], most: int
) -> AsyncGenerator[BytesLike, None]:
    while chunk := await read(most):
        yield chunk
    if chunk is None:
        raise BlockingIOError("the file has nothing to read yet, and has not ended")


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
    """How to write to a sink. Raises `TypeError` for anything else."""
    write = getattr(sink, "write", None)  # `isinstance` would not look it up as wrappers do
    match sink:
        case asyncio.StreamWriter():
            return _drained(sink)
        case _ if iscoroutinefunction(write):
            return write
        case _ if callable(write):
            return _in_a_thread(write, raw=isinstance(sink, RawIOBase))
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


def _in_a_thread(
    write: Callable[[bytes | memoryview], Any], *, raw: bool
) -> Callable[[bytes], Awaitable[object]]:
    """Write all of each chunk; a file that says nothing took all, unless it is a raw one."""

    def write_all(chunk: bytes) -> None:
        rest: bytes | memoryview = chunk
        while rest:
            taken = write(rest)
            if taken is None and not raw:
                return
            if not isinstance(taken, int | None):
                raise TypeError(f"write must return how much it took, not {taken!r}")
            if not taken:
                raise BlockingIOError("the file accepts nothing now")
            rest = memoryview(rest)[taken:]

    return lambda chunk: to_thread(write_all, chunk)
