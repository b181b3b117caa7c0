"""What is true of a stream on which pushes wait, said of any `react`.

See `chunk_laws` for how these are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from streamstate.model import (
    Accepted,
    Dialect,
    Effect,
    Event,
    Idle,
    PullId,
    PushesWaiting,
    PushId,
    PushReason,
    Returned,
    TurnedAway,
    Unblocked,
)
from streamstate.model.dialect import ErroredBacklog
from streamstate.model.reaction import NOTHING, Reaction, Subject
from streamstate.model.state import CLOSED, OPEN, Failed, Offered
from streamstate.model.values import DELETED, ENDED, Errored
from tests.crosshair.given import NUMBER, Given, React, assert_handed, assert_nothing, is_full

WAIT: Final = Dialect(push_when_full="wait")


@dataclass(frozen=True, slots=True)
class Sends:
    """One or two pushes that wait, in the order in which they began to."""

    both: bool
    first: PushId
    chunk: bytes
    second: PushId
    other: bytes

    def possible(self) -> bool:
        return 1 <= self.first < self.second

    def all(self) -> tuple[Offered, ...]:
        first = Offered(self.first, self.chunk)
        return (first, Offered(self.second, self.other)) if self.both else (first,)

    def waiting(self, given: Given) -> PushesWaiting:
        queue = given.idle(OPEN).queue
        return PushesWaiting(given.accepted, queue, self.all()[0], self.all()[1:])


def is_full_of(given: Given) -> bool:
    """Whether pushes may wait there."""
    return is_full(given.idle(OPEN), given.limits())


def line_after(reaction: Reaction) -> tuple[Offered, ...]:
    """The pushes that wait after it."""
    after = reaction.stream
    return (after.first, *after.others) if isinstance(after, PushesWaiting) else ()


def push_on_full(react: React, given: Given, push: PushId, chunk: bytes) -> None:
    before = given.idle(OPEN)
    subject = Subject(chunk=chunk, push=push)
    reaction = react(WAIT, given.limits(), NUMBER, before, Event.PUSH, subject)
    after = reaction.stream
    assert reaction.effects == ()
    assert reaction.handed == ()
    assert isinstance(after, PushesWaiting)
    assert after.queue is before.queue
    assert after.accepted == given.accepted
    assert after.others == ()
    assert after.first.push == push
    assert after.first.chunk is chunk


def push_behind(react: React, given: Given, sends: Sends, push: PushId, chunk: bytes) -> None:
    before = sends.waiting(given)
    subject = Subject(chunk=chunk, push=push)
    reaction = react(WAIT, given.limits(), NUMBER, before, Event.PUSH, subject)
    after = reaction.stream
    assert reaction.effects == ()
    assert isinstance(after, PushesWaiting)
    assert after.queue is before.queue
    line = line_after(reaction)
    assert len(line) == len(sends.all()) + 1
    assert line[:-1] == sends.all()
    assert line[-1].push == push
    assert line[-1].chunk is chunk


def turned_away(sends: Sends, reason: PushReason) -> tuple[Effect, ...]:
    away = tuple([TurnedAway(offered.push, reason) for offered in sends.all()])
    return (*away, Unblocked(NUMBER))


def close_on_pushes(react: React, given: Given, sends: Sends) -> None:
    before = sends.waiting(given)
    reaction = react(WAIT, given.limits(), NUMBER, before, Event.CLOSE, NOTHING)
    assert reaction.effects == turned_away(sends, ENDED)
    after = reaction.stream
    assert isinstance(after, Idle)
    assert after.status is CLOSED
    assert after.queue is before.queue
    assert after.accepted == given.accepted


def error_on_pushes(
    react: React, given: Given, sends: Sends, value: int, backlog: ErroredBacklog
) -> None:
    before, dialect = sends.waiting(given), Dialect(push_when_full="wait", errored_backlog=backlog)
    subject = Subject(error=value)
    reaction = react(dialect, given.limits(), NUMBER, before, Event.ERROR, subject)
    assert reaction.effects == turned_away(sends, Errored(value))
    after = reaction.stream
    assert isinstance(after, Idle)
    assert after.status == Failed(value, closed=False)
    assert after.accepted == given.accepted
    if backlog == "drop":
        assert len(after.queue.fresh) == 0
        assert after.queue.size == 0
    else:
        assert after.queue is before.queue


def delete_on_pushes(react: React, given: Given, sends: Sends) -> None:
    before = sends.waiting(given)
    reaction = react(WAIT, given.limits(), NUMBER, before, Event.DELETE, NOTHING)
    assert reaction.effects == turned_away(sends, DELETED)
    assert reaction.stream is None
    assert reaction.handed == ()


def cancel_of_a_push(react: React, given: Given, sends: Sends, newest: bool) -> None:
    before, place = sends.waiting(given), len(sends.all()) - 1 if newest else 0
    subject = Subject(push=sends.all()[place].push)
    event = Event.CANCEL_WAITING_PUSH
    reaction = react(WAIT, given.limits(), NUMBER, before, event, subject)
    assert reaction.effects == (Returned(True),)
    assert reaction.handed == ()
    assert line_after(reaction) == sends.all()[:place] + sends.all()[place + 1 :]
    after = reaction.stream
    assert isinstance(after, Idle | PushesWaiting)
    assert after.queue is before.queue
    assert after.accepted == given.accepted


def pull_on_pushes(react: React, given: Given, sends: Sends, pull: PullId) -> None:
    """The oldest chunk goes to the pull; then pushes are let in, the oldest first, while the queue
    is not full."""
    before, limits = sends.waiting(given), given.limits()
    reaction = react(WAIT, limits, NUMBER, before, Event.PULL, Subject(pull=pull))
    assert_handed(reaction, pull, given.accepted - len(given.fresh) + 1, given.fresh[0])
    line = line_after(reaction)
    admitted = len(sends.all()) - len(line)
    assert line == sends.all()[admitted:]
    accepted = tuple([Accepted(offered.push) for offered in sends.all()[:admitted]])
    assert reaction.effects[1 : 1 + admitted] == accepted
    after = reaction.stream
    assert isinstance(after, Idle | PushesWaiting)
    assert after.accepted == given.accepted + admitted
    assert len(after.queue.fresh) == len(given.fresh) - 1 + admitted
    for place in range(admitted):
        assert after.queue.fresh[len(given.fresh) - 1 + place] is sends.all()[place].chunk
    if admitted:  # the last that was let in found room
        count = len(after.queue.fresh) - 1
        size = after.queue.size - len(sends.all()[admitted - 1].chunk)
        assert count == 0 or (size < limits.high_water_mark and count < limits.max_queue_chunks)
    full = is_full(Idle(after.accepted, OPEN, after.queue), limits)
    assert full or not line
    assert len(reaction.effects) == 1 + admitted + (not full)
    if not full:
        assert reaction.effects[1 + admitted] == Unblocked(NUMBER)


def looks_leave_pushes_alone(react: React, given: Given, sends: Sends, full: bool) -> None:
    before = sends.waiting(given)
    event = Event.IS_QUEUE_FULL if full else Event.CANCEL_OTHER_PUSH
    reaction = react(WAIT, given.limits(), NUMBER, before, event, NOTHING)
    assert_nothing(reaction, before, Returned(full))
