"""The registry's side of pushes that wait for room, and the table's actions on them."""

from __future__ import annotations

from asyncio import Future
from collections import OrderedDict
from collections.abc import Callable, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, TypeAlias, assert_never

from streamstate.model import (
    Accepted,
    Action,
    CancelPush,
    Chunk,
    Deleted,
    Effect,
    Ended,
    Errored,
    Event,
    Level,
    Push,
    PushId,
    Resolved,
    StreamId,
    TurnedAway,
)
from streamstate.registry.errors import Failure
from streamstate.registry.level import measured
from streamstate.registry.native import oldest
from streamstate.registry.outside import Outside, wake
from streamstate.registry.record import Doing, Entry, Record, Waiter

Answer: TypeAlias = bool | Ended | Deleted | Failure
"""How a push that waited came out: accepted, given up by its caller, or turned away."""

Hold: TypeAlias = Callable[[], bool]
"""Says whether a caller in another thread has not given up, and keeps it from doing so later."""


class Offer:
    """A push that waits, and afterwards how it came out. `answer` is None while it waits. `future`
    is there only while somebody awaits it, and `hold` only if they are in another thread."""

    __slots__ = ("answer", "chunk", "future", "hold", "outside", "push", "record")

    def __init__(self, outside: Outside, record: Record, chunk: bytes) -> None:
        self.push: PushId = outside.next_push
        self.outside: Outside = outside
        self.record: Record = record
        self.chunk: bytes = chunk
        self.answer: Answer | None = None
        self.future: Future[None] | None = None
        self.hold: Hold | None = None

    def settle(self, answer: Answer) -> None:
        """It waits no more; wake its awaiter, if it has one, and let its chunk go."""
        self.answer = answer
        self.chunk = b""
        if self.future is not None:
            wake(self.future)

    def cancel(self) -> bool:
        """The caller gave it up: whether that ended its wait. CANCEL_PUSH_*. O(1)."""
        event = Event.CANCEL_OTHER_PUSH
        if self.answer is None:
            event = Event.CANCEL_WAITING_PUSH
        record, outside = self.record, self.outside
        rows = record.situation.on[event]
        entry: Entry = rows[_several(record)][record.situation.control.level]
        record.situation = entry.situation
        entry.doing.do(outside, record, self)
        if outside.announcer is not None:
            outside.announcer.tell(CancelPush(self.push), entry.returned)
        return entry.returned is True

    def leave(self) -> None:
        """Its caller has gone: if it still waits, it does so no more."""
        if self.answer is None:
            self.cancel()


def _several(record: Record) -> bool:
    return record.offers is not None and len(record.offers) > 1


def place(
    outside: Outside, record: Record, stream: StreamId, chunk: bytes, hold: Hold | None = None
) -> Offer | bool:
    """Do a push that may wait: how it waits, or whether it was accepted. O(1).

    It is not done, and false, if it is one of a caller that cannot be held.
    """
    after = measured(
        outside.high_water_mark,
        outside.max_queue_chunks,
        record.count + 1,
        record.size + len(chunk),
    )
    entry: Entry = record.situation.on_push[record.others is not None][after]
    waits = entry.returned is None
    if not waits and hold is not None and not hold():
        return False
    record.situation = entry.situation
    entry.doing.do(outside, record, chunk)
    placed = _newest(record) if waits else entry.returned is True
    if isinstance(placed, Offer):
        placed.hold = hold
    _announce(outside, Push(stream, chunk), entry.returned, placed)
    if not outside.ready:  # it was handed to a pull whose loop is closed: on to one that lives
        outside.sweep()
    return placed


def _announce(outside: Outside, op: Push, returned: bool | None, placed: Offer | bool) -> None:
    if outside.announcer is not None:
        try:
            outside.announcer.tell(op, returned)
        except BaseException:  # the caller gets nothing that it could drop, so it goes here
            if isinstance(placed, Offer):
                outside.note(placed)
            raise


def _newest(record: Record) -> Offer:
    """The push that began to wait last. O(1)."""
    assert record.offers is not None, "a push waits there"
    offer: Offer = record.offers[next(reversed(record.offers))]
    return offer


def hold_admitted(outside: Outside, record: Record) -> None:
    """Before a pull, where pushes wait: none of those that it lets in can be given up any more.
    Those that have been, in another thread, leave first. O(1 + pushes that it admits)."""
    while (gone := _first_gone(outside, record)) is not None:
        outside.leave(gone)


def _first_gone(outside: Outside, record: Record) -> Offer | None:
    if record.offers is None:
        return None
    admitted, _ = _accepted(outside, record)
    for offer in islice(record.offers.values(), admitted):
        if offer.hold is not None and not offer.hold():
            return offer
    return None


def on_pull(outside: Outside, record: Record) -> Entry:
    """Where a pull leads on a stream on which pushes wait. O(1 + pushes that it accepts)."""
    admitted, after = _accepted(outside, record)
    others = record.offers is not None and len(record.offers) > admitted
    entry: Entry = record.situation.on[Event.PULL][others][after]
    return entry


def _accepted(outside: Outside, record: Record) -> tuple[int, int]:
    """How many waiting pushes a pull accepts, and the level of the queue then: where nothing is
    queued, the one whose chunk it takes."""
    if record.queue is None:
        return 1, record.situation.control.level
    return _with_room(outside, record, record.count - 1, record.size - len(oldest(record.queue)))


def _with_room(outside: Outside, record: Record, count: int, size: int) -> tuple[int, int]:
    """How many waiting pushes there is room for, oldest first, in a queue of that many chunks and
    bytes, and its level with them."""
    admitted = 0
    after = measured(outside.high_water_mark, outside.max_queue_chunks, count, size)
    for offer in (record.offers or {}).values():
        if after >= Level.FULL:
            break
        admitted += 1
        size += len(offer.chunk)
        after = measured(outside.high_water_mark, outside.max_queue_chunks, count + admitted, size)
    return admitted, after


def _tell(outside: Outside, effect: Effect) -> None:
    if outside.announcer is not None:
        outside.announcer.effects.append(effect)


def _turned_away(offer: Offer, answer: Ended | Deleted | Failure) -> Effect:
    match answer:
        case Failure():
            return TurnedAway(offer.push, Errored(answer.value))
        case Ended() | Deleted():
            return TurnedAway(offer.push, answer)
        case _:
            assert_never(answer)


class _WaitPush(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        offer = Offer(outside, record, subject)
        outside.next_push += 1
        if record.offers is None:
            record.offers = OrderedDict()
        record.offers[offer.push] = offer


class _Admit(Doing):
    def __init__(self, append: Doing) -> None:
        self.append = append

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        admitted, _ = _with_room(outside, record, record.count, record.size)
        for _ in range(admitted):
            offer = _pop_oldest(record)
            self.append.do(outside, record, offer.chunk)
            _tell(outside, Accepted(offer.push))
            offer.settle(True)


class _HandOffered(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        pull: Waiter = subject
        offer = _pop_oldest(record)
        record.accepted += 1
        pull.place = record.accepted
        pull.outcome = offer.chunk
        _tell(outside, Resolved(pull.pull, Chunk(offer.chunk)))
        _tell(outside, Accepted(offer.push))
        offer.settle(True)


def _pop_oldest(record: Record) -> Offer:
    assert record.offers is not None, "a push waits there"
    offer: Offer = record.offers.popitem(last=False)[1]
    if not record.offers:
        record.offers = None
    return offer


class _TurnAway(Doing):
    """Turn away every waiting push with what is always the same, oldest first."""

    def __init__(self, answer: Ended | Deleted) -> None:
        self.answer = answer

    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        _turn_all_away(outside, record, self.answer)


class _FailPushes(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        assert record.failure is not None, "only an errored stream fails its pushes"
        _turn_all_away(outside, record, record.failure)


def _turn_all_away(outside: Outside, record: Record, answer: Ended | Deleted | Failure) -> None:
    while record.offers is not None:
        offer = _pop_oldest(record)
        _tell(outside, _turned_away(offer, answer))
        offer.settle(answer)


class _LeavePush(Doing):
    def do(self, outside: Outside, record: Record, subject: Any) -> None:
        offer: Offer = subject
        assert record.offers is not None, "a push waits there"
        del record.offers[offer.push]
        if not record.offers:
            record.offers = None
        offer.settle(False)


def doings_of_pushes(append: Doing) -> Mapping[Action, Doing]:
    """What does the actions on pushes that wait, where `append` puts a chunk into the queue."""
    return MappingProxyType(
        {
            Action.WAIT_PUSH: _WaitPush(),
            Action.ADMIT: _Admit(append),
            Action.CLOSE_PUSHES: _TurnAway(ENDED),
            Action.FAIL_PUSHES: _FailPushes(),
            Action.DELETE_PUSHES: _TurnAway(DELETED),
            Action.LEAVE_PUSH: _LeavePush(),
            Action.HAND_OFFERED: _HandOffered(),
        }
    )


ENDED: Final = Ended()
DELETED: Final = Deleted()
