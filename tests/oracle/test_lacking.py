"""An implementation that lacks ops, or has limits of its own, is asked for what it has."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from streamstate import __version__
from streamstate.model import Dialect, Limits, lattice
from streamstate.oracle.adapters.implementation import ExchangeError, Hello, Request, parse_hello
from streamstate.oracle.adapters.reference import ReferenceAdapter
from streamstate.oracle.checking import check, check_any
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import names_of, program_of, without
from streamstate.oracle.programs.rulesets import untold
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.reading import read_verdict
from streamstate.oracle.reports.wording import left_out
from streamstate.oracle.suites.plan import PlanError, Suite, default_plan, only
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import Json, parse_turns
from tests.oracle.test_reports import SCHEMA

HALF = Dialect.parse("isolate+push_when_full=refuse")
ONE_CHUNK = Limits(2**53 - 1, 1)


class Channel:
    """The model, as one who has nothing like `error`; `says` is what more its hello has."""

    def __init__(self, dialect: Dialect, says: Mapping[str, Any]) -> None:
        self._adapter = ReferenceAdapter(dialect, "1")
        self._lacks = set(says.get("lacks", ()))
        self._limits = says.get("limits")
        who = {"name": "a channel", "version": "1", "language": "Python"}
        hello = {"protocol": 1, "implementation": who, "capabilities": ["cancel"], **says}
        self.hello = parse_hello(json.dumps({"settle": "exact", **hello}).encode())

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        for request in requests:
            if any(names_of(each.op) & self._lacks for each in request.program):
                yield json.dumps({"seq": request.seq, "failed": "no such op"}).encode()
                continue
            line = json.loads(request.line())
            if self._limits is not None:
                assert line["limits"] == self._limits
            answer = self._adapter.answer(json.dumps(line).encode())
            assert answer is not None
            yield answer.encode()

    def close(self) -> None:
        """Nothing is open."""


FEW = {"structured", "chunk counts", "cancelling", "random cancels"}
WHOLE = {"complete: bytes at the limit", "complete: overlapping pulls"}


def some_suites(model: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """Some programs of some suites, and two that are complete."""
    for suite in default_plan(model, capabilities, seed):
        if suite.name in FEW:
            yield suite._replace(programs=islice(suite.programs, 0, 90, 1))
        elif suite.name in WHOLE:
            yield suite


def checked(dialect: Dialect, asked: Dialect | None = None, **says: Any) -> Verdict:
    opener = partial(Channel, dialect, says)
    if asked is None:
        return check_any(opener, planner=some_suites)
    return check(opener, asked, planner=some_suites)


@pytest.mark.parametrize("lacks", [["error"], ["close", "error"], ["is_queue_full"]])
def test_programs_run_without_what_is_lacking(lacks: list[str]) -> None:
    verdict = checked(HALF, HALF, lacks=lacks)
    assert verdict.exit_code == 0
    for rule in verdict.tally.rules:
        assert not rule.name.lower().startswith(tuple(f"{op}_" for op in lacks))
    assert not any(op in each.inputs for each in verdict.certificates for op in lacks)
    if lacks == ["is_queue_full"]:  # without it nobody sees that bytes are counted right
        assert [each.name for each in verdict.certificates] == ["overlapping pulls"]
    else:
        assert any(f"without {', '.join(lacks)}" in each.says for each in verdict.certificates)
    (said,) = (line for line in left_out(verdict) if "lacks" in line)
    assert ", ".join(lacks) in said


def test_what_differs_is_found_without_it_too() -> None:
    verdict = checked(HALF, Dialect.parse("isolate"), lacks=["error"])
    assert verdict.exit_code == 1
    assert verdict.nearest is not None
    assert verdict.nearest.dialect.push_when_full == "refuse"
    assert not verdict.nearest.deviating
    assert all("error" not in names_of(op) for found in verdict.deviations for op in found.program)


def test_what_cannot_be_told_is_said() -> None:
    verdict = checked(Dialect.parse("whatwg"), lacks=["error"])
    assert verdict.exit_code == 0
    assert verdict.untold == ("errored_backlog", "error_when_closed", "repeated_error")
    assert any("no answer tells" in line for line in left_out(verdict))


def test_all_policies_can_be_told_where_nothing_lacks() -> None:
    assert {untold(dialect, frozenset()) for dialect in lattice()} == {()}


def test_limits_of_one_chunk_are_not_misread() -> None:
    limits = {"high_water_mark": ONE_CHUNK.high_water_mark, "max_queue_chunks": 1}
    verdict = checked(HALF, limits=limits)
    assert (verdict.exit_code, verdict.dialect) == (0, HALF)
    assert {each.limits for each in verdict.certificates} == {ONE_CHUNK}
    deviating = checked(HALF, Dialect.parse("isolate"), limits=limits)
    assert deviating.exit_code == 1
    assert {each.limits for each in deviating.deviations} == {ONE_CHUNK}


def test_reports_have_both() -> None:
    limits = {"high_water_mark": 8, "max_queue_chunks": 1}
    verdict = checked(HALF, HALF, lacks=["error"], limits=limits)
    report = as_json(verdict, __version__)
    Draft202012Validator(SCHEMA).validate(report)
    hello = read_verdict(json.dumps(report).encode(), "it", __version__).hello
    assert hello is not None
    assert hello.lacks == frozenset({"error"})
    assert hello.limits == Limits(8, 1)


def test_a_single_program_that_has_it_is_refused() -> None:
    program = program_of(parse_turns([["create"], ["error", 1, "e"]]))
    with pytest.raises(PlanError, match="the adapter lacks error"):
        check(partial(Channel, HALF, {"lacks": ["error"]}), HALF, planner=only(program))


def test_a_single_program_runs_with_the_limits_that_there_are() -> None:
    program = program_of(parse_turns([["create"], ["push", 1, "YQ=="], ["is_queue_full", 1]]))
    limits = {"high_water_mark": ONE_CHUNK.high_water_mark, "max_queue_chunks": 1}
    opener = partial(Channel, HALF, {"limits": limits})
    for asked in (None, ONE_CHUNK):
        assert check(opener, HALF, planner=only(program, asked)).exit_code == 0
    with pytest.raises(PlanError, match="does not offer limits"):
        check(opener, HALF, planner=only(program, Limits(1, 1)))


def test_a_turn_together_loses_what_is_lacking() -> None:
    turns: list[Json] = [
        ["create"],
        ["together", ["pull", 1], ["error", 1, "e"]],
        ["together", ["close", 1]],
    ]
    left = without(program_of(parse_turns(turns)), frozenset({"error", "close"}))
    assert [each.text for each in left] == ['["create"]', '["together",["pull",1]]']


@pytest.mark.parametrize(
    ("says", "wrong"),
    [
        ({"lacks": ["push"]}, "it lacks"),
        ({"lacks": "error"}, "it lacks"),
        ({"lacks": ["error", "error"]}, "it lacks"),
        ({"limits": {"high_water_mark": -1, "max_queue_chunks": 1}}, "at least 0"),
        ({"limits": {"max_queue_chunks": 1}}, "expected"),
        (
            {
                "limits": {"high_water_mark": 1, "max_queue_chunks": 1},
                "capabilities": ["limits"],
            },
            "offers to take others",
        ),
    ],
)
def test_what_no_hello_may_say_is_named(says: Mapping[str, Any], wrong: str) -> None:
    with pytest.raises(ExchangeError, match=wrong):
        Channel(HALF, says)


def test_a_hello_without_either_is_as_before() -> None:
    assert Channel(HALF, {}).hello == Hello(
        "a channel", "1", "Python", frozenset({"cancel"}), exact=True
    )
