"""A registry whose ops are kept apart is linearizable; each race of one that is not is caught."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streamstate.histories import Linearizable, NotLinearizable, check
from streamstate.model import IsQueueFull
from tests.histories.races import RACES, ClearInParts, CreatesOutsideTheLock
from tests.histories.racy import Registry
from tests.histories.scheduled import WEIGHTS, Weights, clear, create, history, push

OF_THE_TABLE: Weights = {push: 20, IsQueueFull: 30, clear: 12, create: 30}
"""For races of ops that are about the whole table."""

MOST_STEPS = 200_000


def weights_for(race: type[Registry]) -> Weights:
    return OF_THE_TABLE if race in (ClearInParts, CreatesOutsideTheLock) else WEIGHTS


@pytest.mark.parametrize("weights", [WEIGHTS, OF_THE_TABLE], ids=("streams", "table"))
def test_a_registry_with_a_lock_is_linearizable(weights: Weights) -> None:
    for seed in range(40):
        made = history(Registry, seed, threads=8, weights=weights)
        assert isinstance(check(made, MOST_STEPS), Linearizable), seed


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_a_race_is_caught(race: type[Registry]) -> None:
    weights = weights_for(race)
    caught = (seed for seed in range(40) if is_caught(race, seed, weights))
    assert next(caught, None) is not None


def is_caught(race: Callable[[], Registry], seed: int, weights: Weights) -> bool:
    verdict = check(history(race, seed, weights=weights), MOST_STEPS)
    return isinstance(verdict, NotLinearizable)


def test_a_run_can_be_had_again() -> None:
    assert history(RACES[0], 7) == history(RACES[0], 7)
