"""What the walk says cannot be is taken by no program, and the page says what it finds."""

from __future__ import annotations

from itertools import islice

import pytest

from streamstate.model import REFERENCE, Rule
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import default_plan, requests
from tests.sequences.page import DIALECTS, PAGE, WAITING
from tests.sequences.possible import possible
from tests.sequences.taken import taken


@pytest.mark.parametrize("name", DIALECTS)
def test_no_program_takes_what_is_not_possible(name: str) -> None:
    dialect = DIALECTS[name]
    can_be = possible(dialect)
    some = islice(requests(default_plan(CachedModel(dialect), {"get"})), 0, 6_000, 7)
    found = taken(dialect, some)
    assert len(found.triples) > 200
    assert found.pairs <= can_be.pairs
    assert found.triples <= can_be.triples
    assert found.in_a_row <= can_be.in_a_row


def test_what_nobody_can_do_is_not_possible() -> None:
    can_be = possible(REFERENCE)
    assert (Rule.DELETE_2, Rule.PUSH_5) not in can_be.pairs  # a number is never used again
    assert (Rule.PULL_3, Rule.PULL_2) not in can_be.pairs  # it waits, so nothing is queued
    assert (Rule.PULL_3, Rule.CLEAR_1) not in can_be.in_a_row
    assert (Rule.DELETE_2, Rule.PUSH_5) in can_be.in_a_row
    waits, through_close = map(possible, WAITING)
    assert (Rule.PUSH_9, Rule.CLEAR_1) not in waits.in_a_row
    assert (Rule.PULL_14, Rule.PULL_3) not in waits.pairs  # a push came in
    assert (Rule.PULL_14, Rule.CLOSE_6) in waits.pairs  # a small chunk may make no room
    assert (Rule.CLOSE_7, Rule.CLEAR_1) not in through_close.pairs  # pushes go on waiting
    assert (Rule.CLOSE_4, Rule.PULL_14, Rule.DELETE_4) in through_close.triples


def test_the_page_says_how_many_are_possible() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, dialect in DIALECTS.items():
        can_be = possible(dialect)
        assert f"| `{name}` | triples on one stream | {len(can_be.triples):,} |" in page
        assert f"| `{name}` | pairs on one stream | {len(can_be.pairs):,} |" in page


@pytest.mark.parametrize("name", DIALECTS)
def test_the_plan_takes_all_that_are_possible(name: str) -> None:
    dialect = DIALECTS[name]
    can_be = possible(dialect)
    suites = [
        suite for suite in default_plan(CachedModel(dialect), {"get"}) if suite.name in _TAKING
    ]
    found = taken(dialect, requests(suites))
    assert found.pairs == can_be.pairs
    assert found.triples == can_be.triples
    assert can_be.in_a_row - found.in_a_row <= _IN_COMPLETE_SUITES
    assert found.in_a_row <= can_be.in_a_row


_TAKING = {
    "structured",
    "one stream",
    "nothing made yet",
    "sequences",
    "side by side",
    "waiting pushes",
}

_IN_COMPLETE_SUITES = {(Rule.CLEAR_3, Rule.CLEAR_1)}
"""No other suite of the plan takes these."""
