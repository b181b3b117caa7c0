"""Scopes: a stream that is gone at the end of a block, and one whose other side is told there.

They do ops and decide nothing: whoever leaves a block in whatever way has said so with an op.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from types import TracebackType
from typing import Final, Protocol, TypeAlias

from streamstate.model import Limits, StreamId
from streamstate.registry.errors import PushMustWait, StreamDeleted, WriterStopped
from streamstate.registry.outside import BytesLike, copied, require_id
from streamstate.registry.view import StreamView
from streamstate.registry.waiting import ChunkIterator

MOST_BYTES: Final = 65_536
"""Bytes of one chunk that a writer pushes, unless it is told otherwise or the limit is lower."""

Write: TypeAlias = Callable[[BytesLike], Awaitable[bool]]


class Ops(Protocol):
    """The ops of a registry that scopes do."""

    @property
    def limits(self) -> Limits: ...
    def create(self) -> StreamId: ...
    def get(self, stream: StreamId) -> StreamView | None: ...
    def push(self, stream: StreamId, chunk: BytesLike) -> bool: ...
    def close(self, stream: StreamId) -> None: ...
    def error(self, stream: StreamId, error_value: object) -> None: ...
    def delete(self, stream: StreamId) -> None: ...
    def chunks(self, stream: StreamId) -> ChunkIterator: ...
    def writable(self, stream: StreamId) -> Awaitable[bool]: ...


def surely(op: Callable[[], object]) -> None:
    """Do an op that others wait for, whatever listeners raise. What one raises of a pull that was
    dropped before comes out in front of the next op, and in its place; then nothing is in front."""
    try:
        op()
    except BaseException:
        op()
        raise


class StreamScope:
    """`async with` this: a new stream, which it deletes at the end of the block."""

    __slots__ = ("_registry", "_stream")

    def __init__(self, registry: Ops) -> None:
        self._registry = registry
        self._stream: StreamId | None = None

    async def __aenter__(self) -> StreamId:
        if self._stream is not None:
            raise RuntimeError("this scope was already entered; call stream() for another one")
        self._stream = self._registry.create()
        return self._stream

    async def __aexit__(self, *_how: object) -> None:
        assert self._stream is not None, "it was entered"
        surely(partial(self._registry.delete, self._stream))


class WriterScope:
    """`async with` this: a `write` for one stream, which it closes, or errors, at the end of the
    block.

    A block that ends closes the stream. If an exception leaves the block, the stream's readers get
    it, or `WriterStopped` if it is not an `Exception`, as for a cancelled task: a stream that was
    cut short never looks ended.
    """

    __slots__ = ("_most", "_registry", "_stream")

    def __init__(self, registry: Ops, stream: StreamId, most_bytes: int | None) -> None:
        mark = registry.limits.high_water_mark or MOST_BYTES  # of zero nothing is queued anyway
        most = min(MOST_BYTES, mark) if most_bytes is None else most_bytes
        if most < 1:
            raise ValueError(f"most_bytes must be at least 1, not {most}")
        require_id(stream)  # the block might end before any op would say so
        self._registry = registry
        self._stream = stream
        self._most = most

    async def __aenter__(self) -> Write:
        return self.write

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        raised: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if raised is None:
            surely(partial(self._registry.close, self._stream))
        elif isinstance(raised, Exception):
            surely(partial(self._registry.error, self._stream, raised))
        else:
            stopped = WriterStopped(f"the writer was stopped by {type(raised).__name__}")
            stopped.__cause__ = raised
            surely(partial(self._registry.error, self._stream, stopped))

    async def write(self, chunk: BytesLike) -> bool:
        """Push the whole chunk, in parts of at most `most_bytes`, each once there is room.

        Returns False if the stream takes no more, because it is unknown, closed or errored; what
        was pushed until then may have arrived. Raises `TypeError`, before it pushes anything, for
        what is not bytes-like. If two tasks write at once, their parts are mixed.
        """
        for part in parts(chunk, self._most):
            taken = False
            while not taken:  # room may go between the two, as to a pull that is dropped just then
                if not await self._registry.writable(self._stream):
                    return False
                try:
                    taken = self._registry.push(self._stream, part)
                except PushMustWait:
                    continue
        return True


def parts(chunk: BytesLike, most: int) -> Iterator[BytesLike]:
    """The chunk in parts of at most so many bytes; an empty chunk is a part, too.

    Copies first what can change while somebody waits for room.
    """
    whole = chunk if isinstance(chunk, bytes) else copied(chunk)
    if len(whole) <= most:
        return iter((whole,))
    view = memoryview(whole)
    return (view[start : start + most] for start in range(0, len(whole), most))


class ReaderScope:
    """`async with` this: the chunks of one stream, for `async for`.

    The first raises `StreamDeleted` if the stream had already gone: nobody can say that it ended.
    Leaving the block before the end deletes the stream, which tells the writer: `write`, `push` and
    `writable` return false from then on.
    """

    __slots__ = ("_chunks", "_done", "_found", "_registry", "_stream")

    def __init__(self, registry: Ops, stream: StreamId) -> None:
        self._registry = registry
        self._stream = stream
        self._chunks = registry.chunks(stream)
        self._found = False
        self._done = False

    async def __aenter__(self) -> ReaderScope:
        return self

    async def __aexit__(self, *_how: object) -> None:
        if not self._done:
            surely(partial(self._registry.delete, self._stream))

    def __aiter__(self) -> ReaderScope:
        return self

    async def __anext__(self) -> bytes:
        if not self._found:
            if self._registry.get(self._stream) is None:
                raise StreamDeleted
            self._found = True
        try:
            return await anext(self._chunks)
        except StopAsyncIteration:
            self._done = True
            raise
