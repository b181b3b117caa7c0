"""The table: total, small, and the same whether asked or looked up."""

from __future__ import annotations

from functools import cache
from itertools import product

from streamstate.model import (
    BLOCKED,
    OF_THE_TABLE,
    Action,
    Control,
    Dialect,
    Event,
    Level,
    Phase,
    Transition,
    clear_rule,
    delta,
    lattice,
    pushes_wait,
    reachable,
    tabulate,
)

CELLS = tuple(product(Event, Control, Level, (False, True)))


@cache
def transitions(dialect: Dialect) -> tuple[Transition, ...]:
    return tuple(delta(dialect, at, event, after, others) for event, at, after, others in CELLS)


def looked_up(dialect: Dialect) -> tuple[Transition, ...]:
    table = tabulate(dialect)
    return tuple(table[event][at][after][others] for event, at, after, others in CELLS)


def test_table_has_2640_cells() -> None:
    assert len(CELLS) == 2640


def test_delta_is_total_and_does_at_most_four_things() -> None:
    for dialect in lattice():
        for cell, transition in zip(CELLS, transitions(dialect), strict=True):
            assert isinstance(transition, Transition), (dialect, cell)
            assert len(transition.actions) <= 4, (dialect, cell)


def test_some_transition_does_four_things() -> None:
    assert any(len(entry.actions) == 4 for d in lattice() for entry in transitions(d))


def test_tabulate_is_delta() -> None:
    for dialect in lattice():
        assert looked_up(dialect) == transitions(dialect)


def test_tabulate_shares_equal_entries_and_is_made_once() -> None:
    assert tabulate(Dialect()) is tabulate(Dialect())
    entries = looked_up(Dialect())
    assert len({id(entry) for entry in entries}) == len(set(entries)) < len(entries) / 5


def test_every_rule_has_a_cell_or_is_of_clear() -> None:
    rules = {entry.rule for dialect in lattice() for entry in transitions(dialect)}
    clearing = {clear_rule(pull, push) for pull, push in product((False, True), repeat=2)}
    assert rules | clearing == set(OF_THE_TABLE)
    assert not {rule for rule in rules if rule.name.startswith("CLEAR")}


def test_every_action_is_done_somewhere() -> None:
    entries = {entry for dialect in lattice() for entry in transitions(dialect)}
    assert {action for entry in entries for action in entry.actions} == set(Action)


def test_rule_of_a_cell_is_a_rule_of_its_op() -> None:
    ops = {Event.CANCEL_WAITING: "CANCEL_PULL", Event.CANCEL_HANDED: "CANCEL_PULL"}
    ops |= {Event.CANCEL_OTHER: "CANCEL_PULL", Event.SEEN_HANDED: "SEEN", Event.SEEN_OTHER: "SEEN"}
    ops |= {Event.CANCEL_WAITING_PUSH: "CANCEL_PUSH", Event.CANCEL_OTHER_PUSH: "CANCEL_PUSH"}
    for dialect in lattice():
        for (event, *_), entry in zip(CELLS, transitions(dialect), strict=True):
            assert entry.rule.name.rpartition("_")[0] == ops.get(event, event.name)


ANSWERING = {
    Event.PUSH,
    Event.IS_QUEUE_FULL,
    Event.CANCEL_WAITING_PUSH,
    Event.CANCEL_OTHER_PUSH,
}


def test_push_unless_it_waits_and_questions_answer_and_nothing_else_does() -> None:
    for dialect in lattice():
        for (event, *_), entry in zip(CELLS, transitions(dialect), strict=True):
            answers = event in ANSWERING and Action.WAIT_PUSH not in entry.actions
            assert isinstance(entry.returned, bool) == answers


def test_unblock_is_leaving_open_and_full_and_comes_last() -> None:
    for dialect in lattice():
        for (_, control, _, _), entry in zip(CELLS, transitions(dialect), strict=True):
            leaves = control in BLOCKED and entry.control not in BLOCKED
            assert entry.actions.count(Action.UNBLOCK) == leaves
            assert not leaves or entry.actions[-1] is Action.UNBLOCK


def test_absent_streams_come_by_create_only_and_go_by_delete_only() -> None:
    for dialect in lattice():
        for (event, control, _, _), entry in zip(CELLS, transitions(dialect), strict=True):
            absent = control.phase is Phase.ABSENT, entry.control.phase is Phase.ABSENT
            if absent == (True, False):
                assert event is Event.CREATE
            if absent == (False, True):
                assert event is Event.DELETE


def test_what_is_closed_or_errored_stays_so() -> None:
    closed = {Phase.CLOSED, Phase.CLOSED_ERRORED, Phase.CLOSING, Phase.ABSENT}
    errored = {Phase.ERRORED, Phase.CLOSED_ERRORED, Phase.ABSENT}
    for dialect in lattice():
        for (event, control, _, _), entry in zip(CELLS, transitions(dialect), strict=True):
            if event is Event.CREATE or control is Control.ABSENT:
                continue
            assert control.phase not in closed or entry.control.phase in closed
            assert control.phase not in errored or entry.control.phase in errored


def test_pushes_wait_where_their_policy_says_and_nowhere_else() -> None:
    for dialect in lattice():
        they_wait = dialect.push_when_full in ("wait", "wait_through_close")
        assert pushes_wait(dialect) == they_wait
        phases = {at.phase for at in reachable(dialect)}
        assert phases | {Phase.PUSHES_WAITING, Phase.CLOSING} == set(Phase)
        assert (Phase.CLOSING in phases) == (dialect.push_when_full == "wait_through_close")


BACKLOG = frozenset({"errored_backlog"})
ERRORED = (Phase.ERRORED, Phase.CLOSED_ERRORED)

MATTERING = {
    (Event.PUSH, Phase.OPEN): {"push_when_full"},
    (Event.PULL, Phase.WAITING): {"overlapping_pull"},
    (Event.CLOSE, Phase.PUSHES_WAITING): {"push_when_full"},
    (Event.ERROR, Phase.CLOSING): {"errored_backlog", "error_when_closed"},
    (Event.ERROR, Phase.OPEN): BACKLOG,
    (Event.ERROR, Phase.PUSHES_WAITING): BACKLOG,
    (Event.ERROR, Phase.CLOSED): {"errored_backlog", "error_when_closed"},
    **{(Event.PULL, phase): BACKLOG for phase in ERRORED},
    **{(Event.ERROR, phase): {"repeated_error"} for phase in ERRORED},
    **{(Event.CANCEL_HANDED, phase): BACKLOG for phase in ERRORED},
}
"""Which policy fields an event depends on where; on no others, and on none elsewhere."""


def test_policies_matter_where_their_rules_are_and_nowhere_else() -> None:
    found: dict[tuple[Event, Phase], set[str]] = {}
    for dialect in lattice():
        for other in lattice():
            if len(fields := dialect.difference(other)) != 1:
                continue
            pairs = zip(CELLS, transitions(dialect), transitions(other), strict=True)
            for (event, control, _, _), one, two in pairs:
                if one != two:
                    found.setdefault((event, control.phase), set()).update(fields)
    assert found == MATTERING
