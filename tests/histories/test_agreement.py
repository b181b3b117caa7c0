"""The checker against the definition, and on histories that are linearizable by their making."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamstate.histories import (
    Call,
    History,
    Linearizable,
    NotLinearizable,
    Unknown,
    check,
    search,
    work,
)
from streamstate.histories.configuration import Configuration, Mover
from streamstate.histories.demands import Demand
from streamstate.histories.guesses import moves
from streamstate.histories.search import Search
from streamstate.histories.work import Work
from streamstate.model import (
    NAMED,
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Delete,
    Dialect,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
)
from tests.histories.brute import linearizable
from tests.histories.drafts import limits, program, programs
from tests.histories.stretched import history, with_another_answer
from tests.histories.witnessed import assert_witness
from tests.strategies import dialects

most = st.sampled_from((0, 1, 2, 4, 8))
"""How far a moment is stretched on each side, in halves of the time between two."""


@given(programs(30), dialects, limits, st.randoms(use_true_random=False), most)
def test_what_a_run_of_the_model_was_stretched_to_is_linearizable(
    ops: list[Op], dialect: Dialect, limits: Limits, random: Random, most: int
) -> None:
    verdict = check(history(ops, dialect, limits, random, most), keep_witnesses=True)
    if isinstance(verdict, Unknown):
        assert verdict.bound == "a create that never told its number may have made it"
        return
    assert isinstance(verdict, Linearizable)
    for one, witness in verdict.witnesses:
        assert_witness(one, witness)


@given(programs(5), dialects, limits, st.randoms(use_true_random=False), most)
def test_a_short_history_with_another_answer_is_judged_as_the_definition_says(
    ops: list[Op], dialect: Dialect, limits: Limits, random: Random, most: int
) -> None:
    judge(with_another_answer(history(ops, dialect, limits, random, most), random))


def judge(made: History) -> None:
    match check(made):
        case Linearizable():
            assert linearizable(made)
        case NotLinearizable():
            assert not linearizable(made)
        case Unknown(bound=bound):
            assert bound == "a create that never told its number may have made it"


def short(seed: int) -> History:
    """One with another answer, or with none changed, as the seed says."""
    random = Random(seed)
    drawn = random.choices(SOME, k=random.randint(3, 6))
    made = history(program(drawn, 1), Dialect(), Limits(2, 2), random, random.choice((1, 4, 8)))
    return with_another_answer(made, random) if seed % 2 else made


SOME: tuple[Op, ...] = (
    *(Push(1, b""), Pull(1), Push(1, b""), Pull(1), Push(1, b""), Pull(1)),
    *(CancelPull(0), CancelPull(1), IsQueueFull(1), Get(1), Close(1), Delete(1)),
)


def short_with_sends(seed: int) -> History:
    """The same in a dialect in which pushes wait."""
    random = Random(seed)
    drawn = random.choices(SENDS, k=random.randint(3, 6))
    waits = random.choice(("wait", "wait_through_close"))
    dialect = Dialect.parse(f"{random.choice(tuple(NAMED))}+push_when_full={waits}")
    made = history(program(drawn, 1), dialect, Limits(9, 1), random, random.choice((1, 4, 8)))
    return with_another_answer(made, random) if seed % 2 else made


SENDS: tuple[Op, ...] = (
    *(Push(1, b""), Pull(1), Push(1, b""), Pull(1), Push(1, b""), Push(1, b"")),
    *(CancelPull(0), CancelPush(0), CancelPush(1), IsQueueFull(1), Get(1)),
    *(Close(1), Delete(1), Error(1, "boom"), Clear()),
)


def any_answer(_work: Work, _answer: object) -> bool:
    return True


def no_push_in_time(_self: Search, _push: Work, _at: Configuration) -> bool:
    return True


def precedes_without_knowing(work: Work, later: Work) -> bool:
    return work.number < later.number


def given_up_never_waited(mover: Mover, at: Configuration, work: Work) -> Configuration | None:
    return None if work.given_up else PLACE(mover, at, work)


def never_cancelled(_mover: Mover, _at: Configuration, _work: Work) -> Configuration | None:
    return None


def pulls_only_look(call: Call) -> bool:
    return isinstance(call.op, (Pull, Get))


def only_the_wanted(demand: Demand, placed: int, complete: int) -> list[Work | None]:
    return [work for work in moves(demand, placed, complete) if work is demand.work]


def push_never_waits(mover: Mover, at: Configuration, work: Work) -> Configuration | None:
    placed = PLACE(mover, at, work)
    if placed is None or not work.is_push:
        return placed
    return placed._replace(complete=placed.complete | work.bit)


def refused_push_waits(mover: Mover, at: Configuration, work: Work) -> Configuration | None:
    looks, work.looks = work.looks, False
    placed = PLACE(mover, at, work)
    work.looks = looks
    return placed


PLACE = Mover.place

BROKEN = (
    (Work, "settles", any_answer),
    (Work, "returns", any_answer),
    (Work, "must_precede", precedes_without_knowing),
    (Search, "_is_too_early", no_push_in_time),
    (Mover, "place", given_up_never_waited),
    (Mover, "cancel", never_cancelled),
    (work, "_looks", pulls_only_look),
    (search, "moves", only_the_wanted),
)
BROKEN_WITH_SENDS = (
    (Work, "settles", any_answer),
    (Mover, "place", push_never_waits),
    (Mover, "place", refused_push_waits),
)


@pytest.mark.parametrize(
    ("where", "name", "fault"), BROKEN, ids=lambda each: getattr(each, "__name__", each)
)
def test_a_checker_with_a_fault_disagrees_with_the_definition(
    where: Any, name: str, fault: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, fault)
    with pytest.raises(AssertionError):
        judge_all(short, 600)


@pytest.mark.parametrize(
    ("where", "name", "fault"), BROKEN_WITH_SENDS, ids=lambda each: getattr(each, "__name__", each)
)
def test_a_checker_with_a_fault_of_sends_disagrees_with_the_definition(
    where: Any, name: str, fault: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, fault)
    with pytest.raises(AssertionError):
        judge_all(short_with_sends, 600)


def judge_all(make: Callable[[int], History], seeds: int) -> None:
    for seed in range(seeds):
        judge(make(seed))


@pytest.mark.parametrize("make", [short, short_with_sends])
def test_the_checker_without_a_fault_agrees_on_the_same_histories(
    make: Callable[[int], History],
) -> None:
    judge_all(make, 200)
