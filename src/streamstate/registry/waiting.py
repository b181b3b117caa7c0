"""What waits on an event loop: whoever awaits a pull, reads in a loop, or wants to write."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Mapping
from typing import Any, Protocol, TypeAlias

from streamstate.model import Chunk, PullResult, StreamId
from streamstate.registry.errors import StreamDeleted
from streamstate.registry.outside import Outside
from streamstate.registry.record import Record, Waiter, Writer

Steps: TypeAlias = Generator[Any, Any, PullResult]
"""Waits for the outcome of one pull, driven by an event loop."""


class Pull(Awaitable[PullResult], Protocol):
    """What is asked here of a pull."""

    def begin(self, driven: bool) -> Waiter: ...

    def see_at_once(self) -> bytes | None: ...


def steps(pull: Pull) -> Steps:
    """Wait for the outcome, and look. Whatever ends it before that, be it a cancel, a throw, a
    close or its being dropped, comes out at one `except`."""
    waiter = pull.begin(False)
    del pull  # whoever drives these steps may be held by it, and has to be seen to go
    if waiter.future is not None:
        try:
            yield from waiter.future
        except BaseException as stop:
            waiter.outside.give_up(waiter, stop)
            raise
    return waiter.look()


class ChunkIterator:
    """The chunks of one stream, looked up when this was made (`record` None: unknown).

    Ends when a pull is done. Raises the stream's error, `StreamDeleted` if the stream goes before
    it was done, `PullSuperseded` if another pull takes the place of this one's: a stream that was
    cut short never looks like one that ended. Whatever it raised, it can be asked again; only once
    it is done it stays so.
    """

    # `place` places a pull that `bare` made. One that brought its chunk at once is placed again.
    __slots__ = ("_bare", "_place", "_pull", "_record", "_stream")

    def __init__(
        self,
        place: Callable[[Any, StreamId], None],
        bare: Callable[[], Pull],
        stream: StreamId,
        record: Record | None,
    ) -> None:
        self._place = place
        self._bare = bare
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
        pull = self._pull
        chunk = None
        try:
            self._place(pull, self._stream)
            chunk = pull.see_at_once()
        finally:
            if chunk is None:  # it waits, or is over, or was given up: it is not to be had again
                self._pull = self._bare()
        if chunk is not None:
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
