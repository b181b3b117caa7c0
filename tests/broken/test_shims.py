"""Every fault of the shim shows through the boundary; what is none does not."""

from __future__ import annotations

import sys

import pytest

from streamstate.model import REFERENCE
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from tests.broken.shims import FAULTS, SOUND
from tests.isolate.programs import deviating
from tests.oracle.small_plan import small_plan

SHIMS = "tests.broken.shims"


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_shim_deviates_nowhere(name: str) -> None:
    assert deviating(SHIMS, name, dialect=REFERENCE) == []


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 12


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_shows(name: str) -> None:
    assert deviating(SHIMS, name, dialect=REFERENCE) != []


@pytest.mark.thorough
@pytest.mark.parametrize("name", list(FAULTS)[::6])
def test_the_oracle_refuses_it(name: str) -> None:
    command = (sys.executable, "-m", SHIMS, name)
    verdict = check(lambda: ChildImplementation(command), REFERENCE, planner=small_plan)
    assert verdict.outcome == "deviates"
