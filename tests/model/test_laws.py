"""The laws hold in every run of the model, and the runs are such that this says something."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import example, given

from streamstate.model import (
    OF_THE_TABLE,
    CancelPull,
    Create,
    Effect,
    Error,
    Idle,
    IsQueueFull,
    Limits,
    Op,
    Push,
    Returned,
    Rule,
    State,
    explain,
    initial,
    step,
    view,
)
from streamstate.model.state import Failed
from tests.laws import COMPARISONS, LAWS, Comparison, Law, check, check_history, record
from tests.laws.history import full
from tests.laws.sightings import SIGHTINGS, seen_in
from tests.strategies import programs, random_program, random_start, starts

RUNS = 350
LENGTH = 60


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@given(starts, programs)
def test_law_holds_in_every_run(law: Law, start: State, program: tuple[Op, ...]) -> None:
    assert list(law(record(step, start, program))) == []


@pytest.mark.parametrize("law", COMPARISONS, ids=lambda law: law.__name__)
@given(starts, programs)
def test_law_holds_between_runs(law: Comparison, start: State, program: tuple[Op, ...]) -> None:
    assert list(law(step, record(step, start, program))) == []


@cache
def random_runs() -> tuple[Counter[str], Counter[Rule]]:
    """Sightings and rules in many random runs, always the same, all laws checked on the way."""
    sighted: Counter[str] = Counter()
    rules: Counter[Rule] = Counter()
    for seed in range(RUNS):
        random, pushes = Random(seed), seed % 3 == 0
        start = random_start(random, pushes=pushes)
        program = random_program(random, LENGTH, pushes=pushes)
        assert check(step, start, program) == [], (seed, start.dialect)
        history = record(step, start, program)
        sighted.update(seen_in(history))
        rules.update(explain(one.before, one.op) for one in history)
    return sighted, rules


def test_laws_hold_in_random_runs() -> None:
    random_runs()


@pytest.mark.parametrize("law", [*LAWS, *COMPARISONS], ids=lambda law: law.__name__)
def test_law_is_put_to_the_test(law: Law | Comparison) -> None:
    sighted, _ = random_runs()
    for sighting in SIGHTINGS[law.__name__]:
        assert sighted[sighting.__name__] >= 3, sighting.__name__


@pytest.mark.parametrize("rule", OF_THE_TABLE, ids=lambda rule: rule.name)
def test_rule_fires_somewhere(rule: Rule) -> None:
    _, rules = random_runs()
    assert rules[rule] >= 3


@given(starts, programs)
@example(initial(limits=Limits(4, 2)), (Create(), Push(1, b"abc"), Push(1, b"de"), Push(1, b"f")))
def test_who_looks_first_never_overfills(start: State, program: tuple[Op, ...]) -> None:
    """Skipping each push before which is_queue_full says true, and with no cancelled pull, the
    queue as it is shown keeps within the limits but for its newest chunk."""
    state = start
    for op in program:
        if isinstance(op, CancelPull) or (isinstance(op, Push) and _says_full(state, op.stream)):
            continue
        state, _ = step(state, op)
        for number, _ in state.streams:
            shown = view(state, number)
            assert shown is not None
            older = shown.queue[:-1]
            assert not shown.queue or len(older) < start.limits.max_queue_chunks
            assert not shown.queue or sum(map(len, older)) < start.limits.high_water_mark


def _says_full(state: State, stream: int) -> bool:
    _, effects = step(state, IsQueueFull(stream))
    return effects == (Returned(True),)


def test_who_looks_first_does_fill() -> None:
    """The limit can be reached, and passed by all of the last chunk but one byte."""
    state = initial(limits=Limits(4, 9))
    for op in (Create(), Push(1, b"abc"), Push(1, b"defg")):
        assert op == Create() or not _says_full(state, 1)
        state, _ = step(state, op)
    shown = view(state, 1)
    assert shown is not None
    assert shown.queue_size == 7
    assert full(shown, state.limits)


@given(starts, programs)
def test_step_is_a_function(start: State, program: tuple[Op, ...]) -> None:
    one, other = (record(step, start, program) for _ in range(2))
    assert one == other
    assert [hash(happening.after) for happening in one] == [hash(h.after) for h in other]


def error_that_empties(state: State, op: Op) -> tuple[State, tuple[Effect, ...]]:
    """`step`, but for an error that loses the queue in every dialect."""
    after, effects = step(state, op)
    if isinstance(op, Error):
        after = replace(after, streams=((1, Idle(1, Failed(op.value, closed=False))),))
    return after, effects


def test_a_broken_step_is_told_by_name() -> None:
    program = (Create(), Push(1, b"a"), Error(1, "boom"))
    history = record(error_that_empties, initial(), program)
    assert check_history(history) == [
        "chunks_are_first_in_first_out_none_lost_none_invented:"
        " after Error(stream=1, value='boom'): it dropped 1 chunks of stream 1",
        "backlogs_follow_their_policy: Error(stream=1, value='boom') left 0 chunks queued of 1",
    ]
