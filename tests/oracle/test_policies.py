"""What another dialect answers is one deviation for each field, named after a rule that the field
changes; and what a deviation says of its program is true of it."""

from __future__ import annotations

import sys
from functools import cache

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.model import (
    NAMED,
    PLAN_01,
    REFERENCE,
    Close,
    Create,
    Dialect,
    Pull,
    Push,
    Rule,
    StreamId,
)
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.followed import followed
from streamstate.oracle.diagnosis.minimisation import shrink
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rulesets import bit_of, differing_rules, rules_in
from streamstate.oracle.reports.wording import nearest_in_words
from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind
from streamstate.oracle.verdict.tally import PastAnswers
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.registry import BytesLike
from streamstate.wire import Together
from tests.faults.black_box import BlackBox
from tests.oracle.broken_registries import CloseForgets, opener_of
from tests.oracle.planted import (
    Planted,
    change_that,
    finding_of,
    machine,
    runner_with,
    some_planned,
)
from tests.oracle.small_plan import small_plan
from tests.thorough import one_in

WHATWG = NAMED["whatwg"]


@cache
def of_another_dialect() -> Verdict:
    command = (sys.executable, "-m", "streamstate", "reference", "--dialect", "whatwg")
    return check(lambda: ChildImplementation(command, 10), REFERENCE, planner=small_plan)


def test_each_field_is_one_deviation_where_pulls_are_given_up_too() -> None:
    verdict = of_another_dialect()
    assert verdict.cancels
    fields = WHATWG.difference(REFERENCE)
    assert len(verdict.deviations) == len(fields)
    for field, value in fields.items():
        changed = differing_rules(REFERENCE, Dialect.parse(f"reference+{field}={value}"))
        named = [each.rule for each in verdict.deviations if bit_of(each.rule) & changed]
        assert named, field


def test_what_a_field_explains_says_so() -> None:
    whys = " ".join(each.why for each in of_another_dialect().deviations)
    assert "It answers as overlapping_pull=queue asks." in whys
    assert "It answers as errored_backlog=drop asks." in whys


class OverwritesAndForgets(CloseForgets):
    """Follows another policy for pulls that overlap, and forgets a pull when it closes."""

    def __init__(self, limits: Limits | None = None) -> None:
        super().__init__(PLAN_01, limits)


def test_a_policy_is_told_first_and_the_rest_as_the_dialect_that_has_it_sees_it() -> None:
    verdict = check(
        lambda: BlackBox(opener_of(OverwritesAndForgets)()), REFERENCE, planner=small_plan
    )
    first, *others = verdict.deviations
    assert "It answers as overlapping_pull=overwrite asks." in first.why
    assert [each.rule for each in others] == [Rule.CLOSE_2]
    assert verdict.nearest is not None
    assert (verdict.nearest.dialect, verdict.nearest.followed) == (PLAN_01, True)
    assert "You follow plan-01" in nearest_in_words(verdict)
    assert "--dialect plan-01" in nearest_in_words(verdict)


def overlapping() -> Deviation:
    """A pull that takes the place of another one in silence, as plan-01 has it."""
    difference = Difference(
        2, Kind.MISSING, "", [None, [[1, "error", "Pull superseded"]]], [None, []]
    )
    program = (Create(), Pull(1), Pull(1))
    return Deviation(Rule.PULL_10, Rule.PULL_10, program, None, difference, 1)


def test_a_policy_is_followed_unless_something_was_answered_as_the_other_one_asks_for() -> None:
    past = PastAnswers()
    model, other = CachedModel(REFERENCE), CachedModel(PLAN_01)
    for seq in range(1, 5):
        program = program_of((Create(), *(Pull(1),) * (seq + 1)))
        past.note(Request(seq, program), other.expect(program).line(seq), right=False)
    assert followed(REFERENCE, {None: past}, [overlapping()]) == PLAN_01
    program = program_of((Create(), Close(1), Create(), Pull(2), Pull(2)))
    past.note(Request(9, program), model.expect(program).line(9), right=True)
    assert followed(REFERENCE, {None: past}, [overlapping()]) == REFERENCE


def test_one_program_does_not_make_a_policy() -> None:
    past, program = PastAnswers(), program_of((Create(), Pull(1), Pull(1)))
    line = CachedModel(PLAN_01).expect(program).line(1)
    past.note(Request(1, program), line, right=False)
    assert followed(REFERENCE, {None: past}, [overlapping()]) == REFERENCE
    assert followed(REFERENCE, {}, [overlapping()]) == REFERENCE


@pytest.mark.parametrize(
    ("says", "rule"),
    one_in(
        2,
        [
            ("empties the queue", Rule.CLOSE_3),
            ("does not keep the error value", Rule.ERROR_3),
        ],
    ),
)
def test_a_deviation_is_seen_at_an_op_of_its_program(says: str, rule: Rule) -> None:
    verdict = check(lambda: Planted(change_that(says), [rule]), REFERENCE, planner=some_planned)
    assert verdict.deviations
    for each in verdict.deviations:
        links = machine().expect(program_of(each.program)).links[: each.difference.at + 1]
        assert each.seen_at in {rule for link in links for rule in rules_in(link.bit)}
    assert any(each.shortest for each in verdict.deviations)


def test_ops_done_together_are_taken_apart_where_that_changes_nothing() -> None:
    runner = runner_with(Planted(change_that("leaves the stream open"), [Rule.CLOSE_3]))
    together = Together((Close(1), Push(1, b"a")))
    found = shrink(runner, finding_of(runner, Create(), Create(), together))
    assert found.minimal
    assert not any(isinstance(each.op, Together) for each in found.program)


class TakesTwoBits(StreamStateRegistry):
    """A push looks at the two lowest bits of a number only."""

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        return super().push(stream % 4, chunk)


def test_the_lowest_number_is_found_though_those_next_to_it_conform() -> None:
    runner = Runner(opener_of(TakesTwoBits), REFERENCE, CachedModels())
    try:
        found = shrink(runner, finding_of(runner, Create(), Pull(1), Push(17, b"abc")))
    finally:
        runner.close()
    assert found.program == program_of((Create(), Push(5, b"")))
