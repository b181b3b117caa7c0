"""The asyncio registry: it performs what the table says, and decides nothing itself.

Every op goes the same way: check the thread, cancel the pulls that were dropped unseen, find the
record, look the transition up, have its actions done. Nothing in an op suspends, so each is
atomic; only awaiting a pull or `writable` does, and those park on futures that the ops wake.
"""

from __future__ import annotations

from threading import get_ident
from typing import Final

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
    Level,
    Limits,
    Pull,
    Push,
    StreamId,
    level_of,
)
from streamstate.registry.actions import Outside
from streamstate.registry.affinity import Affinity
from streamstate.registry.buffers import BytesLike, copied
from streamstate.registry.chunks import ChunkIterator
from streamstate.registry.errors import Failure
from streamstate.registry.listening import Announcer, Listener
from streamstate.registry.lockstep import Lockstep
from streamstate.registry.pending import PendingPull, Waiter
from streamstate.registry.pulls import Pulls
from streamstate.registry.record import Record, StreamView
from streamstate.registry.situations import situations

_LEVEL_OF_NOTHING: Final = Level.EMPTY


class StreamStateRegistry:
    """A table of streams by number, for one thread and, once something waits, one event loop.

    `dialect` and `limits` say which semantics (by default `reference`, 64 KiB and 16 chunks).
    `lockstep=True` runs the pure model beside the registry and compares after every op; the first
    difference raises `LockstepError`. `listener` is told of every op.

    Construction binds nothing. The first op binds the thread; an op called from another one raises
    `RuntimeError` and changes nothing. The first wait binds the loop; a wait on another one raises
    `RuntimeError`, unless the bound one is closed.
    """

    __slots__ = (
        "__weakref__",
        "_absent",
        "_affinity",
        "_announcer",
        "_dialect",
        "_limits",
        "_next_pull",
        "_next_stream",
        "_outside",
        "_pulls",
        "_streams",
    )

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
        self._absent = Record(0, situations(dialect)[Control.ABSENT])
        self._streams: dict[StreamId, Record] = {}
        self._next_stream = 1
        self._next_pull = 1
        listeners: tuple[Listener, ...] = () if listener is None else (listener,)
        if lockstep:
            listeners += (Lockstep(dialect, self._limits, self._streams),)
        self._affinity = Affinity()
        self._outside = Outside(listened_to=bool(listeners))
        self._announcer = Announcer(listeners, self._outside) if listeners else None
        self._pulls = Pulls(
            self._streams,
            self._absent,
            self._limits,
            self._outside,
            self._announcer,
            self._affinity,
        )

    @property
    def dialect(self) -> Dialect:
        """Which semantics it has."""
        return self._dialect

    @property
    def limits(self) -> Limits:
        """From where on a queue is full."""
        return self._limits

    def create(self) -> StreamId:
        """Make a stream and return its number: 1, 2, 3 …, never one used before. CREATE_1. O(1)."""
        self._enter()
        number = self._next_stream
        self._next_stream = number + 1
        self._streams[number] = record = Record(number, self._absent.situation)
        self._do(Event.CREATE, record)
        if self._announcer is not None:
            self._announcer.tell(Create(), number)
        return number

    def get(self, stream: StreamId) -> StreamView | None:
        """A live view of the stream, or None if it is unknown. GET_*. O(1)."""
        self._enter()
        record = self._streams.get(stream)
        if self._announcer is not None:
            self._announcer.tell_view(Get(stream), None if record is None else record.snapshot())
        return None if record is None else StreamView(record)

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        """Offer `chunk`; whether it was accepted. False means that it is gone. PUSH_*. O(1).

        Anything bytes-like is taken, and copied unless it is `bytes`. Raises `TypeError`, and
        changes nothing, for anything else.
        """
        data = chunk if type(chunk) is bytes else copied(chunk)
        if get_ident() != self._affinity.thread:
            self._affinity.bind_thread()
        dropped = self._outside.dropped
        if dropped:
            self._pulls.cancel_dropped()
        record = self._streams.get(stream, self._absent)
        queue = record.queue
        count = 1 if queue is None else len(queue) + 1
        after = level_of(self._limits, count, record.size + len(data))
        row = record.situation.on_push[record.others is not None]
        do, record.situation, accepted = row[after]
        do(self._outside, record, data)
        if self._announcer is not None:
            self._announcer.tell(Push(stream, data), accepted)
        if dropped:  # it was handed to a pull whose loop is closed: on to one that lives, if any
            self._pulls.cancel_dropped()
        return accepted is True

    def pull(self, stream: StreamId) -> PendingPull:
        """Ask for a chunk. The call itself places the pull; await what it returns. PULL_*. O(1).

        The awaited result is `Chunk` or `Done`. Awaiting raises the stream's error (see
        `StreamErrored`), `StreamDeleted`, `PullSuperseded` or `PullRefused`. Cancelling, timing
        out or dropping the pull before the await has returned loses no chunk.
        """
        return self._pulls.pending(self._place(stream))

    def close(self, stream: StreamId) -> None:
        """Say that no more data will come. CLOSE_*. O(1 + waiting pulls)."""
        self._enter()
        self._do(Event.CLOSE, self._streams.get(stream, self._absent))
        if self._announcer is not None:
            self._announcer.tell(Close(stream))

    def error(self, stream: StreamId, error_value: object) -> None:
        """Say that the stream failed with `error_value`, anything at all. ERROR_*.

        O(1 + waiting pulls), and O(chunks) where the dialect drops them.
        """
        self._enter()
        record = self._streams.get(stream, self._absent)
        self._do(Event.ERROR, record, Failure(error_value))
        if self._announcer is not None:
            self._announcer.tell(Error(stream, error_value))

    def is_queue_full(self, stream: StreamId) -> bool:
        """Whether the queue has reached a limit; of an unknown stream, true. O(1).

        Rules IS_QUEUE_FULL_*.
        """
        self._enter()
        full = self._do(Event.IS_QUEUE_FULL, self._streams.get(stream, self._absent))
        if self._announcer is not None:
            self._announcer.tell(IsQueueFull(stream), full)
        return full is True

    def delete(self, stream: StreamId) -> None:
        """Forget the stream; its number is never used again. DELETE_*. O(1 + waiting pulls)."""
        self._enter()
        self._delete(stream)
        if self._announcer is not None:
            self._announcer.tell(Delete(stream))

    def clear(self) -> None:
        """Delete every stream, in the order of creation. CLEAR_*. O(streams + waiting pulls)."""
        self._enter()
        for stream in list(self._streams):
            self._delete(stream)
        if self._announcer is not None:
            self._announcer.tell(Clear())

    def chunks(self, stream: StreamId) -> ChunkIterator:
        """The chunks of the stream for `async for`, to its end. It is looked up now.

        Unknown now: ends at once. Raises the stream's error, `StreamDeleted` if it goes before it
        was done, `PullSuperseded` if another pull takes the place of the iteration's.
        """
        self._enter()
        record = self._streams.get(stream)
        return ChunkIterator(self._place, self._pulls, stream, record)

    async def writable(self, stream: StreamId) -> bool:
        """Wait until the stream is not full: True. False if it is unknown, closed or errored.

        Nothing suspends between the last look and the return, so a push that follows at once finds
        the room. Waits without polling.
        """
        while True:
            self._enter()
            record = self._streams.get(stream, self._absent)
            told = record.situation.writable
            if told is not None:
                return told
            await self._unblocked(record)

    def __repr__(self) -> str:
        return f"<StreamStateRegistry {self.dialect}, {len(self._streams)} streams>"

    def _enter(self) -> None:
        """What every op begins with; `push` and `pull` have it written out, for speed."""
        if get_ident() != self._affinity.thread:
            self._affinity.bind_thread()
        if self._outside.dropped:
            self._pulls.cancel_dropped()

    def _do(self, event: Event, record: Record, subject: Failure | None = None) -> bool | None:
        """An event that puts in or takes out no single chunk, so that the level stays."""
        situation = record.situation
        row = situation.on[event][record.others is not None]
        do, record.situation, returned = row[situation.control.level]
        do(self._outside, record, subject)
        return returned

    def _place(self, stream: StreamId) -> Waiter:
        """The pull op itself: a waiter that has its outcome, or waits on its stream."""
        if get_ident() != self._affinity.thread:
            self._affinity.bind_thread()
        if self._outside.dropped:
            self._pulls.cancel_dropped()
        record = self._streams.get(stream, self._absent)
        waiter = Waiter()
        waiter.pull = self._next_pull
        waiter.stream = stream
        waiter.outcome = waiter.future = None
        self._next_pull += 1
        queue = record.queue
        if queue:
            after = level_of(self._limits, len(queue) - 1, record.size - len(queue[0]))
        else:
            after = _LEVEL_OF_NOTHING
        do, record.situation, _ = record.situation.on_pull[0][after]
        do(self._outside, record, waiter)
        if self._announcer is not None:
            self._tell_pull(waiter)
        return waiter

    def _tell_pull(self, waiter: Waiter) -> None:
        assert self._announcer is not None
        try:
            self._announcer.tell(Pull(waiter.stream))
        except BaseException:  # the caller gets no pull that it could drop, so it is dropped here
            self._outside.dropped.append(waiter)
            raise

    def _delete(self, stream: StreamId) -> None:
        record = self._streams.pop(stream, self._absent)
        record.last = record.situation.control
        record.abandoned = None
        self._do(Event.DELETE, record)

    async def _unblocked(self, record: Record) -> None:
        """Wait for the next `Unblocked` of the record."""
        writer = self._affinity.future()
        if record.writers is None:
            record.writers = {}
        record.writers[writer] = None
        try:
            await writer
        finally:
            if record.writers is not None:
                record.writers.pop(writer, None)
