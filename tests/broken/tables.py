"""Faults of the table: one rule that says something else. Model and registry both go by the table,
so each of these makes a broken model, or a broken registry, as one likes. For the rules that the
table does not do alone, see `steps`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from streamstate.model import (
    Action,
    Control,
    Dialect,
    Level,
    Limits,
    Phase,
    Rule,
    Transition,
    level_of_nothing,
    tabulate,
)
from streamstate.model.control import control_at
from streamstate.model.table import Entries
from streamstate.registry import situations as compiling
from streamstate.registry.record import Waiter
from tests.agreement.exhaustive import LIMITS
from tests.broken.patches import Patch, patching, together
from tests.broken.steps import cancel_and_bring_back, knowing_streams

QUEUEING: Final = "reference+overlapping_pull=queue"
NOTHING: Final = together()


@dataclass(frozen=True, slots=True)
class TableFault:
    """In `dialect`, wherever `rule` applies, do what `change` makes of it.

    `steps` is the length of the shortest program, after two creates, that shows it. `also` has the
    rules that are made of this one, and are violated with it. `besides`: what a registry needs for
    the fault to take hold, where it keeps something in another way than the model. `limits` are
    those with which it shows.
    """

    name: str
    rule: Rule
    change: Callable[[Transition], Transition]
    steps: int
    dialect: str = "reference"
    also: tuple[Rule, ...] = ()
    besides: Patch = NOTHING
    limits: Limits = LIMITS


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


def failing(transition: Transition) -> Transition:
    """The error takes hold of a closed stream, which stays closed and keeps its chunks."""
    control = control_at(Phase.CLOSED_ERRORED, transition.control.level)
    return replace(transition, control=control, actions=(Action.SET_ERROR, *transition.actions))


def dropping(transition: Transition) -> Transition:
    """The error drops what is queued, too."""
    control = control_at(transition.control.phase, Level.EMPTY)
    return replace(transition, control=control, actions=(Action.DROP_QUEUED, *transition.actions))


TABLE_FAULTS: Final = (
    TableFault("created_stream_is_closed", Rule.CREATE_1, leading_to(Control.CLOSED_EMPTY), 1),
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
    TableFault("pull_does_not_wait", Rule.PULL_3, leading_to(Control.OPEN_EMPTY, Action.FINISH), 1),
    TableFault(
        "closed_backlog_is_gone",
        Rule.PULL_4,
        leading_to(Control.CLOSED_EMPTY, Action.FINISH, Action.DROP_QUEUED),
        3,
    ),
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
    TableFault("close_makes_a_stream", Rule.CLOSE_1, leading_to(Control.CLOSED_EMPTY), 3),
    TableFault("close_forgets_the_waiting_pull", Rule.CLOSE_2, leading_to(Control.WAITING), 2),
    TableFault("close_fails_the_waiting_pull", Rule.CLOSE_2, doing(Action.DELETE_WAITING), 2),
    TableFault("close_is_forgotten", Rule.CLOSE_3, in_phase(Phase.OPEN), 1),
    TableFault("second_close_opens", Rule.CLOSE_4, in_phase(Phase.OPEN), 2),
    TableFault("close_undoes_the_error", Rule.CLOSE_5, in_phase(Phase.CLOSED), 2),
    TableFault(
        "error_makes_a_stream",
        Rule.ERROR_1,
        leading_to(Control.ERRORED_EMPTY, Action.SET_ERROR),
        3,
    ),
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
    TableFault("error_drops_what_it_should_drain", Rule.ERROR_5, dropping, 2, "isolate"),
    TableFault(
        "error_keeps_what_it_should_drop",
        Rule.ERROR_6,
        without(Action.DROP_QUEUED),
        2,
        "reference+errored_backlog=drop",
    ),
    TableFault(
        "error_after_close_counts",
        Rule.ERROR_7,
        failing,
        2,
        "reference+error_when_closed=ignore",
    ),
    TableFault("error_after_close_is_ignored", Rule.ERROR_8, in_phase(Phase.CLOSED), 2),
    TableFault(
        "error_after_close_keeps_what_it_should_drop",
        Rule.ERROR_9,
        without(Action.DROP_QUEUED),
        3,
        "reference+errored_backlog=drop",
    ),
    TableFault("first_error_stays", Rule.ERROR_10, without(Action.SET_ERROR), 2),
    TableFault(
        "last_error_stays",
        Rule.ERROR_11,
        doing(Action.SET_ERROR),
        2,
        "reference+repeated_error=keep",
    ),
    TableFault("error_after_the_end_counts", Rule.ERROR_12, failing, 2, "whatwg"),
    TableFault("the_unknown_is_not_full", Rule.IS_QUEUE_FULL_1, returning(False), 1),
    TableFault("full_is_not_full", Rule.IS_QUEUE_FULL_2, returning(False), 2),
    TableFault("everything_is_full", Rule.IS_QUEUE_FULL_3, returning(True), 1),
    TableFault("second_delete_makes_a_stream", Rule.DELETE_1, leading_to(Control.OPEN_EMPTY), 3),
    TableFault(
        "delete_finishes_the_pull",
        Rule.DELETE_3,
        doing(Action.FINISH_WAITING),
        2,
        also=(Rule.CLEAR_2,),
    ),
    TableFault("cancelled_wait_goes_on", Rule.CANCEL_PULL_1, leading_to(Control.WAITING), 2),
    TableFault(
        "one_cancel_ends_all_waits",
        Rule.CANCEL_PULL_2,
        leading_to(Control.OPEN_EMPTY, Action.LEAVE, Action.DELETE_WAITING),
        3,
        QUEUEING,
    ),
    TableFault(
        "chunk_to_hand_on_is_lost",
        Rule.CANCEL_PULL_3,
        leading_to(Control.WAITING, Action.LET_GO),
        4,
    ),
    TableFault("given_back_chunk_is_lost", Rule.CANCEL_PULL_4, doing(Action.LET_GO), 3),
    TableFault("chunk_to_hold_is_lost", Rule.CANCEL_PULL_5, doing(Action.LET_GO), 4),
    TableFault("chunk_to_drain_is_lost", Rule.CANCEL_PULL_6, doing(Action.LET_GO), 4, "isolate"),
    TableFault(
        "chunk_to_drop_comes_back",
        Rule.CANCEL_PULL_7,
        doing(Action.GIVE_BACK),
        4,
        "reference+errored_backlog=drop",
    ),
    TableFault(
        "chunk_brings_its_stream_back",
        Rule.CANCEL_PULL_8,
        leading_to(Control.OPEN_SOME, Action.GIVE_BACK, Action.UNBLOCK),
        4,
        besides=together(knowing_streams, patching(Waiter, "leave", cancel_and_bring_back)),
    ),
    TableFault("late_cancel_settles_again", Rule.CANCEL_PULL_9, doing(Action.FINISH), 3),
    TableFault("blocked_writers_are_forgotten", Rule.PULL_2, without(Action.UNBLOCK), 2),
)


def planting(*faults: TableFault) -> Patch:
    """Makes registries go by the broken table. Of several faults each is of another rule."""

    @cache
    def table(_dialect: Dialect, nothing: Level) -> tuple[Entries, ...]:
        return broken_table(*faults, nothing=nothing)

    table(Dialect(), level_of_nothing(faults[0].limits))  # while what it is made of is right
    besides = (fault.besides for fault in faults)
    return together(patching(compiling, "tabulate", table), *besides)


def broken_table(
    first: TableFault, *more: TableFault, nothing: Level | None = None
) -> tuple[Entries, ...]:
    """The table of the first fault's dialect with the faults in it, where a queue with nothing in
    it is at that level, by default with the fault's limits."""
    changes = {fault.rule: fault.change for fault in (first, *more)}

    def broken(entry: Transition) -> Transition:
        return changes[entry.rule](entry) if entry.rule in changes else entry

    return tuple(
        tuple(tuple(tuple(map(broken, pair)) for pair in levels) for levels in row)
        for row in tabulate(
            Dialect.parse(first.dialect),
            level_of_nothing(first.limits) if nothing is None else nothing,
        )
    )
