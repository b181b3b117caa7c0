"""Which rules a broken model violates: those of the steps at which it may first go astray.

Until its first wrong step a broken model is in a state of the sound one. So it is enough to try
every op in every such state, once, and no sequence has to be run again for each fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from streamstate.model import Dialect, Limits, Op, PullId, Rule, State, Step, advance, initial
from tests.agreement.exhaustive import ALPHABET, LIMITS, ON_THE_UNKNOWN, START
from tests.agreement.loose import follow, on_pulls, on_pushes

OPS = 4
"""After the creates: as many as it takes for every rule to fire."""

Advance: TypeAlias = Callable[[State, Op], Step]


class Taken(NamedTuple):
    """A step that the sound model takes."""

    before: State
    op: Op
    step: Step


class _Place(NamedTuple):
    """Where a sequence can go on from, with the pulls that nobody has finished."""

    state: State
    loose: tuple[tuple[PullId, bool], ...]

    def after(self, taken: Taken) -> _Place:
        loose = follow(self.loose, taken.op, taken.step, self.state.next_pull)
        return _Place(taken.step.state, loose)


@lru_cache(maxsize=32)
def steps_taken(dialect: Dialect, ops: int = OPS, limits: Limits = LIMITS) -> tuple[Taken, ...]:
    """Every step of every exhaustive sequence of up to `ops` ops, the creates before them
    included; steps that start in the same place are taken once."""
    taken: list[Taken] = []
    place = _Place(initial(dialect, limits), ())
    for op in START:
        taken.append(Taken(place.state, op, advance(place.state, op)))
        place = place.after(taken[-1])
    known = {place}
    layer = [place]
    for _ in range(ops):
        following: list[_Place] = []
        for place in layer:
            for one in _steps_from(place):
                taken.append(one)
                after = place.after(one)
                if after not in known:
                    known.add(after)
                    following.append(after)
        layer = following
    return tuple(taken)


def _steps_from(place: _Place) -> Iterator[Taken]:
    pushes = on_pushes(place.state.next_push)
    for op in (*ALPHABET, *on_pulls(place.loose), *pushes, *ON_THE_UNKNOWN):
        yield Taken(place.state, op, advance(place.state, op))


def violated(
    dialect: Dialect, broken: Advance, ops: int = OPS, limits: Limits = LIMITS
) -> set[Rule]:
    """The rules that the sound model takes where the broken one answers otherwise, or gets to
    another state, within `ops` ops."""
    return {
        right.rule
        for before, op, right in steps_taken(dialect, ops, limits)
        if broken(before, op)[1:] != right[1:]
    }
