"""Every fault of the shim is seen by the oracle, through the boundary; what is none is not."""

from __future__ import annotations

import sys

import pytest

from streamstate.model import REFERENCE
from streamstate.oracle.child import ChildImplementation
from streamstate.oracle.verdict import Verdict, check
from tests.broken.shims import FAULTS, SOUND
from tests.isolate.tiny_plan import tiny_plan
from tests.thorough import one_in


def verdict_on(name: str) -> Verdict:
    command = (sys.executable, "-m", "tests.broken.shims", name)
    return check(lambda: ChildImplementation(command), REFERENCE, planner=tiny_plan(40))


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_shim_conforms(name: str) -> None:
    assert verdict_on(name).word == "conforms"


@pytest.mark.parametrize("name", one_in(5, FAULTS))
def test_a_fault_is_caught(name: str) -> None:
    verdict = verdict_on(name)
    assert verdict.word == "deviates"
    assert all(len(deviation.program) <= 20 for deviation in verdict.deviations)
