"""Faults of pushes that wait: in the table, in whole ops, and in what the registry does by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from streamstate.model import (
    Action,
    Close,
    Control,
    Op,
    PushesWaiting,
    Rule,
    State,
    StreamId,
    Transition,
)
from streamstate.registry import StreamStateRegistry
from streamstate.registry.outside import Outside
from streamstate.registry.record import Record
from tests.agreement.exhaustive import UNBUFFERED
from tests.broken.patches import do_right, instead_of
from tests.broken.shells import CLEAR, DELETE, ShellFault
from tests.broken.step_fault import StepFault, instead
from tests.broken.steps import close_it_first, in_registry
from tests.broken.tables import TableFault, doing, returning, without

WAITING_PUSHES: Final = "reference+push_when_full=wait"


def letting_pushes_wait(transition: Transition) -> Transition:
    """Whoever waits to push goes on waiting."""
    return replace(transition, control=Control.PUSHES_WAITING, actions=())


def letting_pushes_wait_unbuffered(transition: Transition) -> Transition:
    """The pull is done, and whoever waits to push goes on waiting."""
    return replace(transition, control=Control.PUSHES_WAITING_UNBUFFERED, actions=(Action.FINISH,))


WAIT_TABLE_FAULTS: Final = (
    TableFault(
        "push_that_should_wait_is_refused",
        Rule.PUSH_9,
        lambda transition: replace(
            transition, control=Control.OPEN_FULL, actions=(), returned=False
        ),
        2,
        WAITING_PUSHES,
    ),
    TableFault("room_is_left_to_others", Rule.PULL_14, without(Action.ADMIT), 3, WAITING_PUSHES),
    TableFault(
        "pull_waits_and_does_not_meet_the_push",
        Rule.PULL_15,
        letting_pushes_wait_unbuffered,
        2,
        WAITING_PUSHES,
        limits=UNBUFFERED,
    ),
    TableFault(
        "close_forgets_the_waiting_push",
        Rule.CLOSE_6,
        without(Action.CLOSE_PUSHES),
        3,
        WAITING_PUSHES,
    ),
    TableFault(
        "close_turns_away_what_should_go_first",
        Rule.CLOSE_7,
        lambda transition: replace(
            transition,
            control=Control.CLOSED_FULL,
            actions=(Action.CLOSE_PUSHES, *transition.actions),
        ),
        3,
        "reference+push_when_full=wait_through_close",
    ),
    TableFault(
        "error_turns_pushes_away_as_closed",
        Rule.ERROR_13,
        doing(Action.SET_ERROR, Action.CLOSE_PUSHES, Action.UNBLOCK),
        3,
        WAITING_PUSHES,
    ),
    TableFault(
        "error_with_pushes_waiting_keeps_what_it_should_drop",
        Rule.ERROR_14,
        without(Action.DROP_QUEUED),
        3,
        "whatwg+push_when_full=wait",
    ),
    TableFault(
        "delete_turns_pushes_away_as_closed",
        Rule.DELETE_4,
        doing(Action.DROP_QUEUED, Action.CLOSE_PUSHES, Action.UNBLOCK),
        3,
        WAITING_PUSHES,
        also=(Rule.CLEAR_3,),
    ),
    TableFault(
        "cancelled_push_is_sent", Rule.CANCEL_PUSH_1, letting_pushes_wait, 3, WAITING_PUSHES
    ),
    TableFault(
        "cancel_of_an_accepted_push_says_true",
        Rule.CANCEL_PUSH_2,
        returning(True),
        4,
        WAITING_PUSHES,
    ),
)


def close_those_pushed_to_first(state: State, op: Op) -> list[Op]:
    return [*(Close(n) for n, one in state.streams if isinstance(one, PushesWaiting)), op]


def pushed_to(record: Record | None) -> bool:
    return record is not None and record.offers is not None


def delete_closes_first(self: StreamStateRegistry, stream: StreamId) -> None:
    if pushed_to(self._streams.get(stream)):
        self.close(stream)
    DELETE(self, stream)


def clear_closes_first(self: StreamStateRegistry) -> None:
    for stream, record in self._streams.items():
        if pushed_to(record):
            self.close(stream)
    CLEAR(self)


WAIT_STEP_FAULTS: Final = (
    StepFault(
        "delete_closes_first_where_pushes_wait",
        Rule.DELETE_4,
        instead(close_it_first),
        in_registry("delete", delete_closes_first),
        3,
        WAITING_PUSHES,
    ),
    StepFault(
        "clear_closes_first_where_pushes_wait",
        Rule.CLEAR_3,
        instead(close_those_pushed_to_first),
        in_registry("clear", clear_closes_first),
        3,
        WAITING_PUSHES,
    ),
)


def admit_twice(outside: Outside, record: Record, subject: Any) -> None:
    """The first that is let in is queued twice."""
    offers = list((record.offers or {}).values())
    chunks = [offer.chunk for offer in offers]
    do_right(Action.ADMIT, outside, record, subject)
    if offers and offers[0].answer is True:
        do_right(Action.APPEND, outside, record, chunks[0])


def admit_newest_first(outside: Outside, record: Record, subject: Any) -> None:
    if record.offers is not None:
        for push in list(record.offers)[-2::-1]:
            record.offers.move_to_end(push)
    do_right(Action.ADMIT, outside, record, subject)


def send_what_is_cancelled(outside: Outside, record: Record, subject: Any) -> None:
    do_right(Action.APPEND, outside, record, subject.chunk)
    do_right(Action.LEAVE_PUSH, outside, record, subject)


def forget_the_oldest(outside: Outside, record: Record, subject: Any) -> None:
    """The oldest is neither turned away nor kept."""
    assert record.offers is not None
    record.offers.popitem(last=False)
    do_right(Action.DELETE_PUSHES, outside, record, subject)


def wait_in_front(outside: Outside, record: Record, subject: Any) -> None:
    do_right(Action.WAIT_PUSH, outside, record, subject)
    assert record.offers is not None
    record.offers.move_to_end(next(reversed(record.offers)), last=False)


WAIT_SHELL_FAULTS: Final = (
    ShellFault(
        "accepted_push_is_doubled", instead_of(Action.ADMIT, admit_twice), 3, WAITING_PUSHES
    ),
    ShellFault(
        "newest_push_is_accepted_first",
        instead_of(Action.ADMIT, admit_newest_first),
        4,
        WAITING_PUSHES,
    ),
    ShellFault(
        "chunk_of_a_cancelled_push_is_sent",
        instead_of(Action.LEAVE_PUSH, send_what_is_cancelled),
        3,
        WAITING_PUSHES,
    ),
    ShellFault(
        "delete_forgets_the_oldest_push",
        instead_of(Action.DELETE_PUSHES, forget_the_oldest),
        3,
        WAITING_PUSHES,
    ),
    ShellFault(
        "push_waits_in_front", instead_of(Action.WAIT_PUSH, wait_in_front), 4, WAITING_PUSHES
    ),
)
