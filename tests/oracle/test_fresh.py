"""A deviation that does not come again is told from one that does, and so is one that comes of the
programs before."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import (
    REFERENCE,
    Close,
    Create,
    Dialect,
    Limits,
    Pull,
    Push,
    Rule,
    StreamId,
)
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.diagnose import diagnose
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import Suite, only
from streamstate.oracle.verdict.tally import Mistake
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.registry import BytesLike
from tests.oracle.broken_registries import CloseForgets
from tests.oracle.small_plan import small_plan


def opener(make: Callable[[], Callable[[Limits], StreamStateRegistry]]) -> Opener:
    """Each process has what `make` makes for itself."""
    return lambda: InProcessImplementation(make(), "registry", "1")


def leaking() -> Callable[[Limits], StreamStateRegistry]:
    """Streams whose number was closed once, in whichever program, take no chunk."""
    closed: set[StreamId] = set()

    class Leaking(StreamStateRegistry):
        def close(self, stream: StreamId) -> None:
            closed.add(stream)
            super().close(stream)

        def push(self, stream: StreamId, chunk: BytesLike) -> bool:
            return stream not in closed and super().push(stream, chunk)

    return lambda limits: Leaking(limits=limits)


def moody() -> Callable[[Limits], StreamStateRegistry]:
    """Every so often a push is refused, never twice in the same place."""

    class Moody(StreamStateRegistry):
        def push(self, stream: StreamId, chunk: BytesLike) -> bool:
            return next(MOODS) and super().push(stream, chunk)

    return lambda limits: Moody(limits=limits)


def _moods() -> Iterator[bool]:
    for length in itertools.count(500):
        yield from (True,) * length
        yield False


MOODS = _moods()


def verdict_on(make: Callable[[], Callable[[Limits], StreamStateRegistry]]) -> Verdict:
    return check(opener(make), REFERENCE, planner=small_plan)


def test_what_earlier_programs_left_is_one_deviation_and_named() -> None:
    verdict = verdict_on(leaking)
    (deviation,) = verdict.deviations
    assert not deviation.repeatable
    assert (deviation.shortest, deviation.minimal) == (False, False)
    assert set(verdict.tally.mistakes) == {Mistake.LEFTOVERS}
    assert verdict.certificates == ()


def reads_limits_once() -> Callable[[Limits], StreamStateRegistry]:
    """The first program's limits are those of all."""
    first: list[Limits] = []

    def made(limits: Limits) -> StreamStateRegistry:
        first.append(limits)
        return StreamStateRegistry(limits=first[0])

    return made


def test_limits_that_are_read_once_are_what_earlier_programs_left() -> None:
    verdict = verdict_on(reads_limits_once)
    (deviation,) = verdict.deviations
    assert deviation.limits is not None
    assert not deviation.repeatable
    assert set(verdict.tally.mistakes) == {Mistake.LEFTOVERS}


def test_what_comes_now_and_then_is_one_deviation_and_no_mistake_of_the_adapter() -> None:
    verdict = verdict_on(moody)
    (deviation,) = verdict.deviations
    assert not deviation.repeatable
    assert verdict.tally.mistakes == {}


FORGETFUL = opener(lambda: lambda limits: CloseForgets(limits=limits))


@cache
def of_the_forgetful() -> Verdict:
    return check(FORGETFUL, REFERENCE, planner=small_plan)


def test_what_comes_again_does_so_where_it_is_run_first() -> None:
    verdict = of_the_forgetful()
    assert [each.repeatable for each in verdict.deviations] == [True]
    again = check(FORGETFUL, REFERENCE, planner=only(program_of(verdict.deviations[0].program)))
    assert [each.rule for each in again.deviations] == [verdict.deviations[0].rule]


class Clock:
    """Goes on by a second each time that it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_nothing_is_run_once_the_time_is_over_and_a_deviation_is_shown_as_it_was_found() -> None:
    found = of_the_forgetful()
    runner = Runner(FORGETFUL, REFERENCE, CachedModels(), Budget(7, Clock()))
    try:
        diagnosis = diagnose(runner, found.tally, lambda _limits: ())
        assert runner.try_one(program_of((Create(), Pull(1))), None) is None
        assert runner.is_over()
    finally:
        runner.close()
    assert diagnosis.cut
    assert 0 < runner.runs < 8
    assert diagnosis.deviations
    assert not any(each.shortest or each.minimal for each in diagnosis.deviations)
    assert all(each.repeatable for each in diagnosis.deviations)


def test_nobody_waits_for_an_answer_once_the_time_is_over() -> None:
    silent = (sys.executable, "-c", "import time; time.sleep(3_600)")
    budget = Budget(7, Clock())
    verdict = check(lambda: ChildImplementation(silent, 3_600, budget), REFERENCE, budget=budget)
    assert verdict.tally.broken is not None
    assert verdict.tally.broken.message == "the time was over while the answer to start was due"


def test_what_other_dialects_answer_is_not_worked_out_once_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Dialect] = []

    def of(self: CachedModels, dialect: Dialect, limits: Limits | None = None) -> CachedModel:
        asked.append(dialect)
        return models_of(self, dialect, limits)

    models_of = CachedModels.of
    monkeypatch.setattr(CachedModels, "of", of)
    planner = only(program_of((Create(), Pull(1), Close(1))))
    for seconds, others in ((1_000, True), (7, False)):
        asked.clear()
        verdict = check(FORGETFUL, REFERENCE, planner=planner, budget=Budget(seconds, Clock()))
        assert verdict.tally.deviating == 1
        assert verdict.tally.conforms_to == ()
        assert ({REFERENCE} < set(asked)) is others


class Wraps(StreamStateRegistry):
    """A push looks at the ten lowest bits of a number only."""

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        return super().push(stream % 1_024, chunk)


def test_no_program_of_the_plan_is_made_once_the_time_is_over() -> None:
    closed, pushed = program_of([Create(), Close(1)]), program_of([Create(), Push(1, b"a")])
    made = 0

    def without_an_end() -> Iterator[Program]:
        nonlocal made
        yield from (closed, pushed)
        while made < 100_000:
            made += 1
            yield program_of([Create(), Pull(1)])
        raise AssertionError("somebody asked for all of a plan without an end")

    def planner(_model: CachedModel, _capabilities: object, _seed: int) -> Iterator[Suite]:
        yield Suite("endless", "programs without an end", without_an_end())

    verdict = check(opener(leaking), REFERENCE, planner=planner, budget=Budget(2_000, Clock()))
    assert [each.rule for each in verdict.deviations] == [Rule.PUSH_5]
    assert 0 < made < 2_000


def test_the_time_that_was_spent_before_counts() -> None:
    budget = Budget(clock=Clock())
    for _ in range(1_000):
        budget.spent()
    planner = only(program_of([Create()]))
    verdict = check(
        opener(lambda: lambda _: StreamStateRegistry()), REFERENCE, planner=planner, budget=budget
    )
    assert verdict.tally.seconds_in_all > 1_000 > verdict.tally.seconds


def test_a_program_that_stays_very_long_is_told_as_it_is() -> None:
    asked = [turn for n in range(1, 1_101) for turn in (Create(), Push(n, b"a"))]
    verdict = check(
        opener(lambda: lambda limits: Wraps(limits=limits)),
        REFERENCE,
        planner=only(program_of(asked)),
    )
    (deviation,) = verdict.deviations
    assert deviation.rule is Rule.PUSH_5
    assert deviation.program.count(Create()) == 1_024
    assert deviation.program[-1] == Push(1_024, b"a")
    assert not deviation.minimal


def test_whoever_has_no_time_is_told_so() -> None:
    verdict = of_the_forgetful()
    assert "every deviation was diagnosed" not in _text(verdict)
    cut = replace(verdict.tally, cut="structured")
    assert "every deviation was diagnosed" in _text(replace(verdict, tally=cut, hurried=True))


def _text(verdict: Verdict) -> str:
    return " ".join(line.text for line in as_text(verdict))
