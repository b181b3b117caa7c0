"""Pushes that wait through a close: registries that do so conform, and broken ones are told."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from streamstate.cli.own_registry import own_registry
from streamstate.model import Dialect, Limits, Rule
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.checking import check, check_any
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.testing import assert_conforms
from tests.oracle.closing_faults import (
    IN_JAVASCRIPT,
    IN_PYTHON,
    THROUGH_IN_JAVASCRIPT,
    THROUGH_IN_PYTHON,
)
from tests.oracle.test_waiting_starters import laid_out
from tests.oracle.waiting_faults import Fault
from tests.oracle.waiting_groups import closing_too
from tests.oracle.waiting_registries import THROUGH, WAIT, opened, registry, waiting_only


def asked(opener: Opener, dialect: Dialect = THROUGH) -> Verdict:
    return check(opener, dialect, planner=closing_too)


@pytest.mark.thorough
def test_the_small_registry_conforms() -> None:
    verdict = asked(partial(opened, registry(THROUGH_IN_PYTHON)))
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert [each.complete for each in verdict.certificates] == [True] * 5
    assert verdict.tally.rules[Rule.CLOSE_7] > 100
    assert Rule.CLOSE_6 not in verdict.tally.rules


@pytest.mark.thorough
def test_the_registry_of_this_package_conforms() -> None:
    def made(limits: Limits) -> object:
        return own_registry(THROUGH, limits)

    verdict = asked(partial(InProcessImplementation, made, "streamstate", "1", cancels=True))
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert verdict.tally.rules[Rule.CLOSE_7] > 100


def test_its_dialect_is_recognised() -> None:
    verdict = check_any(partial(opened, registry(THROUGH_IN_PYTHON)), planner=waiting_only)
    assert (verdict.dialect, verdict.deviations) == (THROUGH, ())


CLOSED = '[["create"],["push",1,"YQ=="],["push",1,"Yg=="],["close",1]]'
ONE_CHUNK = Limits(max_queue_chunks=1)


@pytest.mark.parametrize(
    ("made", "dialect", "other"),
    [(registry(THROUGH_IN_PYTHON), WAIT, THROUGH), (registry(), THROUGH, WAIT)],
    ids=["leaves them waiting", "turns them away"],
)
def test_what_close_does_to_them_is_told_as_the_choice_of_another(
    made: type, dialect: Dialect, other: Dialect
) -> None:
    with pytest.raises(AssertionError) as told:
        assert_conforms(made, dialect=str(dialect), limits=ONE_CHUNK, programs=[CLOSED])
    assert f"answers as push_when_full={other.push_when_full} asks" in str(told.value)


def one_for_each_rule(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The rest is on the page that `python -m tests.oracle.waiting_page` makes."""
    return tuple({fault.rules: fault for fault in faults}.values())


@pytest.mark.thorough
@pytest.mark.parametrize("fault", one_for_each_rule(IN_PYTHON), ids=lambda fault: fault.name)
def test_a_broken_registry_is_told_by_its_rule(fault: Fault) -> None:
    made = registry(THROUGH_IN_PYTHON, fault)
    first, *_ = asked(partial(opened, made)).deviations
    assert first.rule in fault.causes


@pytest.mark.thorough
@pytest.mark.parametrize("fault", one_for_each_rule(IN_JAVASCRIPT), ids=lambda fault: fault.name)
def test_a_broken_registry_in_javascript_is_told_by_its_rule(fault: Fault, tmp_path: Path) -> None:
    command = laid_out(tmp_path, "javascript", THROUGH_IN_JAVASCRIPT, fault)
    first, *_ = check(
        partial(ChildImplementation, command), THROUGH, planner=waiting_only
    ).deviations
    assert first.rule in fault.causes
