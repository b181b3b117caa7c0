"""Sets of faults in one registry: they are there, all of them, and what is said of them adds up."""

from __future__ import annotations

from random import Random

import pytest

from streamstate.model import REFERENCE, Create, Delete, IsQueueFull, Rule
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import program_of
from tests.benchmarks.diagnosing import row
from tests.faults.parts import Composable, Part, composables
from tests.faults.together import Told, summary


def composable(name: str) -> Composable:
    return next(each for each in composables() if each.name == name)


def deviate(opener: Opener) -> list[bool]:
    """Whether a program goes wrong with the first fault below, and with the second one."""
    programs = [program_of((Create(), Delete(1), Create())), program_of((IsQueueFull(1),))]
    runner = Runner(opener, REFERENCE, CachedModels())
    try:
        return [found is not None for found in runner.try_all(programs, None)]
    finally:
        runner.close()


JAVASCRIPT = ("javascript/ids_are_reused_after_delete", "javascript/unknown_is_not_full")
PYTHON = ("shell/delete_frees_the_number", "table/the_unknown_is_not_full")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        pytest.param("javascript", JAVASCRIPT, marks=pytest.mark.needs_node),
        pytest.param("python", PYTHON, marks=pytest.mark.needs_pure),
    ],
)
def test_all_faults_of_a_set_are_planted(name: str, keys: tuple[str, str]) -> None:
    registry = composable(name)
    first, second = (part for key in keys for part in registry.parts if part.key == key)
    assert first.is_apart_from(second)
    for planted in ((), (first,), (second,), (second, first)):
        with registry.plant(planted) as opener:
            assert deviate(opener) == [first in planted, second in planted]


def test_faults_in_one_place_or_of_one_rule_are_not_planted_together() -> None:
    part = Part("one", frozenset({Rule.PUSH_1}), frozenset({1, 2}))
    elsewhere = Part("two", frozenset({Rule.PUSH_2}), frozenset({3}))
    assert part.is_apart_from(elsewhere)
    assert not part.is_apart_from(Part("there", elsewhere.causes, frozenset({2})))
    assert not part.is_apart_from(Part("same", part.causes, elsewhere.places))


def test_what_is_drawn_is_apart_and_the_same_each_time() -> None:
    registry = composable("javascript")
    for seed in range(20):
        drawn = registry.drawn(Random(seed), 4)
        assert len(drawn) == 4
        assert all(one is other or one.is_apart_from(other) for one in drawn for other in drawn)
        assert drawn == registry.drawn(Random(seed), 4)


def test_the_benchmark_shows_the_ratios_and_the_slowest_first_deviation() -> None:
    found = [Told(("a",), (), ("PUSH_1",), ratio, ratio / 10) for ratio in (1.2, 1.4, 1.9)]
    what, ratios, _ = row("one fault", found)
    assert what == "a check of one fault; the first deviation after 0.19 s"
    assert ratios == "1.40, at most 1.90"


def test_what_is_not_told_and_what_is_told_too_often_is_counted() -> None:
    told = Told(("a", "b"), (), ("PUSH_1", "PUSH_2", "PUSH_3"), 2.0)
    hidden = Told(("a", "c"), ("c",), ("PUSH_1",), 1.0)
    assert list(summary([told, hidden])) == [
        "every fault told: 1 of 2 sets; 3 of 4 faults",
        "deviations beyond the faults: 0.50 a run",
        "CPU of a conforming run: median 1.5 x, most 2.0 x",
    ]
