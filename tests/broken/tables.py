"""Faults of the table: one rule that says something else. Model and registry both go by the table,
so each of these makes a broken model, or a broken registry, as one likes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from streamstate.model import Action, Control, Dialect, Phase, Rule, Transition, tabulate
from streamstate.model.control import control_at
from streamstate.model.table import Row

QUEUEING: Final = "reference+overlapping_pull=queue"


@dataclass(frozen=True, slots=True)
class TableFault:
    """In `dialect`, wherever `rule` applies, do what `change` makes of it.

    `steps` is the length of the shortest program, after two creates, that shows it.
    """

    name: str
    rule: Rule
    change: Callable[[Transition], Transition]
    steps: int
    dialect: str = "reference"


def returning(value: bool) -> Callable[[Transition], Transition]:
    return lambda transition: replace(transition, returned=value)


def doing(*actions: Action) -> Callable[[Transition], Transition]:
    return lambda transition: replace(transition, actions=actions)


def without(action: Action) -> Callable[[Transition], Transition]:
    def change(transition: Transition) -> Transition:
        kept = tuple(other for other in transition.actions if other is not action)
        return replace(transition, actions=kept)

    return change


def leading_to(control: Control, *actions: Action) -> Callable[[Transition], Transition]:
    return lambda transition: replace(transition, control=control, actions=actions)


def in_phase(phase: Phase) -> Callable[[Transition], Transition]:
    return lambda transition: replace(
        transition, control=control_at(phase, transition.control.level)
    )


TABLE_FAULTS: Final = (
    TableFault("push_to_the_unknown_is_accepted", Rule.PUSH_1, returning(True), 1),
    TableFault("push_after_close_says_true", Rule.PUSH_2, returning(True), 2),
    TableFault("push_after_error_says_true", Rule.PUSH_3, returning(True), 2),
    TableFault("push_to_a_waiting_pull_says_false", Rule.PUSH_4, returning(False), 2),
    TableFault("push_says_false_where_it_queues", Rule.PUSH_5, returning(False), 1),
    TableFault("push_when_full_says_false", Rule.PUSH_6, returning(False), 2),
    TableFault(
        "refused_push_says_true", Rule.PUSH_7, returning(True), 2, "reference+push_when_full=refuse"
    ),
    TableFault("pull_on_the_unknown_fails", Rule.PULL_1, doing(Action.REFUSE), 1),
    TableFault("pull_on_closed_waits", Rule.PULL_5, leading_to(Control.WAITING, Action.WAIT), 2),
    TableFault("pull_on_errored_is_done", Rule.PULL_6, doing(Action.FINISH), 2),
    TableFault("held_backlog_is_done", Rule.PULL_7, doing(Action.FINISH), 3),
    TableFault("drained_backlog_is_out_of_reach", Rule.PULL_8, doing(Action.FAIL), 3, "isolate"),
    TableFault(
        "overwritten_pull_is_rejected",
        Rule.PULL_9,
        doing(Action.SUPERSEDE_WAITING, Action.WAIT),
        2,
        "plan-01",
    ),
    TableFault(
        "superseded_pull_dangles", Rule.PULL_10, doing(Action.ABANDON_WAITING, Action.WAIT), 2
    ),
    TableFault(
        "refused_pull_is_done",
        Rule.PULL_11,
        doing(Action.FINISH),
        2,
        "reference+overlapping_pull=refuse",
    ),
    TableFault("queued_pull_is_refused", Rule.PULL_12, doing(Action.REFUSE), 2, QUEUEING),
    TableFault("close_forgets_the_waiting_pull", Rule.CLOSE_2, leading_to(Control.WAITING), 2),
    TableFault("close_fails_the_waiting_pull", Rule.CLOSE_2, doing(Action.DELETE_WAITING), 2),
    TableFault("close_is_forgotten", Rule.CLOSE_3, in_phase(Phase.OPEN), 1),
    TableFault("close_undoes_the_error", Rule.CLOSE_5, in_phase(Phase.CLOSED), 2),
    TableFault(
        "error_finishes_the_waiting_pull",
        Rule.ERROR_2,
        doing(Action.SET_ERROR, Action.FINISH_WAITING),
        2,
    ),
    TableFault("error_is_a_close", Rule.ERROR_3, in_phase(Phase.CLOSED), 1),
    TableFault(
        "error_drops_what_it_should_hold",
        Rule.ERROR_4,
        leading_to(Control.ERRORED_EMPTY, Action.SET_ERROR, Action.DROP_QUEUED, Action.UNBLOCK),
        2,
    ),
    TableFault("error_after_close_is_ignored", Rule.ERROR_8, in_phase(Phase.CLOSED), 2),
    TableFault("first_error_stays", Rule.ERROR_10, without(Action.SET_ERROR), 2),
    TableFault(
        "last_error_stays",
        Rule.ERROR_11,
        doing(Action.SET_ERROR),
        2,
        "reference+repeated_error=keep",
    ),
    TableFault("the_unknown_is_not_full", Rule.IS_QUEUE_FULL_1, returning(False), 1),
    TableFault("full_is_not_full", Rule.IS_QUEUE_FULL_2, returning(False), 2),
    TableFault("everything_is_full", Rule.IS_QUEUE_FULL_3, returning(True), 1),
    TableFault("delete_finishes_the_pull", Rule.DELETE_3, doing(Action.FINISH_WAITING), 2),
    TableFault("cancelled_wait_goes_on", Rule.CANCEL_PULL_1, leading_to(Control.WAITING), 2),
    TableFault("given_back_chunk_is_lost", Rule.CANCEL_PULL_4, doing(Action.LET_GO), 3),
    TableFault("blocked_writers_are_forgotten", Rule.PULL_2, without(Action.UNBLOCK), 2),
)


def broken_table(fault: TableFault) -> tuple[Row, ...]:
    """The table of the fault's dialect with the fault in it."""
    return tuple(
        tuple(
            tuple(
                tuple(fault.change(entry) if entry.rule is fault.rule else entry for entry in pair)
                for pair in levels
            )
            for levels in row
        )
        for row in tabulate(Dialect.parse(fault.dialect))
    )
