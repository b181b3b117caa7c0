"""What the conditions are about: any stream, with a queue of any length.

A symbolic `tuple[bytes, ...]` stands for the chunks that were never taken. Chunks are compared by
identity (`is`): the model hands them on and never copies them, and to compare the bytes of two
symbolic chunks would need a bound on their length. That a queue is kept as it is, is said at one
symbolic index, which stands for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar, get_args

from streamstate.model import (
    Dialect,
    Effect,
    Event,
    Idle,
    Level,
    Limits,
    PullId,
    Rejected,
    Resolved,
    Stream,
    StreamId,
    Unblocked,
    Waiting,
    lattice,
    tabulate,
)
from streamstate.model import stream as stream_module
from streamstate.model.dialect import ErroredBacklog, ErrorWhenClosed
from streamstate.model.reaction import Reaction, Subject
from streamstate.model.state import CLOSED, OPEN, Failed, Placed, Queue, Status

# CrossHair switches `lru_cache` off, and would make the whole table anew in every call. These are
# the very tables that `tabulate` makes, kept where it leaves them alone.
TABLES: Final = {
    (dialect, nothing): tabulate(dialect, nothing)
    for dialect in lattice()
    for nothing in (Level.EMPTY, Level.UNBUFFERED)
}
vars(stream_module)["tabulate"] = lambda dialect, nothing: TABLES[dialect, nothing]

BACKLOGS: Final = get_args(ErroredBacklog)
LATE: Final = get_args(ErrorWhenClosed)

React: TypeAlias = Callable[[Dialect, Limits, StreamId, Stream | None, Event, Subject], Reaction]
"""Anything that is called like `streamstate.model.stream.react`."""

T = TypeVar("T")

NUMBER: Final = 7
"""The stream's number."""


@dataclass(frozen=True, slots=True)
class Given:
    """Any queue without given back chunks, any limits, and any index `at` into the queue."""

    accepted: int
    fresh: tuple[bytes, ...]
    size: int
    high_water_mark: int
    max_queue_chunks: int
    at: int

    def possible(self) -> bool:
        return (
            self.high_water_mark >= 1
            and self.max_queue_chunks >= 1
            and self.accepted >= len(self.fresh)
            and self.size >= 0
        )

    def limits(self) -> Limits:
        return Limits(self.high_water_mark, self.max_queue_chunks)

    def idle(self, status: Status, given_back: tuple[Placed, ...] = ()) -> Idle:
        return Idle(self.accepted, status, Queue(given_back, self.fresh, self.size))


@dataclass(frozen=True, slots=True)
class Back:
    """Up to two given back chunks, at any places."""

    count: int
    place: int
    chunk: bytes
    later: int
    other: bytes

    def possible(self) -> bool:
        return 0 <= self.count <= 2 and 1 <= self.place < self.later

    def placed(self) -> tuple[Placed, ...]:
        if self.count == 0:
            return ()
        if self.count == 1:
            return (Placed(self.place, self.chunk),)
        return (Placed(self.place, self.chunk), Placed(self.later, self.other))


@dataclass(frozen=True, slots=True)
class Pulls:
    """One to three waiting pulls, in the order of their calls."""

    count: int
    first: PullId
    second: PullId
    third: PullId

    def possible(self) -> bool:
        return 1 <= self.count <= 3 and 1 <= self.first < self.second < self.third

    def all(self) -> tuple[PullId, ...]:
        if self.count == 1:
            return (self.first,)
        if self.count == 2:
            return (self.first, self.second)
        return (self.first, self.second, self.third)

    def waiting(self, accepted: int) -> Waiting:
        return Waiting(accepted, self.all()[0], self.all()[1:])


def pick(values: tuple[T, ...], which: int) -> T:
    """The value at that index, one path for each: CrossHair has no symbolic `Literal`."""
    for index, value in enumerate(values):
        if which == index:
            return value
    raise IndexError(which)


def failed(value: object, closed: bool) -> Failed:
    return Failed(value, closed=True) if closed else Failed(value, closed=False)


def status_of(phase: int, value: object) -> Status:
    """Open, closed, errored, closed and errored."""
    statuses: tuple[Status, ...] = (
        OPEN,
        CLOSED,
        Failed(value, closed=False),
        Failed(value, closed=True),
    )
    return pick(statuses, phase)


def is_full(stream: Stream | None, limits: Limits) -> bool:
    """Whether a limit is reached, by definition."""
    if not isinstance(stream, Idle):
        return False
    queue = stream.queue
    count = len(queue.given_back) + len(queue.fresh)
    by_bytes = queue.size >= limits.high_water_mark
    return count > 0 and (by_bytes or count >= limits.max_queue_chunks)


def idle_after(reaction: Reaction) -> Idle:
    assert isinstance(reaction.stream, Idle)
    return reaction.stream


def waiting_after(reaction: Reaction) -> tuple[PullId, ...]:
    """The pulls that wait after it."""
    assert isinstance(reaction.stream, Waiting)
    return (reaction.stream.first, *reaction.stream.others)


def assert_same_fresh(queue: Queue, given: Given) -> None:
    """The chunks that were never taken are as they were."""
    assert len(queue.fresh) == len(given.fresh)
    if 0 <= given.at < len(given.fresh):
        assert queue.fresh[given.at] is given.fresh[given.at]


def assert_nothing(reaction: Reaction, stream: Stream | None, *effects: Effect) -> None:
    """The stream is the very same, and nothing happened but these effects."""
    assert reaction.stream is stream
    assert reaction.effects == effects
    assert reaction.handed == ()


def assert_handed(
    reaction: Reaction, pull: PullId, place: int, chunk: bytes, told_at: int = 0
) -> None:
    """The only handing is that of the chunk to the pull, and the effect at that index tells it."""
    assert len(reaction.handed) == 1
    handed, told = reaction.handed[0], reaction.effects[told_at]
    assert handed.pull == pull
    assert handed.stream == NUMBER
    assert handed.place == place
    assert handed.chunk is chunk
    assert isinstance(told, Resolved)
    assert told.pull == pull
    assert getattr(told.result, "value", None) is chunk


def assert_unblocked(reaction: Reaction, *, settled: int, due: bool) -> None:
    """After `settled` settlements, the word to waiting writers if it is due, and no more."""
    assert len(reaction.effects) == settled + due
    for effect in reaction.effects[:settled]:
        assert isinstance(effect, Resolved | Rejected)
    if due:
        assert reaction.effects[settled] == Unblocked(NUMBER)
