"""The oracle reaches through the boundary: what guest code sees conforms, on every path."""

from __future__ import annotations

import sys

import pytest

from streamstate.isolate.adapter import PATHS
from streamstate.model import NAMED, REFERENCE, Dialect
from streamstate.oracle.child import ChildImplementation
from streamstate.oracle.plan import Planner, suites
from streamstate.oracle.verdict import Verdict, check
from tests.isolate.tiny_plan import tiny_plan
from tests.thorough import one_in

FEW = tiny_plan(40)
CASES = [(name, path) for path in PATHS for name in NAMED]


def verdict_on(dialect: Dialect, path: str, planner: Planner = FEW) -> Verdict:
    command = (sys.executable, "-m", "streamstate.isolate.adapter", "--path", path)
    told = (*command, "--dialect", str(dialect))
    return check(lambda: ChildImplementation(told), dialect, planner=planner)


@pytest.mark.parametrize(("name", "path"), one_in(5, CASES))
def test_it_conforms_in_the_dialect_on_the_path(name: str, path: str) -> None:
    verdict = verdict_on(NAMED[name], path)
    assert verdict.word == "conforms"
    assert verdict.tally.conforms_to == (name,)


@pytest.mark.thorough
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", NAMED)
def test_it_conforms_in_the_whole_default_plan(name: str, path: str) -> None:
    verdict = verdict_on(NAMED[name], path, suites)
    assert verdict.word == "conforms"
    assert verdict.tally.programs >= 20_000
    assert verdict.tally.conforms_to == (name,)
    assert verdict.unexercised() == ()


def test_the_second_engine_conforms() -> None:
    command = (sys.executable, "-m", "streamstate.isolate.adapter", "--engine", "quickjs-rs")
    verdict = check(lambda: ChildImplementation(command), REFERENCE, planner=tiny_plan(3))
    assert verdict.word == "conforms"
    assert verdict.tally.programs > 20
