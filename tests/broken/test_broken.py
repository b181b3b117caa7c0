"""Every broken registry is caught, by what, and in how many steps; the sound one never is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamstate.model import Dialect
from streamstate.registry import situations as compiling
from tests.agreement.exhaustive import DIALECTS
from tests.broken.hunting import shortest, walk
from tests.broken.shells import LOOP_FAULTS, SHELL_FAULTS, ShellFault
from tests.broken.step_fault import StepFault
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS, TableFault, planting
from tests.broken.waits import WAIT_SHELL_FAULTS, WAIT_STEP_FAULTS, WAIT_TABLE_FAULTS


@pytest.fixture(autouse=True)
def _compiled_anew() -> Iterator[None]:
    compiling.situations.cache_clear()
    yield
    compiling.situations.cache_clear()


@pytest.mark.needs_pure
@pytest.mark.parametrize("fault", TABLE_FAULTS + WAIT_TABLE_FAULTS, ids=lambda fault: fault.name)
def test_registry_with_a_wrong_rule_is_caught_by_short_sequences(
    fault: TableFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    planting(fault)(monkeypatch)
    assert shortest(Dialect.parse(fault.dialect), limits=fault.limits) == fault.steps


@pytest.mark.needs_pure
@pytest.mark.parametrize(
    "fault",
    SHELL_FAULTS + STEP_FAULTS + WAIT_SHELL_FAULTS + WAIT_STEP_FAULTS,
    ids=lambda fault: fault.name,
)
def test_registry_that_acts_wrongly_is_caught_by_short_sequences(
    fault: ShellFault | StepFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault.patch(monkeypatch)
    assert shortest(Dialect.parse(fault.dialect)) == fault.steps


@pytest.mark.needs_pure
@pytest.mark.parametrize("fault", LOOP_FAULTS, ids=lambda fault: fault.name)
def test_registry_that_loses_track_of_awaiters_is_caught_on_a_loop(
    fault: ShellFault, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault.patch(monkeypatch)
    assert walk(Dialect.parse(fault.dialect), seed=4) == fault.steps


def test_enough_faults() -> None:
    names = [fault.name for fault in (*TABLE_FAULTS, *STEP_FAULTS, *SHELL_FAULTS, *LOOP_FAULTS)]
    assert len(names) == len(set(names)) >= 30


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_sound_registry_is_not_caught(dialect: Dialect) -> None:
    assert shortest(dialect, most=3) == 0
    assert walk(dialect, seed=4) == 0
