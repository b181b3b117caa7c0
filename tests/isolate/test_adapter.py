"""The oracle reaches through the boundary: what guest code sees conforms, on every path."""

from __future__ import annotations

import sys

import pytest

from streamstate.isolate.adapter import PATHS
from streamstate.model import NAMED, REFERENCE
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.suites.plan import Planner, default_plan
from streamstate.oracle.verdict.verdict import Verdict
from tests.isolate.programs import deviating
from tests.oracle.small_plan import small_plan

ADAPTER = "streamstate.isolate.adapter"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", NAMED)
def test_it_answers_the_vectors_in_every_named_dialect(name: str, path: str) -> None:
    options = ("--dialect", name, "--path", path)
    assert deviating(ADAPTER, *options, dialect=NAMED[name]) == []


@pytest.mark.parametrize("path", PATHS)
def test_so_does_the_second_engine(path: str) -> None:
    options = ("--engine", "quickjs-rs", "--path", path)
    assert deviating(ADAPTER, *options, dialect=REFERENCE, step=20) == []


@pytest.mark.parametrize("path", PATHS)
def test_so_does_an_engine_in_a_process_of_its_own(path: str) -> None:
    options = ("--process", "--path", path)
    assert deviating(ADAPTER, *options, dialect=REFERENCE, step=10) == []


def conforms(planner: Planner, name: str, path: str) -> Verdict:
    command = (sys.executable, "-m", ADAPTER, "--path", path, "--dialect", name)
    verdict = check(lambda: ChildImplementation(command), NAMED[name], planner=planner)
    assert verdict.outcome == "conforms"
    assert verdict.tally.conforms_to == (name,)
    return verdict


@pytest.mark.thorough
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", NAMED)
def test_it_conforms_in_a_small_plan(name: str, path: str) -> None:
    conforms(small_plan, name, path)


@pytest.mark.thorough
def test_it_conforms_in_the_whole_default_plan() -> None:
    verdict = conforms(default_plan, "whatwg", "bytes")
    assert verdict.tally.programs >= 20_000
    assert verdict.unexercised() == ()
