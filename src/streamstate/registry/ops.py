"""The ops of the registry: it performs what the table says, and decides nothing itself.

Every op goes the same way: check the thread, cancel the pulls that were dropped unseen, find the
record, look the transition up, have its actions done. Nothing in an op suspends, so each is
atomic; only awaiting a pull or `writable` does, and those park on futures that the ops wake.
"""

from __future__ import annotations

from streamstate.model import (
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
)
from streamstate.registry.actions import situations
from streamstate.registry.errors import Failure
from streamstate.registry.level import measured
from streamstate.registry.native import here
from streamstate.registry.outside import BytesLike, Outside, copied, require_id
from streamstate.registry.pull import CoroutinePull, PendingPull
from streamstate.registry.record import Record
from streamstate.registry.view import StreamView, snapshot


class Ops:
    """A table of streams by number, and what can be done to it; see `StreamStateRegistry`."""

    __slots__ = (
        "_absent",
        "_dialect",
        "_limits",
        "_next_stream",
        "_outside",
        "_streams",
    )

    def __init__(self, dialect: Dialect, limits: Limits | None) -> None:
        if not isinstance(dialect, Dialect):
            raise TypeError(f"dialect must be a Dialect, not {dialect!r}; see Dialect.parse")
        if limits is not None and not isinstance(limits, Limits):
            raise TypeError(f"limits must be a Limits, not {limits!r}")
        self._dialect = dialect
        self._limits = Limits() if limits is None else limits
        self._absent = Record(0, situations(dialect)[Control.ABSENT])
        self._streams: dict[StreamId, Record] = {}
        self._next_stream = 1
        self._outside = Outside(self._limits)

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
        """Offer `chunk`; whether it was accepted. False means that it is gone. PUSH_*. O(1).

        Anything bytes-like is taken, and copied unless it is `bytes`. Raises `TypeError`, and
        changes nothing, for anything else.
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
        record.situation = entry.situation
        entry.doing.do(outside, record, data)
        if outside.announcer is not None:
            outside.announcer.tell(Push(stream, data), entry.returned)
        if not outside.ready:  # it was handed to a pull whose loop is closed: on to one that lives
            outside.sweep()
        return entry.returned is True

    def pull(self, stream: StreamId) -> CoroutinePull:
        """Ask for a chunk. The call itself places the pull; await what it returns. PULL_*. O(1).

        The awaited result is `Chunk` or `Done`. Awaiting raises the stream's error (see
        `StreamErrored`), `StreamDeleted`, `PullSuperseded` or `PullRefused`. Cancelling, timing
        out or dropping the pull before the await has returned loses no chunk.
        """
        outside = self._outside
        if here() != outside.ready:
            outside.enter()
        record = self._streams.get(stream, self._absent)
        if record is self._absent:
            require_id(stream)
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
        """Whether the queue has reached a limit; of an unknown stream, true. O(1).

        Rules IS_QUEUE_FULL_*.
        """
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
