"""What does the actions of the model's table: the only code that moves a chunk or settles a pull.

Nothing is decided here: `situations` says which actions an event takes.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from operator import neg
from types import MappingProxyType
from typing import Any, Final, assert_never

from streamstate.model import (
    Abandoned,
    Action,
    Chunk,
    Deleted,
    Done,
    Effect,
    Errored,
    PullId,
    Refused,
    Rejected,
    Resolved,
    Superseded,
    Unblocked,
)
from streamstate.registry.errors import Failure
from streamstate.registry.native import ChunkQueue
from streamstate.registry.offers import doings_of_pushes
from streamstate.registry.outside import Outside, wake
from streamstate.registry.pull import PendingPull
from streamstate.registry.record import Doing, Outcome, Over, Record, Waiter

_SUPERSEDED: Final = Superseded()
_SPENT: Final = Over.SPENT


def settle(outside: Outside, waiter: Waiter, outcome: Outcome) -> None:
    """Give a pull that waited its outcome, and wake its awaiter if it has one."""
    answer(outside, waiter, outcome)
    if waiter.future is not None and not wake(waiter.future):
        outside.note(waiter)


def settle_all(outside: Outside, record: Record, outcome: Outcome) -> None:
    """Give every pull that waits on the stream this outcome, oldest first."""
    for waiter in record.pop_waiters():
        settle(outside, waiter, outcome)


def answer(outside: Outside, pull: Waiter, outcome: Outcome) -> None:
    """Give a pull its outcome, in its very call if it never waited."""
    pull.outcome = outcome
    if outside.announcer is not None:
        outside.announcer.effects.append(effect_of(pull.pull, outcome))


def effect_of(pull: PullId, outcome: Outcome) -> Effect:
    """What the model calls it."""
    match outcome:
        case bytes():
            return Resolved(pull, Chunk(outcome))
        case Done():
            return Resolved(pull, outcome)
        case Failure():
            return Rejected(pull, Errored(outcome.value))
        case Deleted() | Superseded() | Refused():
            return Rejected(pull, outcome)
        case _:
            assert_never(outcome)


class _Append(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        chunk: bytes = subject
        queue = record.queue
        if queue is None:
            queue = outside.spare
            outside.spare = None
            if queue is None:
                queue = ChunkQueue()
            record.queue = queue
        queue.append(chunk)
        record.accepted += 1
        record.count += 1
        record.size += len(chunk)


class _HandQueued(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        pull: Waiter = subject
        queue = record.queue
        assert queue is not None, "only a queued chunk can be taken"
        chunk = queue.popleft()
        record.count -= 1
        record.size -= len(chunk)
        if record.count == 0:
            outside.spare = queue
            record.queue = None
        pull.place = record.places.pop() if record.places else record.accepted - record.count
        pull.outcome = chunk
        if outside.announcer is not None:
            outside.announcer.effects.append(effect_of(pull.pull, chunk))


class _HandPushed(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        waiter = record.pop_waiter()
        record.accepted += 1
        waiter.place = record.accepted
        settle(outside, waiter, subject)


class _HandOn(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        giver: Waiter = subject
        waiter = record.pop_waiter()
        waiter.place = giver.place
        settle(outside, waiter, _taken_from(giver))


class _GiveBack(Doing):
    """O(n) among n given-back chunks."""

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        giver: Waiter = subject
        if record.queue is None:
            record.queue = ChunkQueue()
        if record.places is None:
            record.places = []
        chunk = _taken_from(giver)
        newer = bisect(record.places, -giver.place, key=neg)
        record.queue.insert(len(record.places) - newer, chunk)
        record.places.insert(newer, giver.place)
        record.count += 1
        record.size += len(chunk)


class _LetGo(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        _taken_from(subject)


def _taken_from(waiter: Waiter) -> bytes:
    """The chunk of a handed pull, which has it no more."""
    chunk = waiter.outcome
    assert isinstance(chunk, bytes), "only a handed pull has a chunk to take"
    waiter.outcome = _SPENT
    return chunk


class _Wait(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        pull: PendingPull = subject
        waiter = Waiter.__new__(Waiter)
        waiter.pull = pull.pull
        waiter.outside = outside
        waiter.record = record
        waiter.outcome = waiter.future = None
        pull.waiter = waiter
        record.add_waiter(waiter)


class _Leave(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        waiter: Waiter = subject
        record.remove_waiter(waiter)
        waiter.outcome = _SPENT


class _Answer(Doing):
    """Settle the pull of the op with what is always the same."""

    def __init__(self, outcome: Done | Refused) -> None:
        self.outcome = outcome

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        answer(outside, subject, self.outcome)


class _Fail(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        answer(outside, subject, _failure_of(record))


class _SettleWaiting(Doing):
    """Settle every waiting pull with what is always the same, oldest first."""

    def __init__(self, outcome: Done | Deleted) -> None:
        self.outcome = outcome

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        settle_all(outside, record, self.outcome)


class _FailWaiting(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        settle_all(outside, record, _failure_of(record))


def _failure_of(record: Record) -> Failure:
    assert record.failure is not None, "only an errored stream fails its pulls"
    return record.failure


class _SupersedeWaiting(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        settle(outside, record.pop_waiter(), _SUPERSEDED)


class _AbandonWaiting(Doing):
    """Keep the pull that will never settle until its stream goes: were nothing to hold it, its
    task would be collected, and asyncio would report a pending task destroyed."""

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        if record.abandoned is None:
            record.abandoned = {}
        abandoned = record.pop_waiter()
        record.abandoned[abandoned.pull] = abandoned
        abandoned.outcome = Over.ABANDONED
        if outside.announcer is not None:
            outside.announcer.effects.append(Abandoned(abandoned.pull))


class _SetError(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        record.failure = subject


class _DropQueued(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        record.queue = record.places = None
        record.count = record.size = 0


class _Unblock(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        record.give_turn()
        if outside.announcer is not None:
            outside.announcer.effects.append(Unblocked(record.number))


_APPEND: Final = _Append()

_DO: Final[Mapping[Action, Doing]] = MappingProxyType(
    {
        **doings_of_pushes(_APPEND),
        Action.APPEND: _APPEND,
        Action.HAND_QUEUED: _HandQueued(),
        Action.HAND_PUSHED: _HandPushed(),
        Action.WAIT: _Wait(),
        Action.FINISH: _Answer(Done()),
        Action.FAIL: _Fail(),
        Action.REFUSE: _Answer(Refused()),
        Action.SUPERSEDE_WAITING: _SupersedeWaiting(),
        Action.ABANDON_WAITING: _AbandonWaiting(),
        Action.FINISH_WAITING: _SettleWaiting(Done()),
        Action.FAIL_WAITING: _FailWaiting(),
        Action.DELETE_WAITING: _SettleWaiting(Deleted()),
        Action.LEAVE: _Leave(),
        Action.SET_ERROR: _SetError(),
        Action.DROP_QUEUED: _DropQueued(),
        Action.HAND_ON: _HandOn(),
        Action.GIVE_BACK: _GiveBack(),
        Action.LET_GO: _LetGo(),
        Action.UNBLOCK: _Unblock(),
    }
)


class _Sequence(Doing):
    """Several actions, in order."""

    def __init__(self, doings: Iterable[Doing]) -> None:
        self.doings = tuple(doings)

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        for doing in self.doings:
            doing.do(outside, record, subject)


_NOTHING: Final = Doing()


def doing_of(actions: tuple[Action, ...]) -> Doing:
    """What does all the actions, in order."""
    match actions:
        case ():
            return _NOTHING
        case (action,):
            return _DO[action]
        case _:
            return _Sequence(_DO[action] for action in actions)
