"""One stream's part of an op: ask the table, then do its actions to immutable data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from streamstate.model.control import Action, Event, control_at, level_of, level_of_nothing
from streamstate.model.dialect import Dialect
from streamstate.model.effects import (
    Abandoned,
    Accepted,
    Effect,
    Rejected,
    Resolved,
    Returned,
    Unblocked,
)
from streamstate.model.reaction import NOTHING, Reaction, Subject
from streamstate.model.state import EMPTY_QUEUE, Offered, Placed, Stream, admitting, pulled
from streamstate.model.table import tabulate
from streamstate.model.values import (
    DELETED,
    DONE,
    ENDED,
    REFUSED,
    SUPERSEDED,
    Errored,
    Limits,
    StreamId,
)

# A global is found several times faster than an enum's member.
_PUSH: Final = Event.PUSH
_PULL: Final = Event.PULL
_CANCEL_HANDED: Final = Event.CANCEL_HANDED

_RETURNED: Final[Mapping[bool | None, tuple[Effect, ...]]] = MappingProxyType(
    {None: (), False: (Returned(False),), True: (Returned(True),)}
)

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
    reaction = Reaction(limits, number, stream, subject)
    queue = reaction.queue
    count, size = len(queue.given_back) + len(queue.fresh), queue.size
    level = after = level_of(limits, count, size)
    others = len(reaction.pulls) > 1 or len(reaction.pushes) > 1
    if event is _PUSH or event is _CANCEL_HANDED:
        after = level_of(limits, count + 1, size + len(subject.chunk))
    elif event is _PULL and reaction.pushes:
        left, admitted = pulled(limits, queue, reaction.pushes)
        after = level_of(limits, len(left), left.size)
        others = len(reaction.pushes) > admitted
    elif event is _PULL and count > 0:
        after = level_of(limits, count - 1, size - len(queue.oldest_chunk()))
    control = control_at(reaction.phase, level)
    table = tabulate(dialect, level_of_nothing(limits))
    transition = table[event][control][after][others]
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


def _wait_push(to: Reaction) -> None:
    to.pushes = (*to.pushes, Offered(to.subject.push, to.subject.chunk))
    to.begun += 1


def _admit(to: Reaction) -> None:
    to.queue, admitted = admitting(to.limits, to.queue, to.pushes)
    to.accepted += admitted
    to.tell(*[Accepted(offered.push) for offered in to.pushes[:admitted]])
    to.pushes = to.pushes[admitted:]


def _hand_offered(to: Reaction) -> None:
    offered, to.pushes = to.pushes[0], to.pushes[1:]
    to.accepted += 1
    to.hand(to.subject.pull, to.accepted, offered.chunk)
    to.tell(Accepted(offered.push))


def _close_pushes(to: Reaction) -> None:
    to.turn_away(ENDED)


def _fail_pushes(to: Reaction) -> None:
    to.turn_away(Errored(to.error))


def _delete_pushes(to: Reaction) -> None:
    to.turn_away(DELETED)


def _leave_push(to: Reaction) -> None:
    to.pushes = tuple([offered for offered in to.pushes if offered.push != to.subject.push])


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
        Action.WAIT_PUSH: _wait_push,
        Action.ADMIT: _admit,
        Action.CLOSE_PUSHES: _close_pushes,
        Action.FAIL_PUSHES: _fail_pushes,
        Action.DELETE_PUSHES: _delete_pushes,
        Action.LEAVE_PUSH: _leave_push,
        Action.UNBLOCK: _unblock,
        Action.HAND_OFFERED: _hand_offered,
    }
)
