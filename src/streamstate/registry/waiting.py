"""What waits on an event loop: whoever reads in a loop, or wants to write.

Coroutines, and no more than that: each asks once and is told, or waits and asks again. What is
asked is in `record` and `pull`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from streamstate.model import Chunk, StreamId
from streamstate.registry.outside import Outside
from streamstate.registry.pull import Reading
from streamstate.registry.record import Record, line_up


class ChunkIterator(Reading):
    """The chunks of one stream, looked up when this was made.

    Ends when a pull is done. Raises the stream's error, `StreamDeleted` if the stream goes before
    it was done, `PullSuperseded` if another pull takes the place of this one's: a stream that was
    cut short never looks like one that ended. Whatever it raised, it can be asked again; only once
    it is done it stays so.
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
            told = writer.told(outside)
        except BaseException as stop:
            outside.give_up(writer, stop)
            raise
    return told
