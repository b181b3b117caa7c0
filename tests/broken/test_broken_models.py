"""Every model with a wrong rule breaks a law, whatever it would agree with; the sound one none.

The laws know nothing of the table, so this is what stands between the table and its authors.
"""

from __future__ import annotations

from random import Random

import pytest

from streamstate.model import Dialect, Limits, initial, step
from streamstate.model import stream as reacting
from tests.broken.tables import TABLE_FAULTS, TableFault, broken_table
from tests.laws import check
from tests.strategies import random_program

RUNS = 60
LENGTH = 40


def broken_law(fault: TableFault) -> str | None:
    """The first law that shows to be broken, in runs that are always the same."""
    dialect = Dialect.parse(fault.dialect)
    for seed in range(RUNS):
        limits = Limits(3, 2) if seed % 2 else Limits()
        wrong = check(step, initial(dialect, limits), random_program(Random(seed), LENGTH))
        if wrong:
            return wrong[0].partition(":")[0]
    return None


@pytest.mark.parametrize("fault", TABLE_FAULTS, ids=lambda fault: fault.name)
def test_model_with_a_wrong_rule_breaks_a_law(
    fault: TableFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = broken_table(fault)
    monkeypatch.setattr(reacting, "tabulate", lambda _dialect: table)
    assert broken_law(fault) is not None
