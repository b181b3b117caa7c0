"""Adapters of registries with limits of zero: behind the starters, and with no other limits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import pytest

from streamstate.model import Limits, Rule
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Implementation
from streamstate.oracle.adapters.inprocess import Driven
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import Suite, default_plan
from streamstate.testing.driver import FactoryDriver
from tests.oracle import rendezvous_faults
from tests.oracle.test_waiting_starters import laid_out, unbuffered
from tests.oracle.waiting_faults import Fault
from tests.oracle.waiting_groups import unbuffered_only
from tests.oracle.waiting_registries import WAIT, first_shown, registry

ZERO = Limits(65_536, 0)
FAULTS = {
    "javascript": rendezvous_faults.IN_JAVASCRIPT,
    "python": rendezvous_faults.IN_PYTHON,
}


@pytest.mark.needs_node
@pytest.mark.parametrize("language", FAULTS)
def test_a_rendezvous_behind_a_starter_conforms_and_a_wrong_one_shows(
    language: str, tmp_path: Path
) -> None:
    command = laid_out(tmp_path, language, made=unbuffered)
    verdict = check(partial(ChildImplementation, command), WAIT, planner=offered_only)
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert verdict.tally.programs > 300
    assert verdict.tally.rules[Rule.PULL_15] > 50

    fault = FAULTS[language][0]
    command = laid_out(tmp_path, language, fault, made=unbuffered)
    assert first_shown(ChildImplementation(command), offered_only) is not None


def offered_only(model: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """The suites with a limit of zero, if the adapter offers one."""
    return unbuffered_only(model, capabilities, seed) if "unbuffered" in capabilities else iter(())


def test_an_adapter_with_a_fixed_limit_of_zero_is_asked_with_that() -> None:
    verdict = check(fixed, WAIT, planner=a_part)
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert verdict.tally.rules[Rule.PULL_15] > 50
    assert verdict.tally.rules[Rule.PULL_14] == 0, "nothing is ever queued"


def test_one_that_queues_a_chunk_all_the_same_is_told() -> None:
    wrong = rendezvous_faults.IN_PYTHON[0]
    assert wrong.name == "one_chunk_fits"
    verdict = check(partial(fixed, wrong), WAIT, planner=a_part)
    assert verdict.deviations[0].rule in wrong.causes
    assert verdict.deviations[0].limits == ZERO


def fixed(fault: Fault | None = None) -> Implementation:
    """A rendezvous whose limits nobody can set."""
    made = registry(fault)
    driver = FactoryDriver(lambda: made(ZERO.high_water_mark, ZERO.max_queue_chunks))
    assert "limits" not in driver.capabilities
    return Driven(driver, driver.name, "1", driver.capabilities, ZERO)


def a_part(model: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """A few programs of each suite of the default plan."""
    for suite in default_plan(model, capabilities, seed):
        if suite.complete is None:
            yield suite._replace(programs=islice(suite.programs, 0, 200, 5), interleaved=False)
