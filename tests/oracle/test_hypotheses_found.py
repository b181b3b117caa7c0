"""Mistakes planted in a black box are found: the rule is named, and what is done there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamstate.model import (
    REFERENCE,
    Close,
    Create,
    Error,
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
from streamstate.oracle.diagnosis.hypotheses.evidence import Run
from streamstate.oracle.diagnosis.hypotheses.fitting import Runs, Score, explains
from streamstate.oracle.diagnosis.hypotheses.guards import Guard, guards
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.search import Explanation, explanations
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.verdict.deviation import Deviation, Kind
from tests.oracle.planted import (
    Planted,
    change_that,
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
            ("leaves the oldest stream of all as it was", [Rule.CLEAR_2], ""),
            ("does what a delete does", [Rule.CLOSE_3], "removes the stream"),
            ("cuts the pushed chunk at a zero byte", [Rule.PUSH_5], ""),
            ("acts on the first stream", [Rule.PUSH_5], ""),
            ("takes 3 bits of the number", [Rule.PULL_2], ""),
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
                "the stream is 2 or a later one",
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
    return Application(state, ops[at], advance(state, ops[at]), at)


def _rule_of(ops: tuple[Op, ...], at: int) -> Rule:
    return _occasion(ops, at).step.rule


class TestFindings:
    """What a finding is explained by, of an implementation that forgets to close."""

    planted = Planted(change_that("leaves the stream open"), [Rule.CLOSE_3])
    runner = runner_with(planted)
    finding = finding_of(runner, Create(), Close(1), Push(1, b""))

    @pytest.mark.parametrize("kind", [Kind.LATE, Kind.FAILED])
    def test_what_is_late_or_no_answer_is_not_explained(self, kind: Kind) -> None:
        runs = runs_of(self.runner)
        assert explanations(machine(), self.finding, runs, Effort())
        untold = replace(self.finding, difference=replace(self.finding.difference, kind=kind))
        assert explanations(machine(), untold, runs, Effort()) == []

    @pytest.mark.parametrize("effort", [Effort(0), Effort(is_over=lambda: True)])
    def test_where_no_effort_is_left_nothing_is_searched(self, effort: Effort) -> None:
        assert explanations(machine(), self.finding, runs_of(self.runner), effort) == []

    def test_a_single_wrong_answer_is_not_enough(self) -> None:
        program = self.finding.program
        once = Runs(machine(), [Run(program, machine().expect(program), self.finding.difference)])
        assert explanations(machine(), self.finding, once, Effort()) == []

    def test_what_answers_otherwise_explains_nothing(self) -> None:
        def at(rule: Rule, says: str) -> Hypothesis:
            return Hypothesis(frozenset({rule}), change_that(says))

        opened = at(Rule.CLOSE_3, "leaves the stream as it was")
        assert explains(machine(), opened, self.finding)
        removed = at(Rule.CLOSE_3, "removes the stream")
        assert not explains(machine(), removed, self.finding)
        unnoticed = at(Rule.CLOSE_2, "leaves the stream as it was")
        assert not explains(machine(), unnoticed, self.finding)


class TestScore:
    """How hypotheses fit three runs, of which the second and the third deviate."""

    planted = Planted(change_that("leaves the stream as it was"), [Rule.CLOSE_3, Rule.PULL_2])
    runner = runner_with(planted)
    right = program_of((Create(), Push(1, b"a"), Error(1, "e"), Pull(1)))
    opened = program_of((Create(), Close(1), Push(1, b"")))
    kept = program_of((*A_CHUNK, Pull(1), Pull(1)))

    def runs(self) -> Runs:
        return Runs(
            machine(),
            [
                Run(each, machine().expect(each), None if found is None else found.difference)
                for each in (self.right, self.opened, self.kept)
                for found in (self.runner.try_one(each, None),)
            ],
        )

    def score(self, says: str, *rules: Rule) -> Score | Run:
        return self.runs().score(Hypothesis(frozenset(rules), change_that(says)), Effort())

    def test_what_is_not_explained_is_left_open(self) -> None:
        score = self.score("leaves the stream as it was", Rule.CLOSE_3)
        assert isinstance(score, Score)
        assert score.explained == {self.opened}
        assert [run.program for run in score.open] == [self.kept]
        assert score.share == 0.5

    def test_several_rules_explain_more(self) -> None:
        both = self.score("leaves the stream as it was", Rule.CLOSE_3, Rule.PULL_2)
        assert isinstance(both, Score)
        assert both.explained == {self.opened, self.kept}
        assert both.share == 1

    def test_a_run_that_went_well_speaks_against_a_wrong_answer_there(self) -> None:
        against = self.score("leaves the stream as it was", Rule.ERROR_4, Rule.CLOSE_3)
        assert isinstance(against, Run)
        assert (against.program, against.difference) == (self.right, None)

    def test_a_run_that_went_wrong_in_another_way_speaks_against_it(self) -> None:
        against = self.score("removes the stream", Rule.PULL_2)
        assert isinstance(against, Run)
        assert against.program == self.kept

    def test_a_run_that_went_wrong_only_later_speaks_against_it(self) -> None:
        against = self.runs().score(Hypothesis(frozenset({Rule.PULL_2}), None), Effort())
        assert isinstance(against, Run)
        assert against.program == self.kept

    def test_a_run_that_spoke_against_one_is_asked_first_about_the_next(self) -> None:
        runs = self.runs()
        asked: list[Op] = []

        def noted(application: Application) -> bool:
            asked.append(application.op)
            return True

        removing = change_that("removes the stream")
        runs.score(Hypothesis(frozenset({Rule.PULL_2}), removing), Effort())
        both = frozenset({Rule.CLOSE_3, Rule.PULL_2})
        runs.score(Hypothesis(both, removing, Guard("noted", noted)), Effort())
        assert isinstance(asked[0], Pull)

    def test_the_programs_that_deviate_alike_are_those_of_one_rule_and_kind(self) -> None:
        (alike,) = self.runs().alike(Rule.PUSH_2, Kind.RETURNED)
        assert alike.program == self.opened
        assert self.runs().alike(Rule.PUSH_2, Kind.OUTCOME) == ()


def checked(planted: Implementation) -> list[Deviation]:
    return list(check(lambda: planted, REFERENCE, planner=some_planned).deviations)


def test_one_that_makes_no_mistake_conforms() -> None:
    assert checked(Planted(Change("makes none", lambda each: each.step), list(Rule))) == []


@pytest.mark.parametrize(
    ("says", "rule", "capabilities"),
    one_in(
        3,
        [
            ("takes the lowest free number", Rule.CREATE_1, SHOWN),
            ("puts the pushed chunk first in the queue", Rule.PUSH_5, BLACK_BOX),
            ("leaves the oldest stream of all as it was", Rule.CLEAR_2, SHOWN),
        ],
    ),
)
def test_a_verdict_names_the_rule_once_and_says_what_is_wrong_there(
    says: str, rule: Rule, capabilities: tuple[str, ...]
) -> None:
    (deviation,) = checked(Planted(change_that(says), [rule], capabilities=capabilities))
    assert deviation.rule is rule
    assert deviation.or_else == ()
    assert deviation.why.startswith(f"Probably at {rule.name} it {says} (")


def test_where_two_rules_may_be_wrong_from_outside_both_are_said() -> None:
    counts = change_that("counts chunks as bytes")
    (deviation,) = checked(Planted(counts, [Rule.PUSH_5], capabilities=BLACK_BOX))
    assert (deviation.rule, deviation.or_else) == (Rule.IS_QUEUE_FULL_2, (Rule.PUSH_5,))
    assert ", or at PUSH_5 it " in deviation.why


@THOROUGH
def test_two_mistakes_at_once_are_two_deviations() -> None:
    cut = change_that("cuts the pushed chunk at a zero byte")
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

    turned = change_that("reverses the queue")
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
