"""How time is taken: CPU time of the thread, in pairs, and the median of the ratios of the pairs.

A machine that does other things as well is slower now and faster then, and not everything gets
slower alike. Both of a pair run within a few milliseconds, so that what the machine does hits both;
a ratio of the least of each, taken seconds apart, compares two states of the machine. Who goes
first changes from pair to pair. All comparisons take turns until the end of the run, a few pairs at
a time: so each sees all of what the machine does in that minute, and two runs see about the same.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Final, TypeAlias

Run: TypeAlias = Callable[[], float]
"""Does the work once and returns what it took, in nanoseconds per unit of work."""

_TURN: Final = 6
"""So many pairs a comparison makes before it is another's turn. The first turn of each does not
count: in it the interpreter specialises its code."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, and what each took in every pair, in nanoseconds per unit."""

    ours: Run
    theirs: Run
    weight: int = 1
    """1: it takes every turn; 10: every tenth, because its runs are long."""
    pairs: list[tuple[float, float]] = field(default_factory=list)

    @property
    def costs(self) -> tuple[float, float]:
        """The median of what ours took, and of what theirs took."""
        return median(ours for ours, _ in self.pairs), median(theirs for _, theirs in self.pairs)

    @property
    def ratio(self) -> float:
        return median(ours / theirs for ours, theirs in self.pairs)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between which half of the ratios lie."""
        low, _, high = quantiles((ours / theirs for ours, theirs in self.pairs), n=4)
        return low, high

    def take_turn(self) -> None:
        for number in range(_TURN):
            self.pairs.append(_pair(self.ours, self.theirs, ours_first=number % 2 == 0))


def compare(comparisons: Sequence[Comparison], rounds: int) -> None:
    """So many pairs of each, and at least a turn; fewer of one that weighs more."""
    with _uncollected():
        for comparison in comparisons:
            comparison.take_turn()
            comparison.pairs.clear()
        for turn in range(max(1, rounds // _TURN)):
            for comparison in comparisons:
                if turn % comparison.weight == 0:
                    comparison.take_turn()


def alone(run: Run, rounds: int) -> float:
    """The median of so many runs, for what nothing is to be compared with."""
    with _uncollected():
        return median(_collected(run) for _ in range(rounds))


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
