"""Where an answer is wrong the implementation's own view stands beside it, where it has one."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import pytest

from streamstate.model import REFERENCE, Chunk, Create, Pull, Resolved, Returned, Rule, Step
from streamstate.oracle.adapters.implementation import Implementation
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.hypotheses.application import Application, Change
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.remarks import explanation
from streamstate.oracle.verdict.deviation import Deviation, Kind, OwnView
from streamstate.oracle.verdict.verdict import Verdict
from tests.oracle.planted import Planted, change_that, some_planned


def _refuses(application: Application) -> Step:
    others = tuple(each for each in application.step.effects if not isinstance(each, Returned))
    return application.step._replace(effects=(Returned(False), *others))


def _hands_nothing(application: Application) -> Step:
    effects = (
        Resolved(each.pull, Chunk(b"")) if isinstance(each, Resolved) else each
        for each in application.step.effects
    )
    return application.step._replace(effects=tuple(effects))


SAYS_NO = Change("queues the chunk and says that it does not", _refuses)
HANDS_NOTHING = Change("hands over an empty chunk", _hands_nothing)
FORGETS = change_that("leaves the stream as it was")


@cache
def verdict_on(change: Change, rule: Rule, capabilities: Collection[str]) -> Verdict:
    def opener() -> Implementation:
        return Planted(change, [rule], capabilities=capabilities)

    return check(opener, REFERENCE, planner=some_planned)


def deviation_of(change: Change, rule: Rule, *capabilities: str) -> Deviation:
    (deviation,) = verdict_on(change, rule, capabilities).deviations
    return deviation


def test_a_wrong_answer_over_a_right_state_shows_as_that() -> None:
    deviation = deviation_of(SAYS_NO, Rule.PUSH_5, "get")
    assert deviation.difference.kind is Kind.RETURNED
    view = deviation.own_view
    assert view is not None
    assert view.observed == view.expected != None  # noqa: E711  # both are views of a stream
    assert "Right after that, get(1) shows" in explanation(deviation)
    assert explanation(deviation).count("as it should") == 1


@pytest.mark.thorough
def test_the_view_is_that_right_after_the_op_that_differs() -> None:
    deviation = deviation_of(HANDS_NOTHING, Rule.PULL_2, "get")
    assert deviation.program[0] == Create()
    assert deviation.program[-1] == Pull(1)
    view = deviation.own_view
    assert isinstance(view, OwnView)
    assert view.stream == 1
    assert isinstance(view.observed, dict)
    assert view.observed["queue"] == []


@pytest.mark.thorough
def test_where_a_view_is_what_differs_it_is_not_said_again() -> None:
    deviation = deviation_of(FORGETS, Rule.CLOSE_3, "get")
    assert deviation.difference.kind is Kind.VIEW
    assert deviation.own_view is None


def test_a_black_box_shows_none() -> None:
    deviation = deviation_of(SAYS_NO, Rule.PUSH_5)
    assert deviation.own_view is None
    assert "Right after" not in explanation(deviation)


def test_the_report_has_both_sides() -> None:
    (reported,) = _reported(SAYS_NO, "get")
    assert set(reported["own_view"]) == {"stream", "expected", "observed"}
    (reported,) = _reported(SAYS_NO)
    assert reported["own_view"] is None


def _reported(change: Change, *capabilities: str) -> list[dict[str, dict[str, object]]]:
    found = as_json(verdict_on(change, Rule.PUSH_5, capabilities), "1")["deviations"]
    assert isinstance(found, list)
    return found
