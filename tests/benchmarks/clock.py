"""How time is taken: CPU time of the thread, in pairs, and the median of the ratios of the pairs.

A machine that does other things as well is slower now and faster then. Both of a pair run within
a few milliseconds, so that what the machine does hits them alike and the ratio stays; a ratio of
the least of each, taken minutes apart maybe, does not. Who goes first changes from pair to pair.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TypeAlias

Run: TypeAlias = Callable[[], float]
"""Does the work once and returns what it took, in nanoseconds per unit of work."""

_WARMING = 5  # rounds in which the interpreter specialises its code, and which do not count


@dataclass(frozen=True, slots=True)
class Pairs:
    """What each of two took in every round, in nanoseconds per unit."""

    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between which half of the ratios lie."""
        low, _, high = quantiles(self.ratios, n=4)
        return low, high


def paired(ours: Run, theirs: Mapping[str, Run], rounds: int) -> dict[str, Pairs]:
    """Time `ours` once beside each of the others, in each of so many rounds."""
    pairs = {name: Pairs([], []) for name in theirs}
    with _uncollected():
        for number in range(-_WARMING, rounds):
            for name, run in theirs.items():
                took = _pair(ours, run, ours_first=number % 2 == 0)
                if number >= 0:
                    pairs[name].ours.append(took[0])
                    pairs[name].theirs.append(took[1])
    return pairs


def alone(run: Run, rounds: int) -> float:
    """The median of so many runs, for what nothing is to be compared with."""
    with _uncollected():
        return median([_collected(run) for _ in range(rounds)])


def _pair(ours: Run, theirs: Run, *, ours_first: bool) -> tuple[float, float]:
    gc.collect()
    if ours_first:
        first = ours()
        return first, theirs()
    first = theirs()
    return ours(), first


def _collected(run: Run) -> float:
    gc.collect()
    return run()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nobody pays for the garbage of another: it is collected between the runs, and what there was
    before them is left alone, which keeps a collection short."""
    gc.collect()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.enable()
