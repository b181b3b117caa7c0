"""Each fault violates the rule that it names and no other.

That every rule has such a fault is for `tests/test_traceability.py` to say.
"""

from __future__ import annotations

import pytest

from streamstate.model import Dialect, advance
from streamstate.model import stream as reacting
from tests.agreement import exhaustive, twin
from tests.broken.hunting import shortest
from tests.broken.step_fault import StepFault
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS, TableFault, broken_table
from tests.broken.violations import steps_taken, violated
from tests.broken.waits import WAIT_STEP_FAULTS, WAIT_TABLE_FAULTS


@pytest.mark.parametrize("fault", TABLE_FAULTS + WAIT_TABLE_FAULTS, ids=lambda fault: fault.name)
def test_wrong_table_violates_its_rule_and_no_other(
    fault: TableFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = Dialect.parse(fault.dialect)
    ops = max(fault.steps, 3)
    steps_taken(dialect, ops, fault.limits)  # while the table is right
    table = broken_table(fault)
    monkeypatch.setattr(reacting, "tabulate", lambda *_: table)
    assert violated(dialect, advance, ops, fault.limits) == {fault.rule, *fault.also}


@pytest.mark.parametrize("fault", STEP_FAULTS + WAIT_STEP_FAULTS, ids=lambda fault: fault.name)
def test_wrong_step_violates_its_rule_and_no_other(fault: StepFault) -> None:
    assert violated(Dialect.parse(fault.dialect), fault.advance) == {fault.rule}


@pytest.mark.needs_pure
@pytest.mark.parametrize("fault", STEP_FAULTS + WAIT_STEP_FAULTS, ids=lambda fault: fault.name)
def test_registry_and_model_are_broken_alike(
    fault: StepFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So what is shown of the model, that no other rule is violated, holds of the registry."""
    fault.patch(monkeypatch)
    for module in (exhaustive, twin):
        monkeypatch.setattr(module, "advance", fault.advance)
    assert shortest(Dialect.parse(fault.dialect), most=3) == 0
