"""Whether a history is linearizable, object by object.

Where hardly a call is in progress, it cuts the history: it finds all configurations in which the
search can arrive there, and forgets what was before. If finding them all takes too long, the search
goes on with the first that it finds, and takes choices back when that one fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from streamstate.histories.configuration import Configuration, Move, Mover, Path
from streamstate.histories.demands import Demand, demands_of, works_of
from streamstate.histories.events import Call
from streamstate.histories.fifo import learn
from streamstate.histories.objects import Object
from streamstate.histories.search import ForgottenError, OutOfStepsError, Search
from streamstate.model import Rule, pushes_wait

MOST_STEPS: Final = 5_000_000
"""How many steps of the model a check may spend on one object, if the caller does not say."""

_STEPS_OF_A_CUT: Final = 64
_STEPS_OF_A_CALL: Final = 16
"""How many steps it may take to find all configurations between two cuts."""


@dataclass(frozen=True, slots=True)
class Point:
    """A linearization point: `call` took effect by `rule`, or was cancelled by it."""

    call: Call
    rule: Rule
    cancels: bool = False


Witness: TypeAlias = tuple[Point, ...]
"""A linearization: the points in their order. A call that is not there took no effect."""


@dataclass(frozen=True, slots=True)
class Linearized:
    """A linearization exists. `ends` is a configuration at its end."""

    witness: Witness
    ends: Configuration


@dataclass(frozen=True, slots=True)
class Stuck:
    """None exists. Up to the response before number `reached` there is one."""

    reached: int
    demands: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """Nobody knows: this bound ran out."""

    bound: str


Finding: TypeAlias = Linearized | Stuck | Undecided


def linearize(one: Object, most_steps: int = MOST_STEPS, *, keep_witness: bool = False) -> Finding:
    """Look for a linearization of the calls on one object. It keeps the witness only if you ask
    for it, since that takes memory for each call."""
    works = works_of(one.calls)
    demands = demands_of(works)
    if one.streams:
        learn(works, one.start)
    mover = Mover(
        {work.number: work for work in works},
        only_numbers=not one.streams,
        pushes_wait=pushes_wait(one.start.dialect),
    )
    return _Run(demands, Search(demands, mover), most_steps, keep_witness).run(one)


class _Run:
    def __init__(
        self, demands: Sequence[Demand], search: Search, most_steps: int, keep_witness: bool
    ) -> None:
        self._demands: Final = demands
        self._search: Final = search
        self._most_steps: Final = most_steps
        self._keep_witness: Final = keep_witness

    def run(self, one: Object) -> Finding:
        starts = [Configuration(0, one.start)]
        for begin, until in pairwise(_cuts(self._demands)):
            ends = self._all(starts, begin, until)
            if ends is None:
                return self._first(starts)
            if not ends:
                return self._stuck()
            starts = ends
        return self._linearized(starts[0])

    def _all(
        self, starts: Sequence[Configuration], begin: int, until: int
    ) -> list[Configuration] | None:
        """All configurations in which it can arrive, or None if that takes too long."""
        most = min(_STEPS_OF_A_CUT + _STEPS_OF_A_CALL * (until - begin), self._most_steps)
        try:
            ends = list(self._search.arrivals(starts, until, most))
        except (OutOfStepsError, ForgottenError):
            return None
        if len(ends) > 1:
            ends = list({end.key: end for end in ends}.values())
        if not self._keep_witness:
            ends = [end._replace(path=None) for end in ends]
        return ends

    def _first(self, starts: Sequence[Configuration]) -> Finding:
        """Go on to the end with the first configuration that the search finds."""
        arrivals = self._search.arrivals(starts, len(self._demands), self._most_steps)
        try:
            end = next(arrivals, None)
        except OutOfStepsError:
            return Undecided(f"{self._most_steps:,} steps of the model")
        except ForgottenError:
            return Undecided("choices that are kept to be taken back")
        return self._stuck() if end is None else self._linearized(end)

    def _stuck(self) -> Stuck:
        assert self._search.furthest is not None, "it began"
        return Stuck(self._search.furthest.demand, len(self._demands))

    def _linearized(self, end: Configuration) -> Linearized:
        return Linearized(tuple(_points(end.path)) if self._keep_witness else (), end)


def _cuts(demands: Sequence[Demand]) -> Iterator[int]:
    yield 0
    for place, demand in enumerate(demands, start=1):
        if demand.narrow or place == len(demands):
            yield place


def _points(path: Path) -> Iterator[Point]:
    moves: list[Move] = []
    while path is not None:
        path, move = path
        moves.append(move)
    return (Point(move.work.call, move.rule, move.cancels) for move in reversed(moves))
