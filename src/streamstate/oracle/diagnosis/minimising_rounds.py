"""Shrinks a long program by rounds: as few rounds as possible, and as little in each.

Leaving out single ops of thousands takes more runs than there are. But most such programs are
rounds: doubling and halving finds how many it takes, and what is left out of one is left out of
all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Final

from streamstate.model import Create
from streamstate.oracle.campaign.runner import Finding, Runner, first_found
from streamstate.oracle.programs.editing import Ops
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rounds import (
    Rounds,
    rounds_of,
    with_times,
    without_streams,
)
from streamstate.oracle.suites.races import may_be_asked

LONG: Final = 100
"""A program with at least so many ops is worth looking at by rounds."""

_MOST_BESIDE: Final = 60
"""In at most so many parts it tries to leave out what is outside of rounds."""


def fewer_rounds(
    runner: Runner, start: Finding, alike: Callable[[Finding], bool], limit: float
) -> Finding:
    """The finding with as few rounds as show it; unchanged if it has none. Runs the program a few
    dozen times, until the runner's effort reaches `limit`."""
    search = _Search(runner, alike, start, limit)
    while search.goes_on():
        pass
    return search.best


class _Search:
    def __init__(
        self, runner: Runner, alike: Callable[[Finding], bool], start: Finding, limit: float
    ) -> None:
        self.best = start
        self._limit: Final = limit
        self._runner: Final = runner
        self._alike: Final = alike

    def goes_on(self) -> bool:
        """Shorten the program once in each way, and say whether that did anything."""
        before = len(self.best.program)
        for place in range(len(rounds_of(self._ops()))):
            self._fewest(place)
        self._first_alike(_of_one_life)
        self._first_alike(_less_in_each)
        for place in range(len(rounds_of(self._ops()))):
            self._fewest(place)
        self._first_alike(_less_beside)
        return len(self.best.program) < before and not self._is_over()

    def _is_over(self) -> bool:
        return self._runner.effort >= self._limit or self._runner.is_over()

    def _ops(self) -> Ops:
        return tuple(symbol.op for symbol in self.best.program)

    def _shows(self, programs: Sequence[Ops]) -> Finding | None:
        if self._is_over():
            return None
        model = self._runner.model(self.best.limits)
        askable = [program_of(ops) for ops in programs if ops and may_be_asked(model, ops)]
        return first_found(self._runner, askable, self.best.limits, self._alike)

    def _fewest(self, place: int) -> None:
        """Find how many rounds it takes: by doubling, then by halving what is between."""
        ops = self._ops()
        there = rounds_of(ops)
        if place >= len(there):
            return
        rounds = there[place]
        doubled = list(takewhile(lambda times: times < rounds.times, (2**k for k in range(20))))
        found = self._shows([with_times(ops, rounds, times) for times in (0, *doubled)])
        if found is None:
            low, high = doubled[-1], rounds.times
        else:
            self.best = found
            saved = len(ops) - len(found.program)
            high = max(0, rounds.times - saved // rounds.period)
            low = high // 2
        while high - low > 1 and not self._is_over():
            middle = (low + high) // 2
            found = self._shows([with_times(ops, rounds, middle)])
            if found is None:
                low = middle
            else:
                self.best, high = found, middle

    def _first_alike(self, smaller: Callable[[Ops], Iterator[Ops]]) -> None:
        """Take what still shows it, as long as something does."""
        found: Finding | None = self.best
        while found is not None and not self._is_over():
            self.best = found
            found = None
            for each in smaller(self._ops()):
                if self._is_over():
                    return
                found = self._shows([each])
                if found is not None:
                    break


def _of_one_life(ops: Ops) -> Iterator[Ops]:
    """If each round makes several streams: one of them, in as many rounds as there were streams."""
    made = 0
    at = 0
    for rounds in rounds_of(ops):
        made += sum(isinstance(turn, Create) for turn in ops[at : rounds.start])
        at = rounds.end
        count = rounds.streams * rounds.times
        if rounds.streams > 1:
            streams = range(made + 1, made + count + 1)
            for place in range(rounds.streams):
                others = {each for each in streams if (each - made - 1) % rounds.streams != place}
                left = without_streams(ops, others)
                for each in rounds_of(left):
                    if each.times >= rounds.times - 1 and each.streams == 1:
                        yield left
                        yield with_times(left, each, each.times * rounds.streams)
        made += count


def _less_in_each(ops: Ops) -> Iterator[Ops]:
    """The program without the same turn in all rounds; the very last one stays, since the
    difference shows there."""
    for rounds in rounds_of(ops):
        for place in range(rounds.period):
            if not isinstance(ops[rounds.start + place], Create):
                yield _without_place(ops, rounds, place)


def _without_place(ops: Ops, rounds: Rounds, place: int) -> Ops:
    gone = range(rounds.start + place, min(rounds.end, len(ops) - 1), rounds.period)
    return tuple(turn for at, turn in enumerate(ops) if at not in gone)


def _less_beside(ops: Ops) -> Iterator[Ops]:
    """The program without some of the turns outside the rounds, or without streams made there:
    without all, a half, a quarter …, at each place."""
    inside = [range(rounds.start, rounds.end) for rounds in rounds_of(ops)]
    beside = [at for at in range(len(ops)) if not any(at in each for each in inside)]
    made = [at for at, turn in enumerate(ops) if isinstance(turn, Create)]
    for gone in _windows([at for at in beside if not isinstance(ops[at], Create)]):
        left = set(gone)
        yield tuple(turn for at, turn in enumerate(ops) if at not in left)
    for gone in _windows([number for number, at in enumerate(made, 1) if at in set(beside)]):
        yield without_streams(ops, gone)


def _windows(places: Sequence[int]) -> Iterator[Sequence[int]]:
    """All of them, then each half, each quarter …, as long as that is not too many."""
    size = len(places)
    while size and len(places) <= _MOST_BESIDE * size:
        yield from (places[at : at + size] for at in range(0, len(places), size))
        size //= 2
