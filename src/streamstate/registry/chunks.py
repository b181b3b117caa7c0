"""The chunks of a stream, for `async for`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from streamstate.model import Chunk, StreamId
from streamstate.registry.errors import StreamDeleted
from streamstate.registry.native import here
from streamstate.registry.outside import Outside
from streamstate.registry.pull import bare
from streamstate.registry.record import Record


class ChunkIterator:
    """The chunks of one stream, looked up when this was made (`record` None: unknown).

    Ends when a pull is done. Raises the stream's error, `StreamDeleted` if the stream goes before
    it was done, `PullSuperseded` if another pull takes the place of this one's: a stream that was
    cut short never looks like one that ended. Whatever it raised, it can be asked again; only once
    it is done it stays so.
    """

    # A pull that brought its chunk at once is nobody's again, and asks again.
    __slots__ = ("_outside", "_pull", "_record", "_stream")

    def __init__(self, outside: Outside, stream: StreamId, record: Record | None) -> None:
        self._outside = outside
        self._stream = stream
        self._record = record
        self._pull = bare()

    def __aiter__(self) -> ChunkIterator:
        return self

    async def __anext__(self) -> bytes:
        record = self._record
        if record is None:
            raise StopAsyncIteration
        if record.last is not None:
            raise StreamDeleted
        outside = self._outside
        if here() != outside.ready:
            outside.enter()
        pull = self._pull
        chunk = None
        try:
            pull.ask(outside, record, self._stream)
            chunk = pull.see_at_once()
        finally:
            if chunk is None:  # it waits, or is over, or was given up: it is not to be had again
                self._pull = bare()
        if chunk is not None:
            return chunk
        result = await pull
        if isinstance(result, Chunk):
            return result.value
        self._record = None
        raise StopAsyncIteration


AsyncIterator.register(ChunkIterator)  # a class of C cannot have a base that is none
