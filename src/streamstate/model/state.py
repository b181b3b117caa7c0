"""The state of a registry, as immutable data in which contradictions cannot be written down.

A stream is `Waiting` (open, nothing queued, at least one pull), `PushesWaiting` (open or closed, a
queue, at least one push) or `Idle` (nothing waits; a status and a queue). No value says that a pull
waits where a chunk is queued, a push waits or the stream is closed, that a push waits on an errored
stream, or that there is an error value without an error.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias, assert_never

from streamstate.model.control import Control, Phase, control_at, level_of
from streamstate.model.dialect import REFERENCE, Dialect
from streamstate.model.frozen import cheaply_made
from streamstate.model.values import Limits, PullId, PushId, StreamId, View


@cheaply_made
@dataclass(frozen=True, slots=True)
class Placed:
    """A chunk with its place in the order of accepted pushes of its stream: 1, 2, 3 …"""

    place: int
    chunk: bytes


@cheaply_made
@dataclass(frozen=True, slots=True)
class Queue:
    """Queued chunks: those that a cancelled pull gave back, sorted by place, then those that were
    never taken. A chunk that was taken is older than any that was not, so this is the order of
    pushes. The fresh ones are the last accepted of their stream, so their places need no storing.

    `size` is the total length in bytes, kept so that an op need not add it up.
    """

    given_back: tuple[Placed, ...] = ()
    fresh: tuple[bytes, ...] = ()
    size: int = 0

    def __len__(self) -> int:
        """Number of chunks. O(1)."""
        return len(self.given_back) + len(self.fresh)

    def chunks(self) -> tuple[bytes, ...]:
        """The chunks, oldest first. O(n)."""
        if not self.given_back:
            return self.fresh
        return tuple([placed.chunk for placed in self.given_back]) + self.fresh

    def append(self, chunk: bytes) -> Queue:
        """With `chunk` as the newest. O(n)."""
        return Queue(self.given_back, self.fresh + (chunk,), self.size + len(chunk))  # noqa: RUF005  # the form that symbolic execution follows

    def oldest(self, accepted: int) -> tuple[int, bytes]:
        """Place and bytes of the chunk that is first to go, where so many were accepted. O(1)."""
        if self.given_back:
            return self.given_back[0].place, self.given_back[0].chunk
        return accepted - len(self.fresh) + 1, self.fresh[0]

    def oldest_chunk(self) -> bytes:
        """The bytes of that chunk. O(1)."""
        return self.given_back[0].chunk if self.given_back else self.fresh[0]

    def without_oldest(self) -> Queue:
        """Without that chunk. O(n)."""
        if self.given_back:
            size = self.size - len(self.given_back[0].chunk)
            return Queue(self.given_back[1:], self.fresh, size)
        return Queue(self.given_back, self.fresh[1:], self.size - len(self.fresh[0]))

    def give_back(self, placed: Placed) -> Queue:
        """With a chunk that was taken back at its place. O(n)."""
        older = tuple([other for other in self.given_back if other.place < placed.place])
        newer = self.given_back[len(older) :]
        return Queue((*older, placed, *newer), self.fresh, self.size + len(placed.chunk))


EMPTY_QUEUE: Final = Queue()


@cheaply_made
@dataclass(frozen=True, slots=True)
class Offered:
    """A push that waits, with its chunk, which nobody has accepted."""

    push: PushId
    chunk: bytes


def admitting(limits: Limits, queue: Queue, pushes: tuple[Offered, ...]) -> tuple[Queue, int]:
    """The queue once waiting pushes are accepted, oldest first, as long as it is not full, and how
    many of them are. O(n) for each."""
    admitted = 0
    for offered in pushes:
        if level_of(limits, len(queue), queue.size).full:
            break
        queue = queue.append(offered.chunk)
        admitted += 1
    return queue, admitted


def pulled(limits: Limits, queue: Queue, pushes: tuple[Offered, ...]) -> tuple[Queue, int]:
    """The queue once a pull has taken the oldest chunk, of a waiting push if nothing is queued, and
    those pushes are accepted for which there is room then, and how many of the pushes are accepted.
    O(n) for each."""
    if len(queue) == 0:
        return queue, 1
    return admitting(limits, queue.without_oldest(), pushes)


@dataclass(frozen=True, slots=True)
class Open:
    """More data may come."""

    phase: ClassVar[Phase] = Phase.OPEN


@dataclass(frozen=True, slots=True)
class Closed:
    """No more data will come."""

    phase: ClassVar[Phase] = Phase.CLOSED


@cheaply_made
@dataclass(frozen=True, slots=True)
class Failed:
    """Errored with `value`; `closed` too or not."""

    value: object
    closed: bool

    @property
    def phase(self) -> Phase:
        """The phase that this status stands for."""
        return _CLOSED_ERRORED if self.closed else _ERRORED


# A global is found several times faster than an enum's member.
_, _, _OPEN, _CLOSED, _ERRORED, _CLOSED_ERRORED, _PUSHES_WAITING, _CLOSING = Phase

Status: TypeAlias = Open | Closed | Failed

OPEN: Final = Open()
CLOSED: Final = Closed()


def status_of(phase: Phase, error: object) -> Status:
    """The status that stands for `phase`, errored with `error` if at all; no pull waits there."""
    if phase is _OPEN:
        return OPEN
    if phase is _CLOSED:
        return CLOSED
    return Failed(error, closed=phase is _CLOSED_ERRORED)


@cheaply_made
@dataclass(frozen=True, slots=True)
class Waiting:
    """Open, nothing queued, and `first` is the oldest pull that waits; `others` wait behind it."""

    accepted: int
    first: PullId
    others: tuple[PullId, ...] = ()


@cheaply_made
@dataclass(frozen=True, slots=True)
class PushesWaiting:
    """Full, open or closed, and `first` is the oldest push that waits; `others` wait behind it."""

    accepted: int
    queue: Queue
    first: Offered
    others: tuple[Offered, ...] = ()
    closed: bool = False

    @property
    def phase(self) -> Phase:
        """The phase that this stands for."""
        return _CLOSING if self.closed else _PUSHES_WAITING


@cheaply_made
@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing waits. `accepted` is how many pushes the stream has accepted in all."""

    accepted: int = 0
    status: Status = OPEN
    queue: Queue = EMPTY_QUEUE


Stream: TypeAlias = Waiting | PushesWaiting | Idle
"""A known stream: pulls wait, pushes do, or nothing."""

NEW_STREAM: Final = Idle()


@cheaply_made
@dataclass(frozen=True, slots=True)
class Handed:
    """`pull` settled with `chunk` of `stream`, and its awaiter has not looked yet."""

    pull: PullId
    stream: StreamId
    place: int
    chunk: bytes


@cheaply_made
@dataclass(frozen=True, slots=True)
class State:
    """A whole registry: its streams in the order of creation, and the handed chunks nobody has
    seen, in the order of handing. `next_stream`, `next_pull` and `next_push` are the numbers to be
    given next, that of a push when it has to wait.
    """

    dialect: Dialect
    limits: Limits
    next_stream: StreamId = 1
    next_pull: PullId = 1
    streams: tuple[tuple[StreamId, Stream], ...] = ()
    handed: tuple[Handed, ...] = ()
    next_push: PushId = 1

    def find(self, stream: StreamId) -> Stream | None:
        """The stream of that number, or None if it is unknown. O(log n)."""
        index = bisect_left(self.streams, (stream,))  # which is just before (stream, anything)
        if index < len(self.streams) and self.streams[index][0] == stream:
            return self.streams[index][1]
        return None

    def streams_with(
        self, number: StreamId, stream: Stream | None
    ) -> tuple[tuple[StreamId, Stream], ...]:
        """The streams with that one put in, replaced, or (None) taken out. O(n)."""
        index = bisect_left(self.streams, (number,))
        known = index < len(self.streams) and self.streams[index][0] == number
        before, after = self.streams[:index], self.streams[index + known :]
        if stream is None:
            return before + after
        return before + ((number, stream),) + after  # noqa: RUF005  # faster


def initial(dialect: Dialect = REFERENCE, limits: Limits | None = None) -> State:
    """A registry in which nothing has happened yet."""
    return State(dialect, Limits() if limits is None else limits)


def control_of(stream: Stream | None, limits: Limits) -> Control:
    """The situation that a stream is in; ABSENT for None. O(1)."""
    match stream:
        case None:
            return Control.ABSENT
        case Waiting():
            return Control.WAITING
        case PushesWaiting(_, queue):
            return control_at(stream.phase, level_of(limits, len(queue), queue.size))
        case Idle(_, status, queue):
            return control_at(status.phase, level_of(limits, len(queue), queue.size))
        case _:
            assert_never(stream)


def view(state: State, stream: StreamId) -> View | None:
    """What `get` shows of a stream now, or None if it is unknown. O(chunks)."""
    return view_of(state.find(stream))


def view_of(stream: Stream | None) -> View | None:
    """The view of one stream's data; None of None. O(chunks)."""
    match stream:
        case None:
            return None
        case Waiting():
            return View(pull_waiting=True)
        case PushesWaiting(_, queue):
            return View(queue.chunks(), queue.size, stream.closed)
        case Idle(_, status, queue):
            seen = View(queue=queue.chunks(), queue_size=queue.size)
            return _with_status(seen, status)
        case _:
            assert_never(stream)


def _with_status(seen: View, status: Status) -> View:
    match status:
        case Open():
            return seen
        case Closed():
            return View(seen.queue, seen.queue_size, closed=True)
        case Failed(value, closed):
            return View(seen.queue, seen.queue_size, closed, errored=True, error_value=value)
        case _:
            assert_never(status)
