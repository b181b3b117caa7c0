"""What waits on an event loop: readers in a loop, and writers.

These are coroutines and no more: each asks once and gets an answer, or waits and asks again.
`record` and `pull` answer.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import AsyncIterator, Mapping

from streamstate.model import Chunk, StreamId
from streamstate.registry.lining import line_up
from streamstate.registry.outside import Outside, require_id
from streamstate.registry.pull import Reading
from streamstate.registry.record import Record


class ChunkIterator(Reading):
    """The chunks of one stream, looked up when this was made.

    Ends when a pull is done. Raises the stream's error, `StreamDeleted` if the stream goes before
    it was done, `PullSuperseded` if another pull takes the place of this one's: a stream that was
    cut short never looks like one that ended. After it has raised, it can be asked again; once it
    is done, it stays done.
    """

    __slots__ = ()

    def __aiter__(self) -> ChunkIterator:
        return self

    async def __anext__(self) -> bytes:
        pull = self.ask()
        if isinstance(pull, bytes):
            return pull
        if pull is not None:
            result = await pull
            if isinstance(result, Chunk):
                return result.value
            self.end()
        raise StopAsyncIteration


AsyncIterator.register(ChunkIterator)  # a class of C cannot have a base that is none


class Watcher:
    """One call of `wait_closed` that waits."""

    __slots__ = ("_outside", "_record", "future")

    def __init__(self, outside: Outside, record: Record) -> None:
        self._outside = outside
        self._record = record
        self.future: Future[None] = outside.make_future()
        outside.watched.setdefault(record, []).append(self.future)

    def leave(self) -> None:
        """Stop waiting. O(watchers of the stream)."""
        watched = self._outside.watched
        others = [each for each in watched.pop(self._record, ()) if each is not self.future]
        if others:
            watched[self._record] = others


async def wait_closed(
    outside: Outside, streams: Mapping[StreamId, Record], absent: Record, stream: StreamId
) -> None:
    """Wait until the stream takes no more; see `StreamStateRegistry.wait_closed`."""
    outside.enter()
    record = streams.get(stream, absent)
    if record is absent:
        require_id(stream)
    while record.situation.writable is not False:
        watcher = Watcher(outside, record)
        try:
            await watcher.future
            outside.enter()
        except BaseException as stop:
            outside.give_up(watcher, stop)
            raise


async def writable(
    outside: Outside, streams: Mapping[StreamId, Record], absent: Record, stream: StreamId
) -> bool:
    """Wait for the turn of this writer, behind those that wait already; see
    `StreamStateRegistry.writable`."""
    writer = line_up(outside, streams, absent, stream)
    if isinstance(writer, bool):
        return writer
    told = None
    while told is None:
        try:
            await writer.future
            told = writer.told()
        except BaseException as stop:
            outside.give_up(writer, stop)
            raise
    return told
