"""The pairs and triples of rules that any program can take, by exhaustive search.

A stream's next rule depends on its situation, of which there are fifteen, on whether a second pull
or push waits, and on the level that its queue has after the op. So all that can come one after the
other is found by going everywhere in the table of the dialect. Levels are taken as free but for
this: a push does not lower a level, a pull does not raise one, a queue to which a chunk was added
when it was full has another one after a pull, as one has behind which a push waits, and pushes wait
only behind a full one. What is not found so no program takes; what is found and taken by a program
is possible, and nothing is left between where both agree. No limit is zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import (
    Action,
    Control,
    Dialect,
    Event,
    Level,
    Rule,
    Transition,
    clear_rule,
    levels,
    pushes_wait,
    tabulate,
)

RuleSequence: TypeAlias = tuple[Rule, ...]


@dataclass(slots=True)
class Sequences:
    """Pairs and triples of rules that follow each other on one stream, whatever happens to others
    in between; and pairs that follow each other in a program, whichever streams they are on."""

    pairs: set[RuleSequence] = field(default_factory=set)
    triples: set[RuleSequence] = field(default_factory=set)
    in_a_row: set[RuleSequence] = field(default_factory=set)


class _Place(NamedTuple):
    """The situation of a stream; `several` pulls or pushes wait or not; whether it was made before;
    whether two chunks are known to be queued."""

    control: Control
    several: bool
    made: bool
    two: bool = False


class _Step(NamedTuple):
    rule: Rule
    after: _Place


_CROWDED: Final = (Control.PUSHES_WAITING, Control.CLOSING)
"""In which pushes wait."""

_UNMADE: Final = _Place(Control.ABSENT, several=False, made=False)
_GONE: Final = _Place(Control.ABSENT, several=False, made=True)
_OPS: Final = tuple(event for event in Event if event < Event.CANCEL_WAITING)


def possible(dialect: Dialect) -> Sequences:
    """All of that dialect, of the ops that every adapter offers, and get."""
    steps = _Steps(dialect)
    found = Sequences()
    for place in steps.places():
        for first in steps.with_clears(place):
            for second in steps.with_clears(first.after):
                found.pairs.add((first.rule, second.rule))
                for third in steps.with_clears(second.after):
                    found.triples.add((first.rule, second.rule, third.rule))
    found.in_a_row |= set(_in_a_row(steps))
    return found


class _Steps:
    """Where each op can lead, from everywhere that a stream can be."""

    def __init__(self, dialect: Dialect) -> None:
        self._table: Final = tabulate(dialect)
        self._known: Final[dict[_Place, tuple[_Step, ...]]] = {}
        self._pushes_wait: Final = pushes_wait(dialect)

    def places(self) -> list[_Place]:
        """All that a new stream can come to."""
        found = [_UNMADE]
        for place in found:  # grows while it is gone through
            for step in self.with_clears(place):
                if step.after not in found:
                    found.append(step.after)
        return found

    def of(self, place: _Place) -> tuple[_Step, ...]:
        """The steps from there."""
        if place not in self._known:
            self._known[place] = tuple(dict.fromkeys(self._made(place)))
        return self._known[place]

    def with_clears(self, place: _Place) -> Iterator[_Step]:
        """The same, and what a clear is to a stream that is there: on others a pull or a push may
        wait or not."""
        yield from self.of(place)
        if place.control is not Control.ABSENT:
            pulls = {True, place.control is Control.WAITING}
            pushes = {self._pushes_wait, place.control in _CROWDED}
            for waiting in product(pulls, pushes):
                yield _Step(clear_rule(*waiting), _GONE)

    def _made(self, place: _Place) -> Iterator[_Step]:
        for event, level in product(_OPS, levels(Level.EMPTY)):
            if event is Event.CREATE and place.made:
                continue
            if not _may_lead_to(event, place, level):
                continue
            made = place.made or event is Event.CREATE
            for others in _others(event, place, level):
                transition = self._table[event][place.control][level][others]
                two = _has_two(event, place, transition)
                for several in _several(event, place, transition):
                    yield _Step(transition.rule, _Place(transition.control, several, made, two))


def _others(event: Event, place: _Place, level: Level) -> tuple[bool, ...]:
    """Whether other pulls or pushes wait. After a pull, pushes go on waiting only behind a full
    queue, and may do so alone: one may have made no room."""
    if event is Event.PULL and place.control in _CROWDED:
        return (False, True) if level is Level.FULL else (False,)
    return (place.several,)


def _several(event: Event, place: _Place, transition: Transition) -> tuple[bool, ...]:
    """Whether several wait after an op."""
    actions = transition.actions
    if transition.control in _CROWDED:
        if event is Event.PUSH:
            return (place.control in _CROWDED,)
        return (False, place.several) if event is Event.PULL else (place.several,)
    if transition.control is not Control.WAITING:
        return (False,)
    if Action.WAIT in actions and place.control is Control.WAITING:
        replaced = {Action.SUPERSEDE_WAITING, Action.ABANDON_WAITING}
        return (replaced.isdisjoint(actions),)
    return (False, True) if Action.HAND_PUSHED in actions else (place.several,)


def _has_two(event: Event, place: _Place, transition: Transition) -> bool:
    """Whether two chunks are queued for certain after an op."""
    if transition.control.level is Level.EMPTY or event is Event.PULL:
        return False
    added = Action.APPEND in transition.actions
    return place.two or (added and place.control.level is Level.FULL)


def _may_lead_to(event: Event, place: _Place, level: Level) -> bool:
    match event:
        case Event.PUSH:
            return level >= max(place.control.level, Level.SOME)
        case Event.PULL:
            waits = place.control in _CROWDED
            least = Level.SOME if place.two or waits else Level.EMPTY
            return least <= level <= place.control.level
        case _:
            return True


def _in_a_row(steps: _Steps) -> Iterator[RuleSequence]:
    """The pairs in a program: of ops on two streams, of which one may be the other."""
    start = (_UNMADE, _UNMADE)
    found = [start]
    for both in found:  # grows while it is gone through
        for _, after in _of_both(steps, both):
            if after not in found:
                found.append(after)
    for both in found:
        for first, after in _of_both(steps, both):
            for second, _ in _of_both(steps, after):
                yield first, second


def _of_both(
    steps: _Steps, both: tuple[_Place, _Place]
) -> Iterator[tuple[Rule, tuple[_Place, _Place]]]:
    """What one op can do to two streams. They are made in any order: which is first is free."""
    one, other = both
    yield from ((step.rule, (step.after, other)) for step in steps.of(one))
    yield from ((step.rule, (one, step.after)) for step in steps.of(other))
    pulls, pushes = (
        any(place.control in waiting for place in both)
        for waiting in ((Control.WAITING,), _CROWDED)
    )
    gone = tuple(_GONE if place.made else place for place in both)
    yield clear_rule(pulls, pushes), (gone[0], gone[1])
