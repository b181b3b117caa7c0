"""The asyncio registry: it performs what the table says, and decides nothing itself.

Every op goes the same way: check the thread, cancel the pulls that were dropped unseen, find the
record, look the transition up, have its actions done. Nothing in an op suspends, so each is
atomic; only awaiting a pull or `writable` does, and those park on futures that the ops wake.
"""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from streamstate.model import (
    REFERENCE,
    Clear,
    Close,
    Control,
    Create,
    Delete,
    Dialect,
    Error,
    Event,
    Get,
    IsQueueFull,
    Limits,
    Push,
    StreamId,
    level_of_nothing,
)
from streamstate.registry.errors import Failure, PushMustWait
from streamstate.registry.level import measured
from streamstate.registry.lining import line_up
from streamstate.registry.listening import Listener
from streamstate.registry.lockstep import Lockstep
from streamstate.registry.native import here
from streamstate.registry.offers import Hold, Offer, hold_admitted, place
from streamstate.registry.outside import BytesLike, Outside, copied, require_id
from streamstate.registry.pull import CoroutinePull, PendingPull
from streamstate.registry.record import Record
from streamstate.registry.scopes import ReaderScope, StreamScope, WriterScope
from streamstate.registry.sending import CoroutineSend, PendingSend
from streamstate.registry.situations import situations
from streamstate.registry.streams import Table
from streamstate.registry.threads import ThreadsafeRegistry
from streamstate.registry.view import StreamView, snapshot
from streamstate.registry.waiting import ChunkIterator, wait_closed, writable


class StreamStateRegistry(Table):
    """A table of streams by number, for one thread and, once something waits, one event loop.

    `dialect` and `limits` say which semantics (by default `reference`, 64 KiB and 16 chunks).
    `lockstep=True` runs the pure model beside the registry and compares after every op; the first
    difference raises `LockstepError`. `listener` is called after every op.

    Construction binds nothing. The first op binds the thread; an op called from another one raises
    `RuntimeError` and changes nothing. The first wait binds the loop; a wait on another one raises
    `RuntimeError`, unless the bound one is closed.
    """

    __slots__ = ()

    def __init__(
        self,
        dialect: Dialect = REFERENCE,
        limits: Limits | None = None,
        *,
        lockstep: bool = False,
        listener: Listener | None = None,
    ) -> None:
        if not isinstance(dialect, Dialect):
            raise TypeError(f"dialect must be a Dialect, not {dialect!r}; see Dialect.parse")
        if limits is not None and not isinstance(limits, Limits):
            raise TypeError(f"limits must be a Limits, not {limits!r}")
        self._dialect = dialect
        self._limits = Limits() if limits is None else limits
        nothing = level_of_nothing(self._limits)
        self._absent = Record(0, situations(dialect, nothing)[Control.ABSENT])
        self._streams = {}
        self._next_stream = 1
        self._outside = Outside(self._limits)
        self._watch = None
        if lockstep:
            self.attach(Lockstep(dialect, self._limits, self._streams))
        if listener is not None:
            self.attach(listener, acts=True)

    def create(self) -> StreamId:
        """Make a stream and return its number: 1, 2, 3 …, never one used before. CREATE_1. O(1)."""
        outside = self._outside
        outside.enter()
        number = self._next_stream
        self._next_stream = number + 1
        self._streams[number] = record = Record(number, self._absent.situation)
        self._do(Event.CREATE, record)
        if outside.announcer is not None:
            outside.announcer.tell(Create(), number)
        return number

    def get(self, stream: StreamId) -> StreamView | None:
        """A live view of the stream, or None if it is unknown. GET_*. O(1)."""
        outside = self._outside
        outside.enter()
        record = self._streams.get(stream)
        if record is None:
            require_id(stream)
        if outside.announcer is not None:
            outside.announcer.tell_view(Get(stream), None if record is None else snapshot(record))
        return None if record is None else StreamView(record)

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        """Offer `chunk`; return whether the stream accepted it. PUSH_*. O(1).

        False means that the stream takes no more; with `push_when_full=refuse` it may also mean
        that it is full now. Takes anything bytes-like, and copies it unless it is `bytes`. Raises
        `TypeError`, and changes nothing, for anything else; `RuntimeError`, and changes nothing,
        where the push would have to wait (PUSH_9): `send` waits.
        """
        data = chunk if type(chunk) is bytes else copied(chunk)
        outside = self._outside
        if here() != outside.ready:
            outside.enter()
        record = self._streams.get(stream, self._absent)
        if record is self._absent:
            require_id(stream)
        after = measured(
            outside.high_water_mark,
            outside.max_queue_chunks,
            record.count + 1,
            record.size + len(data),
        )
        entry = record.situation.on_push[record.others is not None][after]
        if entry.returned is None:
            raise PushMustWait(stream, self._dialect)
        record.situation = entry.situation
        entry.doing.do(outside, record, data)
        if outside.announcer is not None:
            outside.announcer.tell(Push(stream, data), entry.returned)
        if not outside.ready:  # it was handed to a pull whose loop is closed: on to one that lives
            outside.sweep()
        return entry.returned is True

    def send(self, stream: StreamId, chunk: BytesLike) -> CoroutineSend:
        """Offer `chunk`, and wait for room where the dialect has pushes wait. The call itself
        places the push; await what it returns. PUSH_*. O(1).

        The awaited result is whether the chunk was accepted; `PendingSend` says what it raises, and
        what becomes of one that is given up. Takes what `push` takes.
        """
        data = chunk if type(chunk) is bytes else copied(chunk)
        return PendingSend(self._place(stream, data))  # type: ignore[return-value]  # as of a pull

    def pull(self, stream: StreamId) -> CoroutinePull:
        """Ask for a chunk. The call itself places the pull; await what it returns. PULL_*. O(1).

        The awaited result is `Chunk` or `Done`. Awaiting raises the stream's error (see
        `StreamErrored`), `StreamDeleted`, `PullSuperseded` or `PullRefused`. Cancelling, timing
        out or dropping the pull before the await has returned loses no chunk, but for a stream that
        is deleted (CANCEL_PULL_8) or errored in a dialect that drops (CANCEL_PULL_7).
        """
        outside = self._outside
        if here() != outside.ready:
            outside.enter()
        record = self._streams.get(stream, self._absent)
        if record is self._absent:
            require_id(stream)
        if record.offers is not None:
            hold_admitted(outside, record)
        pull = PendingPull.__new__(PendingPull)  # half the time of an `__init__`
        pull.ask(outside, record, stream)
        return pull  # type: ignore[return-value]  # the same to who runs it

    def close(self, stream: StreamId) -> None:
        """Say that no more data will come. CLOSE_*. O(1 + waiting pulls)."""
        outside = self._outside
        outside.enter()
        record = self._find(stream)
        self._do(Event.CLOSE, record)
        outside.tell_watchers(record)
        if outside.announcer is not None:
            outside.announcer.tell(Close(stream))

    def error(self, stream: StreamId, error_value: object) -> None:
        """Say that the stream failed with `error_value`, anything at all. ERROR_*.

        O(1 + waiting pulls), and O(chunks) where the dialect drops them.
        """
        outside = self._outside
        outside.enter()
        record = self._find(stream)
        self._do(Event.ERROR, record, Failure(error_value))
        outside.tell_watchers(record)
        if outside.announcer is not None:
            outside.announcer.tell(Error(stream, error_value))

    def is_queue_full(self, stream: StreamId) -> bool:
        """Whether the queue has reached a limit; of an unknown one, true. IS_QUEUE_FULL_*. O(1)."""
        outside = self._outside
        outside.enter()
        full = self._do(Event.IS_QUEUE_FULL, self._find(stream))
        if outside.announcer is not None:
            outside.announcer.tell(IsQueueFull(stream), full)
        return full is True

    def delete(self, stream: StreamId) -> None:
        """Forget the stream; its number is never used again. DELETE_*. O(1 + waiting pulls)."""
        outside = self._outside
        outside.enter()
        self._find(stream)
        self._delete(stream)
        if outside.announcer is not None:
            outside.announcer.tell(Delete(stream))

    def clear(self) -> None:
        """Delete every stream, in the order of creation. CLEAR_*. O(streams + waiting pulls)."""
        outside = self._outside
        outside.enter()
        for stream in list(self._streams):
            self._delete(stream)
        if outside.announcer is not None:
            outside.announcer.tell(Clear())

    def chunks(self, stream: StreamId) -> ChunkIterator:
        """The chunks of the stream for `async for`, to its end. Looks the stream up now.

        If the stream is unknown now, the iteration ends at once. It raises the stream's error,
        `StreamDeleted` if the stream is deleted before it was done, and `PullSuperseded` if another
        pull takes the place of the iteration's.
        """
        self._outside.enter()
        record = self._find(stream)
        return ChunkIterator(self._outside, stream, None if record is self._absent else record)

    def writable(self, stream: StreamId) -> Coroutine[Any, Any, bool]:
        """Wait until it is this caller's turn to push and the stream is not full, and return True.
        Return False if the stream is unknown, closed or errored.

        Callers are answered in the order in which they asked. Nothing suspends between the last
        look and the return, so a push that follows at once, in the same task, finds the room: await
        it where you push, not in a task of its own. Waits without polling.
        """
        return writable(self._outside, self._streams, self._absent, stream)

    def wait_closed(self, stream: StreamId) -> Coroutine[Any, Any, None]:
        """Wait until the stream takes no more, because it is closed, errored or unknown. It is for
        a writer that waits for its own source, and should stop once nobody listens."""
        return wait_closed(self._outside, self._streams, self._absent, stream)

    def stream(self) -> StreamScope:
        """`async with` this: the number of a new stream, which the end of the block deletes."""
        return StreamScope(self)

    def writer(self, stream: StreamId, *, most_bytes: int | None = None) -> WriterScope:
        """`async with` this: a `write(chunk)` that waits for room and takes chunks of any size,
        which it pushes in parts of at most `most_bytes` (by default 64 KiB, or the high-water mark
        if that is lower). At its end the block closes the stream, or errors it with the exception
        that leaves the block. Raises `ValueError` for less than one byte."""
        return WriterScope(self, stream, most_bytes)

    def reader(self, stream: StreamId) -> ReaderScope:
        """`async with` this: the chunks of the stream, as `chunks` gives them. Leaving the block
        before their end deletes the stream, which tells the writer."""
        return ReaderScope(self, stream)

    def threadsafe(self) -> ThreadsafeRegistry:
        """The same ops for other threads; the loop that runs here does them.

        Call it in the registry's thread. Raises `RuntimeError` if no loop runs there, or the
        registry waits on another one.
        """
        self._outside.enter()
        find = partial(line_up, self._outside, self._streams, self._absent)
        return ThreadsafeRegistry(self, self._outside, find, self._place)

    def _place(self, stream: StreamId, chunk: bytes, hold: Hold | None = None) -> Offer | bool:
        self._outside.enter()
        return place(self._outside, self._find(stream), stream, chunk, hold)

    def _find(self, stream: StreamId) -> Record:
        record = self._streams.get(stream, self._absent)
        if record is self._absent:
            require_id(stream)
        return record

    def _do(self, event: Event, record: Record, subject: Failure | None = None) -> bool | None:
        """An event that puts in or takes out no single chunk, so that the level stays."""
        situation = record.situation
        entry = situation.on[event][record.others is not None][situation.control.level]
        record.situation = entry.situation
        entry.doing.do(self._outside, record, subject)
        return entry.returned

    def _delete(self, stream: StreamId) -> None:
        record = self._streams.pop(stream, self._absent)
        record.last = record.situation.control
        record.abandoned = None
        self._do(Event.DELETE, record)
        self._outside.tell_watchers(record)
