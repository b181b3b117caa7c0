"""Faults that show only before all is quiet: without bursts none is seen, with them each is told
with the op that is not done when it returns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice

import pytest

from streamstate.model import REFERENCE, Create, Pull, Push
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import Planner, Suite, default_plan, only
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import Together
from tests.faults.bursts import IN_JAVASCRIPT, burst_faults, with_get
from tests.faults.edited import Edit, sound
from tests.faults.fault import Fault, Mode
from tests.faults.rows import read_rows
from tests.oracle import starters
from tests.oracle.small_plan import small_plan
from tests.thorough import one_in

FAULTS = {fault.key: fault for fault in burst_faults()}
LATE = "javascript_bursts/pull_is_handed_a_chunk_and_leaves_a_microtask_late"
CASES = [
    pytest.param(key, marks=[pytest.mark.needs_node] if key.startswith("javascript") else [])
    for key in FAULTS
]


def bursts(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """A third of the suites of bursts."""
    for suite in default_plan(machine, capabilities, seed):
        if "bursts" in suite.name:
            yield suite._replace(programs=islice(suite.programs, 0, None, 3), complete=None)


def others(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """The small plan without bursts."""
    for suite in small_plan(machine, capabilities, seed):
        if "bursts" not in suite.name:
            yield suite


def verdict_on(fault: Fault, planner: Planner) -> Verdict:
    with fault.plant(fault.modes[-1]) as opener:
        return check(opener, REFERENCE, planner=planner)


@pytest.mark.needs_node
@pytest.mark.parametrize("edit", one_in(12, IN_JAVASCRIPT), ids=lambda edit: edit.name)
def test_with_get_it_is_told_with_the_same_rules(edit: Edit) -> None:
    fault = with_get(edit)
    (deviation,) = verdict_on(fault, bursts).deviations
    assert deviation.rule in fault.causes


@pytest.mark.parametrize("key", one_in(9, CASES))
def test_a_fault_shows_in_bursts_and_nowhere_else(key: str) -> None:
    fault = FAULTS[key]
    quiet = verdict_on(fault, others)
    assert quiet.exit_code == 0
    assert quiet.tally.programs > 2_000
    (deviation,) = verdict_on(fault, bursts).deviations
    assert deviation.rule in fault.causes
    assert any(isinstance(turn, Together) for turn in deviation.program)
    assert "only when ops come in one turn" in deviation.why


def test_the_page_says_the_same_of_every_fault() -> None:
    rows = read_rows().faults
    for key, fault in FAULTS.items():
        for mode in fault.modes:
            row = rows[key][mode]
            assert row is not None, key
            assert row.first.suite.startswith("complete: bursts"), key
            assert row.rule in {rule.name for rule in fault.causes}, key
            assert row.deviations == 1, key


BURST = program_of((Create(), Pull(1), Together((Push(1, b"a"), Push(1, b"b"))), Pull(1)))


@pytest.mark.needs_node
def test_a_pull_that_leaves_late_swallows_the_second_push() -> None:
    with FAULTS[LATE].plant(Mode.BLACK_BOX) as opener:
        verdict = check(opener, REFERENCE, planner=only(BURST))
        (deviation,) = verdict.deviations
        assert (deviation.rule.name, deviation.seen_at.name) == ("PUSH_4", "PULL_2")
        said = " ".join(" ".join(line.text for line in as_text(verdict)).split())
        assert "It happens only when ops come in one turn: with quiet after push(1, " in said
        assert re.search(r"not done yet when push\(1, [^)]*\) comes right after it", said)
        alone = program_of((Create(), Pull(1), Push(1, b"a"), Push(1, b"b"), Pull(1)))
        assert check(opener, REFERENCE, planner=only(alone)).exit_code == 0
    whole = sound(starters.JAVASCRIPT)
    assert check(lambda: ChildImplementation(whole), REFERENCE, planner=only(BURST)).exit_code == 0
