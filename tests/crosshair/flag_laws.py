"""What is true of a stream after a close, an error, a delete or a look, said of any `react`.

See `chunk_laws` for how these are used.
"""

from __future__ import annotations

from streamstate.model import (
    Dialect,
    Errored,
    Event,
    Idle,
    PullId,
    Rejected,
    Resolved,
    Returned,
)
from streamstate.model.dialect import ErroredBacklog, ErrorWhenClosed
from streamstate.model.reaction import NOTHING, Subject
from streamstate.model.state import CLOSED, OPEN, Failed, Status
from streamstate.model.values import DELETED, DONE
from tests.crosshair.given import (
    NUMBER,
    Back,
    Given,
    Pulls,
    React,
    assert_nothing,
    assert_unblocked,
    failed,
    idle_after,
    is_full,
    waiting_after,
)


def close_on(react: React, given: Given, back: Back, status: Status) -> None:
    before, limits = given.idle(status, back.placed()), given.limits()
    reaction = react(Dialect(), limits, NUMBER, before, Event.CLOSE, NOTHING)
    after = idle_after(reaction)
    due = status is OPEN and is_full(before, limits)
    assert_unblocked(reaction, settled=0, due=due)
    assert reaction.handed == ()
    assert after.queue is before.queue
    assert after.accepted == given.accepted
    if isinstance(status, Failed):
        assert after.status == Failed(status.value, closed=True)
    else:
        assert after.status is CLOSED


def close_on_waiting(react: React, given: Given, pulls: Pulls) -> None:
    before, limits = pulls.waiting(given.accepted), given.limits()
    reaction = react(Dialect(), limits, NUMBER, before, Event.CLOSE, NOTHING)
    assert reaction.effects == tuple(Resolved(pull, DONE) for pull in pulls.all())
    assert reaction.stream == Idle(given.accepted, CLOSED)
    assert reaction.handed == ()


def error_on_waiting(react: React, given: Given, pulls: Pulls, value: int) -> None:
    before, limits = pulls.waiting(given.accepted), given.limits()
    reaction = react(Dialect(), limits, NUMBER, before, Event.ERROR, Subject(error=value))
    assert reaction.effects == tuple(Rejected(pull, Errored(value)) for pull in pulls.all())
    assert reaction.stream == Idle(given.accepted, Failed(value, closed=False))
    assert reaction.handed == ()


def delete_on_waiting(react: React, given: Given, pulls: Pulls) -> None:
    before, limits = pulls.waiting(given.accepted), given.limits()
    reaction = react(Dialect(), limits, NUMBER, before, Event.DELETE, NOTHING)
    assert reaction.effects == tuple(Rejected(pull, DELETED) for pull in pulls.all())
    assert reaction.stream is None
    assert reaction.handed == ()


def error_on_open(
    react: React, given: Given, back: Back, value: int, backlog: ErroredBacklog
) -> None:
    before, limits = given.idle(OPEN, back.placed()), given.limits()
    dialect = Dialect(errored_backlog=backlog)
    reaction = react(dialect, limits, NUMBER, before, Event.ERROR, Subject(error=value))
    after = idle_after(reaction)
    assert_unblocked(reaction, settled=0, due=is_full(before, limits))
    assert reaction.handed == ()
    assert after.status == Failed(value, closed=False)
    assert after.accepted == given.accepted
    assert_backlog(after, before, backlog)


def assert_backlog(after: Idle, before: Idle, backlog: ErroredBacklog) -> None:
    """The very same queue, or under drop nothing."""
    if backlog == "drop":
        assert len(after.queue.fresh) == 0
        assert after.queue.given_back == ()
        assert after.queue.size == 0 or len(before.queue) == 0
    else:
        assert after.queue is before.queue


def error_on_closed(
    react: React, given: Given, value: int, backlog: ErroredBacklog, late: ErrorWhenClosed
) -> None:
    before = given.idle(CLOSED)
    dialect = Dialect(errored_backlog=backlog, error_when_closed=late)
    reaction = react(dialect, given.limits(), NUMBER, before, Event.ERROR, Subject(error=value))
    if late == "ignore" or (late == "while_queued" and len(before.queue) == 0):
        assert_nothing(reaction, before)
        return
    after = idle_after(reaction)
    assert reaction.effects == ()
    assert reaction.handed == ()
    assert after.status == Failed(value, closed=True)
    assert_backlog(after, before, backlog)


def error_on_errored(
    react: React, given: Given, closed: bool, old: int, new: int, keep: bool
) -> None:
    before = given.idle(failed(old, closed))
    dialect = Dialect(repeated_error="keep" if keep else "replace")
    reaction = react(dialect, given.limits(), NUMBER, before, Event.ERROR, Subject(error=new))
    after = idle_after(reaction)
    assert reaction.effects == ()
    assert reaction.handed == ()
    assert after.queue is before.queue
    assert after.status == failed(old if keep else new, closed)


def is_queue_full_on(react: React, given: Given, back: Back, status: Status) -> None:
    before, limits = given.idle(status, back.placed()), given.limits()
    reaction = react(Dialect(), limits, NUMBER, before, Event.IS_QUEUE_FULL, NOTHING)
    assert_nothing(reaction, before, Returned(is_full(before, limits)))


def delete_on(react: React, given: Given, back: Back, status: Status) -> None:
    before, limits = given.idle(status, back.placed()), given.limits()
    reaction = react(Dialect(), limits, NUMBER, before, Event.DELETE, NOTHING)
    assert reaction.stream is None
    assert reaction.handed == ()
    assert_unblocked(reaction, settled=0, due=status is OPEN and is_full(before, limits))


def cancel_waiting(react: React, given: Given, pulls: Pulls, which: int) -> None:
    """Any of up to three; the others stay, in their order."""
    gone = pulls.all()[which]
    before = pulls.waiting(given.accepted)
    reaction = react(Dialect(), given.limits(), NUMBER, before, Event.CANCEL_WAITING, Subject(gone))
    assert reaction.effects == ()
    assert reaction.handed == ()
    left = pulls.all()[:which] + pulls.all()[which + 1 :]
    if left:
        assert waiting_after(reaction) == left
    else:
        assert reaction.stream == Idle(given.accepted)


def leave_alone(react: React, given: Given, status: Status, event: Event, pull: PullId) -> None:
    """A look, or a pull that has nothing to do with what the stream holds."""
    before = given.idle(status)
    reaction = react(Dialect(), given.limits(), NUMBER, before, event, Subject(pull))
    assert reaction.effects == ()
    assert reaction.handed == ()
    after = idle_after(reaction)
    assert after.queue is before.queue
    assert after.status == before.status
    assert after.accepted == before.accepted


def on_unknown(react: React, given: Given, event: Event, subject: Subject) -> None:
    """Nothing, but that a pull is done, a push not accepted nor given up, and the queue full."""
    reaction = react(Dialect(), given.limits(), NUMBER, None, event, subject)
    match event:
        case Event.PULL:
            assert_nothing(reaction, None, Resolved(subject.pull, DONE))
        case Event.PUSH | Event.IS_QUEUE_FULL:
            assert_nothing(reaction, None, Returned(event is Event.IS_QUEUE_FULL))
        case Event.CANCEL_WAITING_PUSH | Event.CANCEL_OTHER_PUSH:
            assert_nothing(reaction, None, Returned(False))
        case _:
            assert_nothing(reaction, None)


def create(react: React, given: Given) -> None:
    """An open, empty stream that accepted nothing."""
    reaction = react(Dialect(), given.limits(), NUMBER, None, Event.CREATE, NOTHING)
    assert reaction.stream == Idle()
    assert reaction.effects == ()
    assert reaction.handed == ()
