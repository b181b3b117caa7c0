"""The registry's data of one stream, and what it knows of the outside. Nothing here decides.

`Record` has the chunks, pulls and writers of one stream; only the table's actions move them. Where
a stream is in the table is its `Situation`, whose rows lead to an `Entry` for every event.
"""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections import OrderedDict
from enum import Enum, auto, unique
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from streamstate.model import (
    CancelPull,
    Control,
    Deleted,
    Done,
    Event,
    PullId,
    PullResult,
    PushId,
    Refused,
    StreamId,
    Superseded,
)
from streamstate.registry.errors import Failure, raise_for
from streamstate.registry.level import measured
from streamstate.registry.native import Awaited, ChunkQueue, chunk_of
from streamstate.registry.outside import Outside, wake

if TYPE_CHECKING:
    from streamstate.registry.offers import Offer


@unique
class Over(Enum):
    """What a pull is at when it neither waits nor has an outcome that somebody may look at."""

    SPENT = auto()
    """Its chunk was seen, or taken from it; or it was cancelled in its wait."""

    ABANDONED = auto()
    """It will never settle."""


Outcome: TypeAlias = bytes | Done | Failure | Deleted | Superseded | Refused
"""How a pull settled. A chunk stays bytes until somebody looks."""


_SPENT: Final = Over.SPENT  # a global is found several times faster than an enum's member


class Waiter(Awaited):
    """The registry's side of a pull. `outcome` is None while it waits, and bytes while it is handed
    a chunk, of that `place`. `future` is there only while somebody awaits it.

    It is made bare and filled in by the op, which takes half as long as an `__init__`.
    """

    __slots__ = ("future", "outcome", "outside", "place", "pull", "record")

    future: Future[None] | None
    outside: Outside
    pull: PullId
    record: Record
    outcome: Outcome | Over | None
    place: int  # of one that is handed a chunk

    def look(self) -> PullResult:
        """The awaiter looks at the outcome. Raises what the pull was rejected with. SEEN_*."""
        outcome = self.outcome
        if isinstance(outcome, bytes):
            if self.outside.announcer is not None:
                self.announce_look()
            self.outcome = _SPENT
            return chunk_of(outcome)
        if outcome is None or isinstance(outcome, Over):
            raise RuntimeError("this pull was given up when its event loop was closed")
        if not isinstance(outcome, Done):
            raise_for(outcome)
        return outcome

    def announce_look(self) -> None:
        """Tell that the chunk is the awaiter's own from now on. SEEN_1."""
        assert self.outside.announcer is not None, "somebody listens"
        try:
            self.outside.announcer.tell_look(self.pull)
        except BaseException:  # the awaiter gets this instead of its chunk
            self.outside.note(self)
            raise

    def leave(self) -> None:
        """Cancel the pull. CANCEL_PULL_*. O(1), and O(n) among n given-back chunks."""
        outside, record, outcome = self.outside, self.record, self.outcome
        size = len(outcome) if isinstance(outcome, bytes) else 0
        after = measured(
            outside.high_water_mark,
            outside.max_queue_chunks,
            record.count + 1,
            record.size + size,
        )
        rows = record.situation.on[_cancel_of(outcome)]
        entry = rows[record.others is not None][after]
        record.situation = entry.situation
        entry.doing.do(outside, record, self)
        if record.abandoned is not None:
            record.abandoned.pop(self.pull, None)
        if self.future is not None:
            wake(self.future)  # if somebody else gave it up, its awaiter must not wait for ever
        if outside.announcer is not None:
            outside.announcer.tell(CancelPull(self.pull))


def _cancel_of(outcome: Outcome | Over | None) -> Event:
    """What a cancel of the pull is to its stream."""
    if outcome is None:
        return Event.CANCEL_WAITING
    return Event.CANCEL_HANDED if isinstance(outcome, bytes) else Event.CANCEL_OTHER


class Writer:
    """One call of `writable` that waits for its turn, which has come once `future` is done."""

    __slots__ = ("future", "outside", "record")

    def __init__(self, record: Record, outside: Outside) -> None:
        self.record: Record = record
        self.outside: Outside = outside
        self.future: Future[None] = outside.make_future()

    def told(self) -> bool | None:
        """What it is told now that its turn has come. None: somebody was faster, so it waits on,
        first in line."""
        outside = self.outside
        outside.enter()
        told = self.record.situation.writable
        if told is None:
            self.future = outside.make_future()
            return None
        self.record.remove_writer(self)
        if self.record.writers is not None:  # once it has pushed, there may be room for the next
            get_running_loop().call_soon(self.record.give_turn)
        return told

    def leave(self) -> None:
        """Step out of the line, and hand the turn on if there is one. O(1)."""
        self.record.remove_writer(self)
        self.record.give_turn()


class Entry:
    """Where an event leads: what to do, the situation after it, and what the op returns."""

    __slots__ = ("doing", "returned", "situation")

    def __init__(self, doing: Doing, situation: Situation, returned: bool | None) -> None:
        self.doing: Doing = doing
        self.situation: Situation = situation
        self.returned: bool | None = returned


Row: TypeAlias = tuple[tuple[Entry, ...], ...]
"""The entries of one event in one situation, indexed by `others` and then by `after`."""


class Situation:
    """One of the situations of a dialect. `on_push` and `on_pull` are rows of `on`.
    `writable` is what a writer that asks for room is told; None: to wait."""

    __slots__ = ("control", "on", "on_pull", "on_push", "writable")

    def __init__(self, control: Control, writable: bool | None) -> None:
        self.control: Control = control
        self.writable: bool | None = writable
        self.on: tuple[Row, ...]
        self.on_push: Row
        self.on_pull: tuple[Entry, ...]


class Record:
    """One stream. What is rarely there (a queue, given-back chunks, further waiting pulls, pushes
    and writers that wait) is None until it is needed: an idle stream stays small.

    `queue` holds the queued chunks, oldest first; `count` of them, `size` bytes. The first
    of them may be chunks that a cancelled pull gave back: `places` has their places in the order
    of pushes, the oldest at its end. The others are the last accepted, which tells their places.
    `last` is the situation before the delete of a stream that is gone.
    """

    __slots__ = (
        "abandoned",
        "accepted",
        "count",
        "failure",
        "first",
        "last",
        "number",
        "offers",
        "others",
        "places",
        "queue",
        "situation",
        "size",
        "writers",
    )

    def __init__(self, number: StreamId, situation: Situation) -> None:
        self.number: StreamId = number
        self.situation: Situation = situation
        self.last: Control | None = None
        self.accepted: int = 0
        self.count: int = 0
        self.size: int = 0
        self.queue: ChunkQueue | None = None
        self.places: list[int] | None = None
        self.failure: Failure | None = None
        self.first: Waiter | None = None
        self.others: OrderedDict[PullId, Waiter] | None = None
        self.abandoned: dict[PullId, Waiter] | None = None
        self.offers: OrderedDict[PushId, Offer] | None = None
        self.writers: OrderedDict[Writer, None] | None = None

    def add_waiter(self, waiter: Waiter) -> None:
        """Let it wait behind any that do. O(1)."""
        if self.first is None:
            self.first = waiter
            return
        if self.others is None:
            self.others = OrderedDict()
        self.others[waiter.pull] = waiter

    def pop_waiter(self) -> Waiter:
        """Take out the oldest waiting one. O(1)."""
        oldest = self.first
        assert oldest is not None
        if self.others is None:
            self.first = None
            return oldest
        self.first = self.others.popitem(last=False)[1]
        if not self.others:
            self.others = None
        return oldest

    def remove_waiter(self, waiter: Waiter) -> None:
        """Take out that waiting one. O(1)."""
        if self.first is waiter:
            self.pop_waiter()
        elif self.others is not None:
            del self.others[waiter.pull]
            if not self.others:
                self.others = None

    def pop_waiters(self) -> list[Waiter]:
        """Take out all, oldest first."""
        waiters = [self.first] if self.first is not None else []
        if self.others is not None:
            waiters.extend(self.others.values())
        self.first = self.others = None
        return waiters

    def add_writer(self, writer: Writer) -> None:
        """Let it wait for its turn behind any that do. O(1)."""
        if self.writers is None:
            self.writers = OrderedDict()
        self.writers[writer] = None
        writer.outside.blocked += 1
        self.give_turn()  # to one that was overlooked, because its turn was given on a dead loop

    def remove_writer(self, writer: Writer) -> None:
        """Take out a writer that is answered, or has given up. O(1)."""
        if self.writers is not None and writer in self.writers:
            del self.writers[writer]
            writer.outside.blocked -= 1
            if not self.writers:
                self.writers = None

    def give_turn(self) -> None:
        """Wake the first writer in line if there is room, and all if there will never be any.

        One at a time: only once it has had its turn can anybody know whether there still is room.
        O(1), and O(writers) where all are told.
        """
        told = self.situation.writable
        while told is not None and self.writers is not None:
            first = next(iter(self.writers))
            if wake(first.future) and told:
                return  # its turn has come, just now or before
            self.remove_writer(first)


class Doing:
    """Does the actions of an entry. `subject` is what the op carries: the chunk of a push, the
    `PendingPull` of a pull, the `Waiter` of a cancel, the `Failure` of an error, else None."""

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        """Do them to the record; here, none."""
