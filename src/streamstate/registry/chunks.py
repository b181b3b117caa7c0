"""`async for` over a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from streamstate.model import Chunk, StreamId
from streamstate.registry.errors import StreamDeleted
from streamstate.registry.pending import Waiter
from streamstate.registry.pulls import Pulls
from streamstate.registry.record import Record


class ChunkIterator(AsyncIterator[bytes]):
    """The chunks of one stream, looked up when this was made (`record` None: unknown).

    Ends when a pull is done. Raises the stream's error, `StreamDeleted` if the stream goes before
    it was done, `PullSuperseded` if another pull takes the place of this one's: a stream that was
    cut short never looks like one that ended. Whatever it raised, it can be asked again; only once
    it is done it stays so.
    """

    __slots__ = ("_place", "_pulls", "_record", "_stream")

    def __init__(
        self,
        place: Callable[[StreamId], Waiter],
        pulls: Pulls,
        stream: StreamId,
        record: Record | None,
    ) -> None:
        self._place = place
        self._pulls = pulls
        self._stream = stream
        self._record = record

    async def __anext__(self) -> bytes:
        record = self._record
        if record is None:
            raise StopAsyncIteration
        if record.last is not None:
            raise StreamDeleted
        waiter = self._place(self._stream)
        if waiter.outcome is None:
            result = await self._pulls.pending(waiter)
        else:  # settled by the call: nothing can come between that and the look
            result = self._pulls.look(waiter)
        if isinstance(result, Chunk):
            return result.value
        self._record = None
        raise StopAsyncIteration
