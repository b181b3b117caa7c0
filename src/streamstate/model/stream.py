"""One stream's part of an op: ask the table, then do its actions to immutable data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias, assert_never

from streamstate.model.control import Action, Control, Event, Level, Phase, level_of
from streamstate.model.dialect import Dialect
from streamstate.model.effects import Abandoned, Effect, Rejected, Resolved, Unblocked
from streamstate.model.rules import Rule
from streamstate.model.state import (
    CLOSED,
    EMPTY_QUEUE,
    OPEN,
    Failed,
    Handed,
    Idle,
    Placed,
    Queue,
    Stream,
    Waiting,
    control_of,
)
from streamstate.model.table import tabulate
from streamstate.model.values import (
    DELETED,
    DONE,
    REFUSED,
    SUPERSEDED,
    Chunk,
    Errored,
    Limits,
    PullId,
    StreamId,
)


class Subject(NamedTuple):
    """What an event is about, besides its stream: the pull that was called, cancelled or seen;
    the chunk that is pushed, or that the pull was handed, with its place; the error value."""

    pull: PullId = 0
    chunk: bytes = b""
    place: int = 0
    error: object = None


NOTHING: Final = Subject()

# A global is found several times faster than an enum's member.
_PUSH: Final = Event.PUSH
_PULL: Final = Event.PULL
_CANCEL_HANDED: Final = Event.CANCEL_HANDED


class Reaction(NamedTuple):
    """What became of the stream (None: it is gone), and the chunks that were handed to pulls."""

    rule: Rule
    returned: bool | None
    stream: Stream | None
    effects: tuple[Effect, ...] = ()
    handed: tuple[Handed, ...] = ()


def react(
    dialect: Dialect,
    limits: Limits,
    number: StreamId,
    stream: Stream | None,
    event: Event,
    subject: Subject = NOTHING,
) -> Reaction:
    """What `event` does to stream `number`, which holds `stream` (None: unknown).

    Looks at nothing but its arguments, so no op can disturb another stream. O(chunks), for the
    copying of tuples.
    """
    control = control_of(stream, limits)
    after = _level_after(limits, stream, event, subject)
    others = isinstance(stream, Waiting) and len(stream.others) > 0
    transition = tabulate(dialect)[event][control][after][others]
    if not transition.actions and transition.control is control:
        return Reaction(transition.rule, transition.returned, stream)
    work = _Work(number, stream)
    for action in transition.actions:
        _DO[action](work, subject)
    return Reaction(
        transition.rule,
        transition.returned,
        work.packed(transition.control),
        tuple(work.effects),
        tuple(work.handed),
    )


def _level_after(limits: Limits, stream: Stream | None, event: Event, subject: Subject) -> Level:
    """The level once the op has put in or taken out its one chunk; see `delta`."""
    queue = stream.queue if isinstance(stream, Idle) else EMPTY_QUEUE
    count, size = len(queue), queue.size
    if event is _PUSH or event is _CANCEL_HANDED:
        return level_of(limits, count + 1, size + len(subject.chunk))
    if event is _PULL and count > 0:
        return level_of(limits, count - 1, size - len(queue.oldest_chunk()))
    return level_of(limits, count, size)


class _Work:
    """A stream taken apart while the actions of one op are done to it, and their effects.

    It lives within one call of `react`, which stays a pure function of its arguments.
    """

    __slots__ = ("accepted", "effects", "error", "handed", "number", "pulls", "queue")

    def __init__(self, number: StreamId, stream: Stream | None) -> None:
        self.number = number
        self.accepted = 0
        self.pulls: tuple[PullId, ...] = ()
        self.queue: Queue = EMPTY_QUEUE
        self.error: object = None
        self.effects: list[Effect] = []
        self.handed: list[Handed] = []
        match stream:
            case None:
                pass
            case Waiting(accepted, first, others):
                self.accepted = accepted
                self.pulls = (first, *others)
            case Idle(accepted, status, queue):
                self.accepted = accepted
                self.queue = queue
                self.error = status.value if isinstance(status, Failed) else None
            case _:
                assert_never(stream)

    def packed(self, control: Control) -> Stream | None:
        """Put together again, in the situation that the table says."""
        match control.phase:
            case Phase.OPEN:
                return Idle(self.accepted, OPEN, self.queue)
            case Phase.WAITING:
                first, *others = self.pulls
                return Waiting(self.accepted, first, tuple(others))
            case Phase.CLOSED:
                return Idle(self.accepted, CLOSED, self.queue)
            case Phase.ERRORED:
                return Idle(self.accepted, Failed(self.error, closed=False), self.queue)
            case Phase.CLOSED_ERRORED:
                return Idle(self.accepted, Failed(self.error, closed=True), self.queue)
            case Phase.ABSENT:
                return None

    def hand(self, pull: PullId, placed: Placed) -> None:
        self.effects.append(Resolved(pull, Chunk(placed.chunk)))
        self.handed.append(Handed(pull, self.number, placed.place, placed.chunk))

    def pop_pull(self) -> PullId:
        oldest, *others = self.pulls
        self.pulls = tuple(others)
        return oldest

    def pop_pulls(self) -> tuple[PullId, ...]:
        pulls, self.pulls = self.pulls, ()
        return pulls


def _append(work: _Work, subject: Subject) -> None:
    work.accepted += 1
    work.queue = work.queue.append(subject.chunk)


def _hand_queued(work: _Work, subject: Subject) -> None:
    work.hand(subject.pull, work.queue.oldest(work.accepted))
    work.queue = work.queue.without_oldest()


def _hand_pushed(work: _Work, subject: Subject) -> None:
    work.accepted += 1
    work.hand(work.pop_pull(), Placed(work.accepted, subject.chunk))


def _hand_on(work: _Work, subject: Subject) -> None:
    work.hand(work.pop_pull(), Placed(subject.place, subject.chunk))


def _give_back(work: _Work, subject: Subject) -> None:
    work.queue = work.queue.give_back(Placed(subject.place, subject.chunk))


def _let_go(_work: _Work, _subject: Subject) -> None:
    """Nothing here: the list of handed chunks is the registry's, and `step` keeps it."""


def _drop_queued(work: _Work, _subject: Subject) -> None:
    work.queue = EMPTY_QUEUE


def _set_error(work: _Work, subject: Subject) -> None:
    work.error = subject.error


def _wait(work: _Work, subject: Subject) -> None:
    work.pulls = (*work.pulls, subject.pull)


def _leave(work: _Work, subject: Subject) -> None:
    work.pulls = tuple(pull for pull in work.pulls if pull != subject.pull)


def _finish(work: _Work, subject: Subject) -> None:
    work.effects.append(Resolved(subject.pull, DONE))


def _fail(work: _Work, subject: Subject) -> None:
    work.effects.append(Rejected(subject.pull, Errored(work.error)))


def _refuse(work: _Work, subject: Subject) -> None:
    work.effects.append(Rejected(subject.pull, REFUSED))


def _supersede_waiting(work: _Work, _subject: Subject) -> None:
    work.effects.append(Rejected(work.pop_pull(), SUPERSEDED))


def _abandon_waiting(work: _Work, _subject: Subject) -> None:
    work.effects.append(Abandoned(work.pop_pull()))


def _finish_waiting(work: _Work, _subject: Subject) -> None:
    work.effects.extend(Resolved(pull, DONE) for pull in work.pop_pulls())


def _fail_waiting(work: _Work, _subject: Subject) -> None:
    reason = Errored(work.error)
    work.effects.extend(Rejected(pull, reason) for pull in work.pop_pulls())


def _delete_waiting(work: _Work, _subject: Subject) -> None:
    work.effects.extend(Rejected(pull, DELETED) for pull in work.pop_pulls())


def _unblock(work: _Work, _subject: Subject) -> None:
    work.effects.append(Unblocked(work.number))


_Doing: TypeAlias = Callable[[_Work, Subject], None]

_DO: Final[Mapping[Action, _Doing]] = MappingProxyType(
    {
        Action.APPEND: _append,
        Action.HAND_QUEUED: _hand_queued,
        Action.HAND_PUSHED: _hand_pushed,
        Action.WAIT: _wait,
        Action.FINISH: _finish,
        Action.FAIL: _fail,
        Action.REFUSE: _refuse,
        Action.SUPERSEDE_WAITING: _supersede_waiting,
        Action.ABANDON_WAITING: _abandon_waiting,
        Action.FINISH_WAITING: _finish_waiting,
        Action.FAIL_WAITING: _fail_waiting,
        Action.DELETE_WAITING: _delete_waiting,
        Action.LEAVE: _leave,
        Action.SET_ERROR: _set_error,
        Action.DROP_QUEUED: _drop_queued,
        Action.HAND_ON: _hand_on,
        Action.GIVE_BACK: _give_back,
        Action.LET_GO: _let_go,
        Action.UNBLOCK: _unblock,
    }
)


def waits_on(stream: Stream, pull: PullId) -> bool:
    """Whether `pull` is one of those that wait there. O(waiting pulls)."""
    return isinstance(stream, Waiting) and (stream.first == pull or pull in stream.others)
