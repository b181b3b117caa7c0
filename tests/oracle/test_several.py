"""Several faults in one registry: each is told, and none is told for another."""

from __future__ import annotations

from asyncio import InvalidStateError
from collections import Counter
from dataclasses import replace

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.model import REFERENCE, Clear, Close, Create, Delete, Pull, Push, Rule, StreamId
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.mutant import Mutant
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rulesets import op_of
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.verdict.certificate import Certificate
from streamstate.oracle.verdict.deviation import Deviation, Kind
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.registry import BytesLike
from tests.faults.black_box import BlackBox
from tests.faults.javascript import variant
from tests.faults.parts import composables
from tests.oracle.broken_registries import (
    CloseForgets,
    FullTooLate,
    opener,
    opener_of,
)
from tests.oracle.planted import Planted, change_that, machine, runner_with, some_programs
from tests.oracle.reported_known import verdict_of
from tests.oracle.small_plan import small_plan


def deviations(asked: Opener) -> tuple[Deviation, ...]:
    """Those of a small plan."""
    return check(asked, REFERENCE, planner=small_plan).deviations


def named(found: tuple[Deviation, ...]) -> set[Rule]:
    """All rules that are named."""
    return {rule for each in found for rule in (each.rule, *each.or_else, *each.same_at)}


def black_box(kind: type[StreamStateRegistry]) -> Opener:
    """Those registries without get."""
    opened = opener_of(kind)
    return lambda: BlackBox(opened())


class ForgetsTwice(CloseForgets):
    """Two faults that have nothing to do with each other: a clear starts the numbers again, too."""

    def clear(self) -> None:
        super().clear()
        self._next_stream = 1


def test_two_faults_are_two_deviations() -> None:
    found = deviations(black_box(ForgetsTwice))
    assert sorted(each.rule.name for each in found) == ["CLEAR_1", "CLOSE_2"]


@pytest.mark.needs_node
def test_a_delete_that_forgets_its_pulls_is_told_beside_a_clear_that_starts_the_numbers_again() -> (
    None
):
    faults = ("clear_restarts_numbering", "delete_forgets_the_waiting_pull")
    command = variant(REFERENCE, *(option for each in faults for option in ("--fault", each)))
    found = deviations(lambda: ChildImplementation(command))
    assert {each.rule: each.program for each in found} == {
        Rule.DELETE_3: (Create(), Pull(1), Delete(1)),
        Rule.CLEAR_1: (Create(), Clear(), Create()),
    }


@pytest.mark.needs_node
def test_what_rules_of_one_op_do_wrong_in_several_ways_is_told_for_each() -> None:
    faults = (
        "pull_of_unknown_rejects",
        "closed_stream_hides_its_queue",
        "overlap_finishes_the_earlier",
    )
    options = (option for each in faults for option in ("--fault", each))
    command = variant(REFERENCE, "--without", "get", *options)
    found = deviations(lambda: ChildImplementation(command))
    assert sorted(each.rule.name for each in found) == ["PULL_1", "PULL_10", "PULL_4"]


@pytest.mark.needs_pure
def test_what_goes_wrong_alike_at_other_ops_is_told_for_each() -> None:
    python = next(each for each in composables() if each.name == "python")
    keys = {"step/clear_closes_first", "table/close_undoes_the_error"}
    with python.plant([each for each in python.parts if each.key in keys]) as asked:
        assert sorted(each.rule.name for each in deviations(asked)) == ["CLEAR_2", "CLOSE_5"]


class Backpressure(StreamStateRegistry):
    """A push says whether there is room, and complains of what it does not know; and what is
    unknown is not full."""

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        if self.get(stream) is None:
            raise KeyError(stream)
        return super().push(stream, chunk) and not super().is_queue_full(stream)

    def is_queue_full(self, stream: StreamId) -> bool:
        return self.get(stream) is not None and super().is_queue_full(stream)


def test_what_a_push_returns_and_what_it_throws_are_not_told_for_each_other() -> None:
    found = deviations(black_box(Backpressure))
    kinds = {each.rule: each.difference.kind for each in found}
    assert kinds[Rule.PUSH_1] is Kind.THREW
    assert kinds[Rule.IS_QUEUE_FULL_1] is Kind.RETURNED
    assert {Rule.PUSH_5, Rule.PUSH_6} & named(found)
    assert len(found) == 3


class ClosesBadly(StreamStateRegistry):
    """Fails where a pull waits, before it has done anything."""

    def close(self, stream: StreamId) -> None:
        view = self.get(stream)
        if view is not None and view.pull_waiting:
            raise InvalidStateError("invalid state")
        super().close(stream)


@pytest.mark.parametrize("asked", [opener_of(ClosesBadly), black_box(ClosesBadly)])
def test_an_op_that_threw_is_blamed_itself_and_for_all_that_comes_of_it(asked: Opener) -> None:
    (found,) = deviations(asked)
    assert (found.rule, found.seen_at) == (Rule.CLOSE_2, Rule.CLOSE_2)
    assert found.difference.kind is Kind.THREW
    assert found.program == (Create(), Pull(1), Close(1))


class Draft(StreamStateRegistry):
    """A first draft: six ops do nothing yet."""

    def push(self, _stream: StreamId, _chunk: BytesLike) -> bool:
        return True

    def close(self, _stream: StreamId) -> None: ...
    def error(self, _stream: StreamId, _error_value: object) -> None: ...
    def is_queue_full(self, _stream: StreamId) -> bool:
        return True

    def delete(self, _stream: StreamId) -> None: ...
    def clear(self) -> None: ...


def test_each_op_of_a_first_draft_that_does_nothing_is_told_by_itself() -> None:
    found = deviations(black_box(Draft))
    ops = [op_of(each.rule) for each in found]
    assert sorted(ops) == ["CLEAR", "CLOSE", "DELETE", "ERROR", "IS_QUEUE_FULL", "PUSH"]
    assert all("does nothing" in each.why for each in found)


def test_nobody_is_idle_who_does_one_thing_only_wrongly() -> None:
    found = deviations(black_box(CloseForgets))
    assert not any("does nothing" in each.why for each in found)


class Hides(StreamStateRegistry):
    """Of pushes that are queued a second one says false, and a close does nothing then: what the
    one does wrongly shows before the other."""

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        view = self.get(stream)
        queued = view is not None and not view.closed and len(view.queue) > 0
        return super().push(stream, chunk) and not queued

    def close(self, stream: StreamId) -> None:
        view = self.get(stream)
        if view is None or len(view.queue) < 2:
            super().close(stream)


def test_a_fault_that_another_one_always_shows_before_is_told_as_if_that_were_mended() -> None:
    found = deviations(opener_of(Hides))
    assert {Rule.PUSH_5, Rule.CLOSE_3} <= named(found)


class NoSuchMethod(StreamStateRegistry):
    """Has no close."""

    def __getattribute__(self, name: str) -> object:
        if name == "close":
            raise AttributeError("'Registry' object has no attribute 'close'")
        return super().__getattribute__(name)


def said(asked: Opener) -> str:
    """All that the screen says, in one line."""
    verdict = check(asked, REFERENCE, planner=small_plan)
    return " ".join(" ".join(line.text for line in as_text(verdict)).split())


def test_a_method_that_is_missing_is_told_as_that() -> None:
    shown = said(black_box(NoSuchMethod))
    assert "1 distinct cause" in shown
    assert "The method is probably missing." in shown


@pytest.mark.needs_node
def test_an_error_in_other_words_is_told_as_that() -> None:
    command = variant(REFERENCE, "--fault", "delete_has_another_message")
    shown = said(lambda: ChildImplementation(command))
    assert "Only the message of the error is wrong: expected 'Stream deleted', observed" in shown


def test_limits_that_are_ignored_are_told_as_that() -> None:
    def make(_limits: Limits) -> StreamStateRegistry:
        return StreamStateRegistry()

    assert "Fix the adapter first: Limits are ignored" in said(opener(make, "deaf"))
    assert "Limits are ignored" not in said(opener_of(FullTooLate))


# A registry with mistakes, supposed.


@pytest.mark.parametrize(
    ("says", "rule"),
    [
        ("puts the pushed chunk first in the queue", Rule.PUSH_5),
        ("starts the numbering again", Rule.CLEAR_1),
        ("keeps a settled pull waiting", Rule.PUSH_4),
        ("counts the size twice", Rule.PUSH_5),
    ],
)
def test_it_answers_as_one_that_makes_the_mistake(says: str, rule: Rule) -> None:
    change = change_that(says)
    mutant = Mutant(machine(), [Hypothesis(frozenset({rule}), change)])
    programs = some_programs(get=False)[::5]
    runner = runner_with(Planted(change, [rule])).expecting(lambda _limits: mutant)
    assert any(runner_with(Planted(change, [rule])).try_all(programs, None))
    assert not any(runner.try_all(programs, None))


def test_of_a_mistake_of_which_nobody_knows_what_it_does_nothing_is_expected_any_more() -> None:
    vague = Hypothesis(frozenset({Rule.CLOSE_3}), None)
    mutant = Mutant(machine(), [vague])
    program = program_of((Create(), Push(1, b"a"), Close(1), Pull(1)))
    assert len(mutant.expect(program).links) == 2
    assert len(mutant.expect(program[:2]).links) == 2
    planted = Planted(change_that("empties the queue"), [Rule.CLOSE_3])
    runner = runner_with(planted)
    assert runner.try_one(program, None) is not None
    assert runner.expecting(lambda _limits: mutant).try_one(program, None) is None


# A run that a budget cut short.


def cut_short(*certificates: Certificate) -> Verdict:
    verdict = verdict_of("conforms")
    tally = replace(verdict.tally, cut="random", rules=Counter(verdict.tally.rules))
    return replace(verdict, tally=tally, certificates=certificates)


def test_a_run_that_was_cut_short_before_anything_was_shown_is_inconclusive() -> None:
    verdict = cut_short()
    assert (verdict.outcome, verdict.exit_code) == ("inconclusive", 3)
    whole = Certificate("pulls", "", REFERENCE, None, 1, ("a",), 0, 5, 5, "")
    assert cut_short(whole).outcome == "conforms"
    assert cut_short(replace(whole, ran=4)).outcome == "inconclusive"
