"""Every model with a wrong rule breaks a law, whatever it would agree with; the sound one none.

The laws know nothing of the table, so this is what stands between the table and its authors.
"""

from __future__ import annotations

from random import Random

import pytest

from streamstate.model import (
    Dialect,
    Effect,
    Limits,
    Op,
    State,
    initial,
    pushes_wait,
    step,
)
from streamstate.model import stream as reacting
from tests.agreement.exhaustive import LIMITS
from tests.broken.step_fault import StepFault
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS, TableFault, broken_table
from tests.broken.waits import WAIT_STEP_FAULTS, WAIT_TABLE_FAULTS
from tests.laws import Stepper, check
from tests.strategies import random_program

RUNS = 60
LENGTH = 40


def broken_law(name: str, step: Stepper, small: Limits = LIMITS) -> str | None:
    """The first law that shows to be broken, in runs that are always the same."""
    dialect = Dialect.parse(name)
    for seed in range(RUNS):
        limits = small if seed % 2 else Limits()
        program = random_program(Random(seed), LENGTH, pushes=pushes_wait(dialect))
        wrong = check(step, initial(dialect, limits), program)
        if wrong:
            return wrong[0].partition(":")[0]
    return None


@pytest.mark.parametrize("fault", TABLE_FAULTS + WAIT_TABLE_FAULTS, ids=lambda fault: fault.name)
def test_model_with_a_wrong_rule_breaks_a_law(
    fault: TableFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = broken_table(fault)
    monkeypatch.setattr(reacting, "tabulate", lambda *_: table)
    assert broken_law(fault.dialect, step, fault.limits) is not None


@pytest.mark.parametrize("fault", STEP_FAULTS + WAIT_STEP_FAULTS, ids=lambda fault: fault.name)
def test_model_with_a_wrong_step_breaks_a_law(fault: StepFault) -> None:
    def wrong(state: State, op: Op) -> tuple[State, tuple[Effect, ...]]:
        taken = fault.advance(state, op)
        return taken.state, taken.effects

    assert broken_law(fault.dialect, wrong) is not None
