"""Which of several mistakes that fit is told: findings are compared by how much they explain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamstate.model import Close, Create, Error, Op, Pull, Push, Rule
from streamstate.oracle.diagnosis.hypotheses.application import Application
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.evidence import Run
from streamstate.oracle.diagnosis.hypotheses.fitting import Runs, Score, explains
from streamstate.oracle.diagnosis.hypotheses.guards import Guard
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.search import explanations
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.verdict.deviation import Kind
from tests.oracle.planted import Planted, change_that, finding_of, machine, runner_with, runs_of
from tests.oracle.test_hypotheses_found import A_CHUNK

UNKNOWN = Planted(change_that("does nothing"), [Rule.PULL_1])
"""Another mistake, of pulls of what is unknown."""


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

    def test_a_run_is_about_another_mistake_only_where_it_takes_its_rule(self) -> None:
        (found,) = (runner_with(UNKNOWN).try_one(program_of((Pull(1),)), None),)
        assert found is not None
        supposed = Hypothesis(frozenset({Rule.PULL_6}), None)
        for ops, speaks in (
            ((Create(), Error(1, "e"), Pull(1)), True),
            ((Pull(1), Create(), Error(1, "e"), Pull(1)), False),
        ):
            right = Run(program_of(ops), machine().expect(program_of(ops)), None)
            said = Runs(machine(), [right], [found]).score(supposed, Effort())
            assert (said == right) is speaks

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
