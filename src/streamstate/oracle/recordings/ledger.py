"""What a registry holds while a recording is gone through, and the table's actions done to it.

The data of the model's state, changed in place, so that no op costs more the more is held. Nothing
here decides what is to be done: which actions, and in which order, is `model.tabulate`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias, assert_never

from streamstate.model import (
    Action,
    Control,
    Dialect,
    Idle,
    Limits,
    PullId,
    Rule,
    State,
    Stream,
    StreamId,
    Transition,
    View,
    Waiting,
    tabulate,
)
from streamstate.model.state import Failed, control_of
from streamstate.wire import (
    PULL_REFUSED,
    PULL_SUPERSEDED,
    STREAM_DELETED,
    Json,
    encode_bytes,
    message_of,
)

Kept: TypeAlias = tuple[int, bytes]
"""A chunk with its place in the order of accepted pushes of its stream."""


class Subject(NamedTuple):
    """What an event is about: the pull called, cancelled or seen; the chunk that is pushed, or
    that the pull was handed; the message of an error."""

    pull: PullId = 0
    kept: Kept = (0, b"")
    message: str = ""


class Live:
    """One stream. `queue` is sorted by place; it and `waiting` are None while there is nothing."""

    __slots__ = ("accepted", "control", "message", "number", "queue", "size", "waiting")

    def __init__(self, number: StreamId, control: Control) -> None:
        self.number: Final = number
        self.control: Control = control
        self.accepted: int = 0
        self.size: int = 0
        self.message: str = ""
        self.queue: deque[Kept] | None = None
        self.waiting: dict[PullId, None] | None = None

    def view(self) -> View:
        """What `get` shows of it. O(chunks)."""
        phase = self.control.phase
        return View(
            queue=tuple(chunk for _, chunk in self.queue or ()),
            queue_size=self.size,
            closed=phase.closed,
            errored=phase.errored,
            error_value=self.message if phase.errored else None,
            pull_waiting=self.waiting is not None,
        )


class Ledger:
    """All of a registry's data: O(live streams + queued and handed chunks + waiting pulls), and a
    method for each `Action`, named after it.

    `handed` has the chunks that nobody has seen or given up, by pull; `settled` what has settled,
    as the wire tells it, since whoever reads it last put a new list there.
    """

    __slots__ = ("handed", "next_pull", "next_stream", "settled", "streams", "waiting")

    def __init__(self, state: State) -> None:
        self.handed: Final[dict[PullId, tuple[StreamId, Kept]]] = {}
        self.settled: list[Json] = []
        self.resume(state)

    def resume(self, state: State) -> None:
        """Go on from the streams and numbers of `state`; handed chunks stay as they are."""
        self.next_stream: StreamId = state.next_stream
        self.next_pull: PullId = state.next_pull
        self.streams: dict[StreamId, Live] = {
            number: _loaded(number, stream, state.limits) for number, stream in state.streams
        }
        self.waiting: dict[PullId, Live] = {
            pull: live for live in self.streams.values() for pull in live.waiting or ()
        }

    def held(self) -> int:
        """How many streams, chunks and waiting pulls it holds. O(streams)."""
        queued = sum(len(live.queue or ()) for live in self.streams.values())
        return len(self.streams) + queued + len(self.waiting) + len(self.handed)

    def append(self, live: Live, subject: Subject) -> None:
        if live.queue is None:
            live.queue = deque()
        live.queue.append(subject.kept)
        live.accepted += 1
        live.size += len(subject.kept[1])

    def give_back(self, live: Live, subject: Subject) -> None:
        """Queue a chunk at its place again. O(older queued chunks), which were all given back."""
        if live.queue is None:
            live.queue = deque()
        older = 0
        while older < len(live.queue) and live.queue[older][0] < subject.kept[0]:
            older += 1
        live.queue.insert(older, subject.kept)
        live.size += len(subject.kept[1])

    def drop_queued(self, live: Live, _subject: Subject) -> None:
        live.queue = None
        live.size = 0

    def hand_queued(self, live: Live, subject: Subject) -> None:
        assert live.queue, "only a queued chunk can be taken"
        kept = live.queue.popleft()
        live.size -= len(kept[1])
        if not live.queue:
            live.queue = None
        self._hand(live, subject.pull, kept)

    def hand_pushed(self, live: Live, subject: Subject) -> None:
        live.accepted += 1
        self._hand(live, self._pop_waiting(live), subject.kept)

    def hand_on(self, live: Live, subject: Subject) -> None:
        """The oldest waiting pull gets the chunk of one that is given up."""
        self._hand(live, self._pop_waiting(live), subject.kept)

    def _hand(self, live: Live, pull: PullId, kept: Kept) -> None:
        self.handed[pull] = (live.number, kept)
        self.settled.append([pull, "value", encode_bytes(kept[1])])

    def set_error(self, live: Live, subject: Subject) -> None:
        live.message = subject.message

    def let_go(self, live: Live, subject: Subject) -> None:
        """Nothing: handed chunks are let go by whoever asks."""

    def unblock(self, live: Live, subject: Subject) -> None:
        """Nothing: writers that may go on show nowhere."""

    def wait(self, live: Live, subject: Subject) -> None:
        if live.waiting is None:
            live.waiting = {}
        live.waiting[subject.pull] = None
        self.waiting[subject.pull] = live

    def leave(self, live: Live, subject: Subject) -> None:
        self._leave(live, subject.pull)

    def _leave(self, live: Live, pull: PullId) -> None:
        assert live.waiting is not None, "only a waiting pull can end its wait"
        del live.waiting[pull], self.waiting[pull]
        if not live.waiting:
            live.waiting = None

    def _pop_waiting(self, live: Live) -> PullId:
        oldest = next(iter(live.waiting or ()))
        self._leave(live, oldest)
        return oldest

    def finish(self, _live: Live, subject: Subject) -> None:
        self.settled.append([subject.pull, "done"])

    def fail(self, live: Live, subject: Subject) -> None:
        self.settled.append([subject.pull, "error", live.message])

    def refuse(self, _live: Live, subject: Subject) -> None:
        self.settled.append([subject.pull, "error", PULL_REFUSED])

    def supersede_waiting(self, live: Live, _subject: Subject) -> None:
        """The pull that waits makes room for another."""
        self.settled.append([self._pop_waiting(live), "error", PULL_SUPERSEDED])

    def abandon_waiting(self, live: Live, _subject: Subject) -> None:
        """The pull that waits never settles, which nobody is told."""
        self._pop_waiting(live)

    def finish_waiting(self, live: Live, _subject: Subject) -> None:
        self._settle_waiting(live, "done")

    def fail_waiting(self, live: Live, _subject: Subject) -> None:
        self._settle_waiting(live, "error", live.message)

    def delete_waiting(self, live: Live, _subject: Subject) -> None:
        self._settle_waiting(live, "error", STREAM_DELETED)

    def _settle_waiting(self, live: Live, *outcome: str) -> None:
        for pull in tuple(live.waiting or ()):
            self._leave(live, pull)
            self.settled.append([pull, *outcome])


def _loaded(number: StreamId, stream: Stream, limits: Limits) -> Live:
    """A stream of the model's state."""
    live = Live(number, control_of(stream, limits))
    live.accepted = stream.accepted
    match stream:
        case Waiting(_, first, others):
            live.waiting = dict.fromkeys((first, *others))
        case Idle(_, status, queue):
            live.size = queue.size
            live.message = message_of(status.value) if isinstance(status, Failed) else ""
            given_back = [(placed.place, placed.chunk) for placed in queue.given_back]
            fresh = enumerate(queue.fresh, stream.accepted - len(queue.fresh) + 1)
            live.queue = deque((*given_back, *fresh)) if len(queue) else None
        case _:
            assert_never(stream)
    return live


class Entry(NamedTuple):
    """A `Transition` with its actions as code."""

    rule: Rule
    returned: bool | None
    control: Control
    doings: tuple[Doing, ...]


Doing: TypeAlias = Callable[[Ledger, Live, Subject], None]
Table: TypeAlias = tuple[tuple[tuple[tuple[Entry, ...], ...], ...], ...]
"""Entries by event, control, after and others, as `tabulate` has them."""


@lru_cache(maxsize=256)
def compiled(dialect: Dialect) -> Table:
    """The table of `dialect`. Built once, in some milliseconds."""
    return tuple(
        tuple(tuple(tuple(map(_entry, pair)) for pair in levels) for levels in row)
        for row in tabulate(dialect)
    )


def _entry(transition: Transition) -> Entry:
    doings = tuple(_DO[action] for action in transition.actions)
    return Entry(transition.rule, transition.returned, transition.control, doings)


_DO: Final[Mapping[Action, Doing]] = MappingProxyType(
    {action: getattr(Ledger, action.name.lower()) for action in Action}
)
