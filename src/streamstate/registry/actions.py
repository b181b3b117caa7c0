"""The table's actions, done to a record. The only code that moves a chunk or settles a pull."""

from __future__ import annotations

from bisect import bisect
from collections import deque
from collections.abc import Callable, Mapping
from operator import neg
from types import MappingProxyType
from typing import Any, Final, TypeAlias, assert_never

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
from streamstate.registry.pending import Outcome, Over, Waiter, wake
from streamstate.registry.record import Record


class Outside:
    """What actions do to the outside. `dropped` notes pulls whose awaiter is gone, to be cancelled
    at the next op: appending to it is all that a finalizer does, in whatever thread it runs.
    `effects` collects what the listeners, if any, will be told.
    """

    __slots__ = ("dropped", "effects")

    def __init__(self, *, listened_to: bool) -> None:
        self.dropped: deque[Waiter] = deque()
        self.effects: list[Effect] | None = [] if listened_to else None

    def settle(self, waiter: Waiter, outcome: Outcome) -> None:
        """Give the pull its outcome, and wake its awaiter if it has one."""
        waiter.outcome = outcome
        if self.effects is not None:
            self.effects.append(_effect_of(waiter.pull, outcome))
        if waiter.future is not None and not wake(waiter.future):
            self.dropped.append(waiter)


def _effect_of(pull: PullId, outcome: Outcome) -> Effect:
    match outcome:
        case Chunk() | Done():
            return Resolved(pull, outcome)
        case Failure(value=value):
            return Rejected(pull, Errored(value))
        case Deleted() | Superseded() | Refused():
            return Rejected(pull, outcome)
        case _:
            assert_never(outcome)


Doing: TypeAlias = Callable[[Outside, Record, Any], None]
"""Does one or more actions to a record. The last argument is what the op carries: the chunk of a
push, the waiter of a pull or a cancel, the `Failure` of an error, None otherwise."""

# To make a chunk in these two steps takes half as long as the call of a frozen dataclass.
_new_chunk: Final = Chunk.__new__
_set_value: Final = Chunk.__dict__["value"].__set__

_DONE: Final = Done()
_DELETED: Final = Deleted()
_SUPERSEDED: Final = Superseded()
_REFUSED: Final = Refused()


def _append(_outside: Outside, record: Record, chunk: bytes) -> None:
    if record.queue is None:
        record.queue = deque()
    record.queue.append(chunk)
    record.accepted += 1
    record.size += len(chunk)


def _hand_queued(outside: Outside, record: Record, waiter: Waiter) -> None:
    queue = record.queue
    assert queue, "only a queued chunk can be taken"
    chunk = queue.popleft()
    record.size -= len(chunk)
    waiter.place = record.places.pop() if record.places else record.accepted - len(queue)
    waiter.outcome = outcome = _new_chunk(Chunk)
    _set_value(outcome, chunk)
    if outside.effects is not None:
        outside.effects.append(Resolved(waiter.pull, outcome))


def _hand_pushed(outside: Outside, record: Record, chunk: bytes) -> None:
    waiter = record.pop_waiter()
    record.accepted += 1
    waiter.place = record.accepted
    outcome = _new_chunk(Chunk)
    _set_value(outcome, chunk)
    outside.settle(waiter, outcome)


def _hand_on(outside: Outside, record: Record, giver: Waiter) -> None:
    waiter = record.pop_waiter()
    waiter.place = giver.place
    outside.settle(waiter, Chunk(_taken_from(giver)))


def _give_back(_outside: Outside, record: Record, giver: Waiter) -> None:
    """O(n) among n given-back chunks."""
    if record.queue is None:
        record.queue = deque()
    if record.places is None:
        record.places = []
    chunk = _taken_from(giver)
    newer = bisect(record.places, -giver.place, key=neg)
    record.queue.insert(len(record.places) - newer, chunk)
    record.places.insert(newer, giver.place)
    record.size += len(chunk)


def _let_go(_outside: Outside, _record: Record, giver: Waiter) -> None:
    _taken_from(giver)


def _taken_from(waiter: Waiter) -> bytes:
    """The chunk of a handed pull, which has it no more."""
    outcome = waiter.outcome
    assert isinstance(outcome, Chunk), "only a handed pull has a chunk to take"
    waiter.outcome = Over.SPENT
    return outcome.value


def _wait(_outside: Outside, record: Record, waiter: Waiter) -> None:
    record.add_waiter(waiter)


def _leave(_outside: Outside, record: Record, waiter: Waiter) -> None:
    record.remove_waiter(waiter)
    waiter.outcome = Over.SPENT


def _finish(outside: Outside, _record: Record, waiter: Waiter) -> None:
    outside.settle(waiter, _DONE)


def _fail(outside: Outside, record: Record, waiter: Waiter) -> None:
    outside.settle(waiter, _failure_of(record))


def _refuse(outside: Outside, _record: Record, waiter: Waiter) -> None:
    outside.settle(waiter, _REFUSED)


def _supersede_waiting(outside: Outside, record: Record, _waiter: Waiter) -> None:
    outside.settle(record.pop_waiter(), _SUPERSEDED)


def _abandon_waiting(outside: Outside, record: Record, _waiter: Waiter) -> None:
    """Keep the pull that will never settle until its stream goes: were nothing to hold it, its
    task would be collected, and asyncio would report a pending task destroyed."""
    if record.abandoned is None:
        record.abandoned = {}
    abandoned = record.pop_waiter()
    record.abandoned[abandoned.pull] = abandoned
    abandoned.outcome = Over.ABANDONED
    if outside.effects is not None:
        outside.effects.append(Abandoned(abandoned.pull))


def _finish_waiting(outside: Outside, record: Record, _subject: object) -> None:
    for waiter in record.pop_waiters():
        outside.settle(waiter, _DONE)


def _fail_waiting(outside: Outside, record: Record, _subject: object) -> None:
    failure = _failure_of(record)
    for waiter in record.pop_waiters():
        outside.settle(waiter, failure)


def _delete_waiting(outside: Outside, record: Record, _subject: object) -> None:
    for waiter in record.pop_waiters():
        outside.settle(waiter, _DELETED)


def _failure_of(record: Record) -> Failure:
    assert record.failure is not None, "only an errored stream fails its pulls"
    return record.failure


def _set_error(_outside: Outside, record: Record, failure: Failure) -> None:
    record.failure = failure


def _drop_queued(_outside: Outside, record: Record, _subject: object) -> None:
    record.queue = record.places = None
    record.size = 0


def _unblock(outside: Outside, record: Record, _subject: object) -> None:
    writers, record.writers = record.writers, None
    for writer in writers or ():
        wake(writer)
    if outside.effects is not None:
        outside.effects.append(Unblocked(record.number))


_DO: Final[Mapping[Action, Doing]] = MappingProxyType(
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


def doing(actions: tuple[Action, ...]) -> Doing:
    """One callable that does all the actions, in order."""
    match actions:
        case ():
            return _nothing
        case (action,):
            return _DO[action]
        case _:
            return _sequence(tuple(_DO[action] for action in actions))


def _nothing(_outside: Outside, _record: Record, _subject: object) -> None:
    pass


def _sequence(doings: tuple[Doing, ...]) -> Doing:
    def do_all(outside: Outside, record: Record, subject: Any) -> None:
        for do in doings:
            do(outside, record, subject)

    return do_all
