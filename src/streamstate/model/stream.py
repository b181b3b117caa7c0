"""One stream's part of an op: ask the table, then do its actions to immutable data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

from streamstate.model.control import Action, Event, Phase, control_at, level_of
from streamstate.model.dialect import Dialect
from streamstate.model.effects import Abandoned, Effect, Rejected, Resolved, Returned, Unblocked
from streamstate.model.rules import Rule
from streamstate.model.state import (
    EMPTY_QUEUE,
    Failed,
    Handed,
    Idle,
    Placed,
    Queue,
    Stream,
    Waiting,
    status_of,
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


@dataclass(slots=True)  # not frozen, as one is made for every op and nobody keeps it
class Subject:
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
_ABSENT: Final = Phase.ABSENT
_WAITING: Final = Phase.WAITING

_RETURNED: Final[Mapping[bool | None, tuple[Effect, ...]]] = MappingProxyType(
    {None: (), False: (Returned(False),), True: (Returned(True),)}
)


class Reaction:
    """A stream taken apart, what an event is to do to it, and what came of that.

    It is changed while `react` makes it and by nobody afterwards. `stream` is None once the stream
    is gone; `effects` begin with what is returned, if anything; `handed` has the chunks that were
    handed to pulls.
    """

    __slots__ = (
        "accepted",
        "effects",
        "error",
        "handed",
        "number",
        "phase",
        "pulls",
        "queue",
        "rule",
        "stream",
        "subject",
    )

    rule: Rule
    effects: tuple[Effect, ...]
    phase: Phase

    def __init__(self, number: StreamId, stream: Stream | None, subject: Subject) -> None:
        self.number: StreamId = number
        self.stream = stream
        self.subject: Subject = subject
        self.accepted: int = 0
        self.pulls: tuple[PullId, ...] = ()
        self.queue: Queue = EMPTY_QUEUE
        self.error: object = None
        self.handed: tuple[Handed, ...] = ()
        match stream:
            case Idle():
                status = stream.status
                self.phase = status.phase
                self.accepted = stream.accepted
                self.queue = stream.queue
                self.error = status.value if isinstance(status, Failed) else None
            case Waiting():
                self.phase = _WAITING
                self.accepted = stream.accepted
                self.pulls = (stream.first, *stream.others)
            case None:
                self.phase = _ABSENT
            case _:
                assert_never(stream)

    def pack(self, phase: Phase) -> None:
        """Put the stream together again, in the phase that the table says."""
        if phase is _ABSENT:
            self.stream = None
        elif phase is _WAITING:
            self.stream = Waiting(self.accepted, self.pulls[0], self.pulls[1:])
        else:
            self.stream = Idle(self.accepted, status_of(phase, self.error), self.queue)

    def tell(self, *effects: Effect) -> None:
        """These effects come next."""
        self.effects += effects

    def hand(self, pull: PullId, place: int, chunk: bytes) -> None:
        """That pull settles with the chunk, which nobody has seen yet."""
        self.effects += (Resolved(pull, Chunk(chunk)),)
        self.handed += (Handed(pull, self.number, place, chunk),)

    def pop_pull(self) -> PullId:
        """The oldest pull that waits, which waits no more."""
        oldest, self.pulls = self.pulls[0], self.pulls[1:]
        return oldest

    def pop_pulls(self) -> tuple[PullId, ...]:
        """All that wait, oldest first, which wait no more."""
        pulls, self.pulls = self.pulls, ()
        return pulls


_TELLING: Final = frozenset({Action.FINISH, Action.FAIL, Action.REFUSE, Action.LET_GO})
"""The actions that leave the stream's own data as it is."""


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
    reaction = Reaction(number, stream, subject)
    queue = reaction.queue
    count, size = len(queue.given_back) + len(queue.fresh), queue.size
    level = after = level_of(limits, count, size)
    if event is _PUSH or event is _CANCEL_HANDED:
        after = level_of(limits, count + 1, size + len(subject.chunk))
    elif event is _PULL and count > 0:
        after = level_of(limits, count - 1, size - len(queue.oldest_chunk()))
    control = control_at(reaction.phase, level)
    transition = tabulate(dialect)[event][control][after][len(reaction.pulls) > 1]
    reaction.rule, reaction.effects = transition.rule, _RETURNED[transition.returned]
    for action in transition.actions:
        _DO[action](reaction)
    if transition.control is not control or not _TELLING.issuperset(transition.actions):
        reaction.pack(transition.control.phase)
    return reaction


def _append(to: Reaction) -> None:
    to.accepted += 1
    to.queue = to.queue.append(to.subject.chunk)


def _hand_queued(to: Reaction) -> None:
    place, chunk = to.queue.oldest(to.accepted)
    to.hand(to.subject.pull, place, chunk)
    to.queue = to.queue.without_oldest()


def _hand_pushed(to: Reaction) -> None:
    to.accepted += 1
    to.hand(to.pop_pull(), to.accepted, to.subject.chunk)


def _hand_on(to: Reaction) -> None:
    to.hand(to.pop_pull(), to.subject.place, to.subject.chunk)


def _give_back(to: Reaction) -> None:
    to.queue = to.queue.give_back(Placed(to.subject.place, to.subject.chunk))


def _let_go(_to: Reaction) -> None:
    """Nothing here: the list of handed chunks is the registry's, and `step` keeps it."""


def _drop_queued(to: Reaction) -> None:
    to.queue = EMPTY_QUEUE


def _set_error(to: Reaction) -> None:
    to.error = to.subject.error


def _wait(to: Reaction) -> None:
    to.pulls = (*to.pulls, to.subject.pull)


def _leave(to: Reaction) -> None:
    to.pulls = tuple([pull for pull in to.pulls if pull != to.subject.pull])


def _finish(to: Reaction) -> None:
    to.tell(Resolved(to.subject.pull, DONE))


def _fail(to: Reaction) -> None:
    to.tell(Rejected(to.subject.pull, Errored(to.error)))


def _refuse(to: Reaction) -> None:
    to.tell(Rejected(to.subject.pull, REFUSED))


def _supersede_waiting(to: Reaction) -> None:
    to.tell(Rejected(to.pop_pull(), SUPERSEDED))


def _abandon_waiting(to: Reaction) -> None:
    to.tell(Abandoned(to.pop_pull()))


def _finish_waiting(to: Reaction) -> None:
    to.tell(*[Resolved(pull, DONE) for pull in to.pop_pulls()])


def _fail_waiting(to: Reaction) -> None:
    reason = Errored(to.error)
    to.tell(*[Rejected(pull, reason) for pull in to.pop_pulls()])


def _delete_waiting(to: Reaction) -> None:
    to.tell(*[Rejected(pull, DELETED) for pull in to.pop_pulls()])


def _unblock(to: Reaction) -> None:
    to.tell(Unblocked(to.number))


_Doing: TypeAlias = Callable[[Reaction], None]

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
