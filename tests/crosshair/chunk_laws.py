"""What is true of a stream after a push, a pull, and the cancelling of a pull, said of any `react`.

`conditions` says it of the real one and has it confirmed; `planted` says it of faulty ones and has
it refuted. Each function is one event in some phases, over all queues, levels, limits, and values
of the policy fields that the event depends on there (`tests/model` tests that it is on no others).
"""

from __future__ import annotations

from typing import Final, get_args

from streamstate.model import (
    Abandoned,
    Dialect,
    Errored,
    Event,
    PullId,
    Rejected,
    Resolved,
    Returned,
    Waiting,
)
from streamstate.model.dialect import ErroredBacklog, OverlappingPull
from streamstate.model.reaction import Reaction, Subject
from streamstate.model.state import CLOSED, OPEN, Failed, Placed, Status
from streamstate.model.values import DONE, REFUSED, SUPERSEDED
from tests.crosshair.given import (
    NUMBER,
    Back,
    Given,
    Pulls,
    React,
    assert_handed,
    assert_nothing,
    assert_same_fresh,
    assert_unblocked,
    failed,
    idle_after,
    is_full,
    waiting_after,
)

OVERLAPS: Final = get_args(OverlappingPull)


def push_on_open(react: React, given: Given, back: Back, chunk: bytes, refuse: bool) -> None:
    dialect = Dialect(push_when_full="refuse" if refuse else "accept")
    before = given.idle(OPEN, back.placed())
    reaction = react(dialect, given.limits(), NUMBER, before, Event.PUSH, Subject(chunk=chunk))
    if refuse and is_full(before, given.limits()):
        assert_nothing(reaction, before, Returned(False))
        return
    after = idle_after(reaction)
    assert reaction.effects == (Returned(True),)
    assert reaction.handed == ()
    assert after.status is OPEN
    assert after.accepted == given.accepted + 1
    assert after.queue.size == given.size + len(chunk)
    assert after.queue.given_back is before.queue.given_back
    assert len(after.queue.fresh) == len(given.fresh) + 1
    assert after.queue.fresh[len(given.fresh)] is chunk
    if 0 <= given.at < len(given.fresh):
        assert after.queue.fresh[given.at] is given.fresh[given.at]


def push_on_ended(react: React, given: Given, status: Status, chunk: bytes) -> None:
    before = given.idle(status)
    subject = Subject(chunk=chunk)
    reaction = react(Dialect(), given.limits(), NUMBER, before, Event.PUSH, subject)
    assert_nothing(reaction, before, Returned(False))


def push_on_waiting(react: React, given: Given, pulls: Pulls, chunk: bytes) -> None:
    before = pulls.waiting(given.accepted)
    subject = Subject(chunk=chunk)
    reaction = react(Dialect(), given.limits(), NUMBER, before, Event.PUSH, subject)
    assert len(reaction.effects) == 2
    assert reaction.effects[0] == Returned(True)
    assert_handed(reaction, pulls.first, given.accepted + 1, chunk, told_at=1)
    assert_one_pull_fewer(reaction, pulls, given.accepted + 1)


def assert_one_pull_fewer(reaction: Reaction, pulls: Pulls, accepted: int) -> None:
    """The oldest no longer waits; the others do, in their order."""
    assert reaction.stream is not None
    assert reaction.stream.accepted == accepted
    if pulls.count == 1:
        after = idle_after(reaction)
        assert after.status is OPEN
        assert len(after.queue.fresh) == 0
        assert after.queue.size == 0
    else:
        assert waiting_after(reaction) == pulls.all()[1:]


def pull_on(react: React, given: Given, back: Back, status: Status, pull: PullId) -> None:
    """A pull on a stream from which a chunk can be taken, and has one."""
    before, limits = given.idle(status, back.placed()), given.limits()
    dialect = Dialect(errored_backlog="drain")
    reaction = react(dialect, limits, NUMBER, before, Event.PULL, Subject(pull))
    after = idle_after(reaction)
    assert after.status == status
    assert after.accepted == given.accepted
    due = status is OPEN and is_full(before, limits) and not is_full(after, limits)
    assert_unblocked(reaction, settled=1, due=due)
    if back.count > 0:
        assert_handed(reaction, pull, back.place, back.chunk)
        assert after.queue.given_back == before.queue.given_back[1:]
        assert after.queue.size == given.size - len(back.chunk)
        assert_same_fresh(after.queue, given)
        return
    assert_handed(reaction, pull, given.accepted - len(given.fresh) + 1, given.fresh[0])
    assert after.queue.given_back == ()
    assert after.queue.size == given.size - len(given.fresh[0])
    assert len(after.queue.fresh) == len(given.fresh) - 1
    if 1 <= given.at < len(given.fresh):
        assert after.queue.fresh[given.at - 1] is given.fresh[given.at]


def pull_on_errored(
    react: React, given: Given, closed: bool, value: int, backlog: ErroredBacklog, pull: PullId
) -> None:
    """Where nothing can be taken: no chunk queued, or out of reach."""
    before = given.idle(failed(value, closed))
    dialect = Dialect(errored_backlog=backlog)
    reaction = react(dialect, given.limits(), NUMBER, before, Event.PULL, Subject(pull))
    after = idle_after(reaction)
    assert after == before or len(given.fresh) > 0
    assert after.queue is before.queue
    assert after.status == before.status
    assert reaction.handed == ()
    assert reaction.effects == (Rejected(pull, Errored(value)),)


def pull_on_empty(react: React, given: Given, closed: bool, pull: PullId) -> None:
    before = given.idle(CLOSED if closed else OPEN)
    reaction = react(Dialect(), given.limits(), NUMBER, before, Event.PULL, Subject(pull))
    assert reaction.handed == ()
    if closed:
        assert reaction.effects == (Resolved(pull, DONE),)
        assert reaction.stream == before
    else:
        assert reaction.effects == ()
        assert reaction.stream == Waiting(given.accepted, pull)


def pull_on_waiting(
    react: React, given: Given, pulls: Pulls, overlap: OverlappingPull, pull: PullId
) -> None:
    """Several wait only where they queue: the other policies see one."""
    before = pulls.waiting(given.accepted)
    dialect = Dialect(overlapping_pull=overlap)
    reaction = react(dialect, given.limits(), NUMBER, before, Event.PULL, Subject(pull))
    waiting = waiting_after(reaction)
    assert reaction.handed == ()
    match overlap:
        case "overwrite":
            assert reaction.effects == (Abandoned(pulls.first),)
            assert waiting == (pull,)
        case "supersede":
            assert reaction.effects == (Rejected(pulls.first, SUPERSEDED),)
            assert waiting == (pull,)
        case "refuse":
            assert reaction.effects == (Rejected(pull, REFUSED),)
            assert waiting == (pulls.first,)
        case "queue":
            assert reaction.effects == ()
            assert waiting == (*pulls.all(), pull)


def cancel_handed_on_waiting(
    react: React, given: Given, pulls: Pulls, handed: Placed, pull: PullId
) -> None:
    before = pulls.waiting(given.accepted)
    subject = Subject(pull, handed.chunk, handed.place)
    reaction = react(Dialect(), given.limits(), NUMBER, before, Event.CANCEL_HANDED, subject)
    assert len(reaction.effects) == 1
    assert_handed(reaction, pulls.first, handed.place, handed.chunk)
    assert_one_pull_fewer(reaction, pulls, given.accepted)


def cancel_handed(
    react: React, given: Given, back: Back, status: Status, backlog: ErroredBacklog, handed: Placed
) -> None:
    """The chunk goes to its place among those given back, and the rest stays as it is."""
    before = given.idle(status, back.placed())
    subject = Subject(1, handed.chunk, handed.place)
    dialect = Dialect(errored_backlog=backlog)
    reaction = react(dialect, given.limits(), NUMBER, before, Event.CANCEL_HANDED, subject)
    after = idle_after(reaction)
    assert reaction.effects == ()
    assert reaction.handed == ()
    assert after.status == status
    assert after.accepted == given.accepted
    assert_same_fresh(after.queue, given)
    if backlog == "drop" and isinstance(status, Failed):
        assert after.queue is before.queue
        return
    assert after.queue.size == given.size + len(handed.chunk)
    places = [placed.place for placed in after.queue.given_back]
    older = sum(placed.place < handed.place for placed in back.placed())
    assert len(places) == back.count + 1
    assert after.queue.given_back[older].chunk is handed.chunk
    assert places[older] == handed.place
    assert places[:older] + places[older + 1 :] == [one.place for one in back.placed()]
