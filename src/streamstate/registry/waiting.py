"""What waits on an event loop: whoever reads in a loop, or wants to write."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import AsyncIterator, Mapping

from streamstate.model import Chunk, StreamId
from streamstate.registry.errors import StreamDeleted
from streamstate.registry.native import here
from streamstate.registry.outside import Outside
from streamstate.registry.pull import PendingPull, bare
from streamstate.registry.record import Record, Writer


class ChunkIterator:
    """The chunks of one stream, looked up when this was made (`record` None: unknown).

    Ends when a pull is done. Raises the stream's error, `StreamDeleted` if the stream goes before
    it was done, `PullSuperseded` if another pull takes the place of this one's: a stream that was
    cut short never looks like one that ended. Whatever it raised, it can be asked again; only once
    it is done it stays so.
    """

    # `_pull` brought its chunk at once and is nobody's again: it asks for the next, if it is there.
    __slots__ = ("_outside", "_pull", "_record", "_stream")

    def __init__(self, outside: Outside, stream: StreamId, record: Record | None) -> None:
        self._outside = outside
        self._stream = stream
        self._record = record
        self._pull: PendingPull | None = None

    def __aiter__(self) -> ChunkIterator:
        return self

    async def __anext__(self) -> bytes:
        record = self._record
        if record is None:
            raise StopAsyncIteration
        outside = self._outside
        if here() != outside.ready:
            outside.enter()
        if record.last is not None:  # a listener that was told just now may have deleted it
            raise StreamDeleted
        pull = self._pull
        self._pull = None  # a listener that is told of this may ask for the next chunk
        if pull is None:
            pull = bare()
        pull.ask(outside, record, self._stream)
        chunk = pull.see_at_once()
        if chunk is not None:
            self._pull = pull
            return chunk
        result = await pull
        if isinstance(result, Chunk):
            return result.value
        self._record = None
        raise StopAsyncIteration


AsyncIterator.register(ChunkIterator)  # a class of C cannot have a base that is none


async def writable(
    outside: Outside, streams: Mapping[StreamId, Record], absent: Record, stream: StreamId
) -> bool:
    """Wait for the turn of this writer, behind those that wait already; see
    `StreamStateRegistry.writable`."""
    outside.enter()
    record = streams.get(stream, absent)
    told = record.situation.writable
    if told is False or (told and record.writers is None):
        return told
    future = outside.make_future()
    writer = Writer(record, future)
    record.add_writer(writer)
    while True:
        try:
            await future
            outside.enter()
        except BaseException as stop:
            outside.give_up(writer, stop)
            raise
        told = record.situation.writable
        if told is not None:
            break
        writer.future = future = outside.make_future()  # somebody was faster; it is first in line
    record.remove_writer(writer)
    if record.writers is not None:  # once this one has pushed, there may be room for the next
        get_running_loop().call_soon(record.give_turn)
    return told
