"""Mistakes planted in a black box are found: the rule is named, and what is done there."""

from __future__ import annotations

import pytest

from streamstate.model import (
    REFERENCE,
    Close,
    Create,
    Idle,
    Op,
    Pull,
    Push,
    Rule,
    Step,
    advance,
    initial,
)
from streamstate.oracle.adapters.implementation import Implementation
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.hypotheses.application import Application, Change
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.guards import Guard, guards
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.search import Explanation, explanations
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.verdict.deviation import Deviation
from tests.oracle.planted import (
    REVERSED,
    Planted,
    change_that,
    changing_chunks,
    finding_of,
    machine,
    runner_with,
    runs_of,
    shortest_finding,
    some_planned,
)
from tests.thorough import one_in

BLACK_BOX: tuple[str, ...] = ()
SHOWN = ("get",)


THOROUGH = pytest.mark.thorough


def found_in(planted: Planted) -> list[Explanation]:
    runner = runner_with(planted)
    return explanations(machine(), shortest_finding(runner), runs_of(runner), Effort())


@pytest.mark.parametrize(
    ("says", "rules", "found"),
    one_in(
        3,
        [
            ("frees the number", [Rule.CLEAR_1], "starts the numbering again"),
            (
                "leaves the stream closed and errored",
                [Rule.CLOSE_3],
                "leaves the stream errored and not closed",
            ),
            ("removes the stream", [Rule.PULL_5], ""),
            ("keeps a settled pull waiting", [Rule.PUSH_4], ""),
            ("does not keep the error value", [Rule.ERROR_10], ""),
            ("puts the pushed chunk first in the queue", [Rule.PUSH_5], ""),
            ("counts the size twice", [Rule.PULL_2], ""),
            ("does what a delete does", [Rule.CLOSE_3], "removes the stream"),
            ("hands over the newest chunk", [Rule.PULL_2], ""),
            ("spoils the pushed chunk", [Rule.PUSH_4, Rule.PUSH_5], ""),
            ("does nothing", [Rule.CLOSE_2, Rule.CLOSE_3], "leaves the stream as it was"),
        ],
    ),
)
def test_a_planted_mistake_is_found_in_a_black_box(
    says: str, rules: list[Rule], found: str
) -> None:
    """In its own words, or in those of one that is the same from outside."""
    best, *_ = found_in(Planted(change_that(says), rules, capabilities=BLACK_BOX))
    assert best.rule in rules
    assert best.hypothesis == Hypothesis(frozenset(rules), change_that(found or says))
    assert best.score.open == ()


@pytest.mark.parametrize(
    ("says", "at", "broken"),
    one_in(
        2,
        [
            ("spoils the numbers", Rule.CLOSE_3, Rule.CREATE_1),
            ("frees the number", Rule.DELETE_2, Rule.CREATE_1),
            ("spoils the numbers", Rule.DELETE_1, Rule.DELETE_1),
            ("starts the numbering again", Rule.CLEAR_1, Rule.CLEAR_1),
        ],
    ),
)
def test_who_tampers_with_the_numbers_breaks_the_rule_of_create(
    says: str, at: Rule, broken: Rule
) -> None:
    """But a clear is told to leave them, and some rules to do nothing at all."""
    best, *_ = found_in(Planted(change_that(says), [at], capabilities=BLACK_BOX))
    assert best.hypothesis == Hypothesis(frozenset({at}), change_that(says))
    assert best.rule is broken


A_CHUNK = (Create(), Push(1, b"a"))


@pytest.mark.parametrize(
    ("says", "rule", "guarded", "ops"),
    one_in(
        2,
        [
            (
                "leaves the stream as it was",
                Rule.PUSH_5,
                "the chunk is empty",
                (Create(), Push(1, b""), Pull(1)),
            ),
            (
                "leaves the stream as it was",
                Rule.CLOSE_3,
                "the number of queued chunks is 1",
                (*A_CHUNK, Close(1), Push(1, b"b")),
            ),
            (
                "leaves the stream as it was",
                Rule.CLOSE_3,
                "the number of the stream is 2 or more",
                (Create(), Create(), Close(2), Push(2, b"")),
            ),
            (
                "removes the stream",
                Rule.PULL_2,
                "the number of queued chunks is 1",
                (*A_CHUNK, Pull(1), Push(1, b"b")),
            ),
        ],
    ),
)
def test_a_mistake_made_now_and_then_is_found_with_when_it_is_made(
    says: str, rule: Rule, guarded: str, ops: tuple[Op, ...]
) -> None:
    last = max(at for at in range(len(ops)) if _rule_of(ops, at) is rule)
    (guard,) = (each for each in guards(_occasion(ops, last)) if each.says == guarded)
    runner = runner_with(Planted(change_that(says), [rule], guard, BLACK_BOX))
    assert runner.try_one(program_of(ops[:last]), None) is None
    best, *_ = explanations(machine(), finding_of(runner, *ops), runs_of(runner), Effort())
    assert best.rule is rule
    assert best.hypothesis.change == change_that(says)
    assert best.hypothesis.guard.says == guarded
    assert best.score.open == ()


def _occasion(ops: tuple[Op, ...], at: int) -> Application:
    state = initial()
    for op in ops[:at]:
        state = advance(state, op).state
    return Application(state, ops[at], advance(state, ops[at]))


def _rule_of(ops: tuple[Op, ...], at: int) -> Rule:
    return _occasion(ops, at).step.rule


def checked(planted: Implementation) -> list[Deviation]:
    return list(check(lambda: planted, REFERENCE, planner=some_planned).deviations)


def test_one_that_makes_no_mistake_conforms() -> None:
    assert checked(Planted(Change("makes none", lambda each: each.step), list(Rule))) == []


@pytest.mark.parametrize(
    ("says", "rule", "capabilities", "told"),
    one_in(
        3,
        [
            ("starts the numbering again", Rule.CLEAR_1, SHOWN, ""),
            ("puts the pushed chunk first in the queue", Rule.PUSH_5, BLACK_BOX, ""),
            ("leaves the stream as it was", Rule.CLEAR_2, SHOWN, "always answers wrongly"),
        ],
    ),
)
def test_a_verdict_names_the_rule_once_and_says_what_is_wrong_there(
    says: str, rule: Rule, capabilities: tuple[str, ...], told: str
) -> None:
    (deviation,) = checked(Planted(change_that(says), [rule], capabilities=capabilities))
    assert deviation.rule is rule
    assert deviation.or_else == ()
    assert deviation.why.startswith(f"Probably at {rule.name} it {told or says} (")


def test_where_two_rules_may_be_wrong_from_outside_both_are_said() -> None:
    counts = change_that("counts chunks as bytes")
    (deviation,) = checked(Planted(counts, [Rule.PUSH_5], capabilities=BLACK_BOX))
    assert (deviation.rule, deviation.or_else) == (Rule.IS_QUEUE_FULL_2, (Rule.PUSH_5,))
    assert ", or at PUSH_5 it " in deviation.why


@THOROUGH
def test_two_mistakes_at_once_are_two_deviations() -> None:
    cut = changing_chunks(lambda chunk: chunk.partition(b"\0")[0])
    kept = change_that("leaves the stream as it was")

    def made(application: Application) -> Step:
        change = cut if application.step.rule is Rule.PUSH_5 else kept
        return change.made(application)

    both = Planted(Change("both", made), [Rule.PUSH_5, Rule.CLOSE_2])
    rules = [each.rule for each in checked(both)]
    assert sorted(rule.name for rule in rules) == ["CLOSE_2", "PUSH_5"]


def test_chunks_that_come_out_wrong_everywhere_are_blamed_on_the_push_where_nothing_fits() -> None:
    def is_falling(application: Application) -> bool:
        stream = application.step.state.find(1)
        chunks = stream.queue.chunks() if isinstance(stream, Idle) else ()
        return chunks[:1] > chunks[-1:]

    turned = REVERSED
    rules, guard = [Rule.PUSH_5], Guard("the oldest chunk is the larger one", is_falling)

    def opener() -> Implementation:
        return Planted(turned, rules, guard, BLACK_BOX)

    (deviation,) = check(opener, REFERENCE, planner=some_planned).deviations
    assert deviation.rule is Rule.PUSH_5
    assert deviation.or_else == (Rule.PULL_2, Rule.PULL_4)
    assert deviation.why == (
        "Wrong chunks come out at PULL_2 and PULL_4 alike, so they were probably spoilt where they"
        " are queued, at PUSH_5."
    )
