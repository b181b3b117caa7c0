"""The laws of a registry: what holds in every run, whatever the dialect and limits.

Each law is a function from a history to what is wrong with it; the function's name is the law.
`check` asks all of them, and the two that compare runs, of anything that is called like `step`, so
that broken models can be asked too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from streamstate.model import Op, State
from tests.laws.chunks import chunks_are_first_in_first_out_none_lost_none_invented
from tests.laws.history import Happening, History, Law, Stepper, record
from tests.laws.policies import (
    backlogs_follow_their_policy,
    overlapping_pulls_follow_their_policy,
)
from tests.laws.producers import (
    pushes_tell_whether_they_were_accepted,
    those_who_look_first_never_overfill,
    unblocked_is_told_exactly_when_it_is_so,
)
from tests.laws.pulls import (
    pulls_have_settled_by_clear,
    pulls_settle_at_most_once,
    pulls_settle_at_once_or_wait,
    settlements_say_what_is_so,
)
from tests.laws.pushes import (
    pushes_are_accepted_in_their_order,
    pushes_are_turned_away_for_what_is_so,
    pushes_have_settled_by_clear,
    pushes_settle_at_most_once,
    pushes_wait_exactly_while_there_is_no_room,
)
from tests.laws.runs import Comparison, clear_is_delete_of_each, streams_live_as_if_alone
from tests.laws.streams import (
    effects_come_in_order,
    flags_and_error_value_follow_their_ops,
    looks_tell_the_truth_and_change_nothing,
    numbers_are_never_used_again,
    states_break_no_invariant,
    streams_come_and_go_by_their_ops,
    streams_do_not_disturb_each_other,
)

__all__ = [
    "COMPARISONS",
    "LAWS",
    "Comparison",
    "Happening",
    "History",
    "Law",
    "Stepper",
    "check",
    "check_history",
    "record",
]

LAWS: Final[tuple[Law, ...]] = (
    states_break_no_invariant,
    chunks_are_first_in_first_out_none_lost_none_invented,
    pulls_settle_at_most_once,
    pulls_have_settled_by_clear,
    pulls_settle_at_once_or_wait,
    settlements_say_what_is_so,
    overlapping_pulls_follow_their_policy,
    backlogs_follow_their_policy,
    numbers_are_never_used_again,
    streams_come_and_go_by_their_ops,
    streams_do_not_disturb_each_other,
    flags_and_error_value_follow_their_ops,
    effects_come_in_order,
    unblocked_is_told_exactly_when_it_is_so,
    looks_tell_the_truth_and_change_nothing,
    pushes_tell_whether_they_were_accepted,
    those_who_look_first_never_overfill,
    pushes_settle_at_most_once,
    pushes_are_accepted_in_their_order,
    pushes_wait_exactly_while_there_is_no_room,
    pushes_have_settled_by_clear,
    pushes_are_turned_away_for_what_is_so,
)

COMPARISONS: Final[tuple[Comparison, ...]] = (clear_is_delete_of_each, streams_live_as_if_alone)


def check_history(history: History) -> list[str]:
    """What is wrong with a run from a fresh registry on, each with the name of the law broken."""
    return [f"{law.__name__}: {wrong}" for law in LAWS for wrong in law(history)]


def check(step: Stepper, start: State, ops: Iterable[Op]) -> list[str]:
    """Runs `ops` from a fresh registry on and says what is wrong, law by law."""
    history = record(step, start, ops)
    return check_history(history) + [
        f"{law.__name__}: {wrong}" for law in COMPARISONS for wrong in law(step, history)
    ]
