"""The table of a dialect as arrows between situations, and which of them a program takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from streamstate.model import (
    CancelPull,
    Clear,
    Control,
    Create,
    Dialect,
    Event,
    Level,
    Limits,
    Rule,
    Seen,
    State,
    initial,
    tabulate,
)
from streamstate.model.state import control_of
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.wire import Together, Turn, answer


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one situation to another, or back to the same one."""

    source: Control
    target: Control


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that takes an arrow, and its rule."""

    event: Event
    rule: Rule


_OPS: Final = tuple(event for event in Event if event < Event.CANCEL_WAITING)


@cache
def arrows(dialect: Dialect) -> dict[Arrow, tuple[Taken, ...]]:
    """The arrows that programs can take in `dialect`, cancels left out, each with what takes it."""
    table = tabulate(dialect)
    taken: dict[Arrow, dict[Taken, None]] = {}
    to_visit, met = [Control.ABSENT], {Control.ABSENT}
    while to_visit:
        source = to_visit.pop()
        for event in _OPS:
            if event is Event.CREATE and source is not Control.ABSENT:
                continue
            for after in _levels(event, source.level):
                for transition in table[event][source][after]:
                    target = transition.control
                    taken.setdefault(Arrow(source, target), {})[Taken(event, transition.rule)] = (
                        None
                    )
                    if target not in met:
                        met.add(target)
                        to_visit.append(target)
    return {arrow: tuple(each) for arrow, each in taken.items()}


def _levels(event: Event, before: Level) -> Iterator[Level]:
    """The levels that a queue can have after an event, as data allows: a chunk more never makes it
    emptier and never leaves it empty, a chunk fewer never makes it fuller."""
    for after in Level:
        fuller = after >= before and after is not Level.EMPTY
        if (event is Event.PUSH and not fuller) or (event is Event.PULL and after > before):
            continue
        yield after


def arrows_of(dialect: Dialect, rule: Rule) -> Iterator[Arrow]:
    """The arrows that are taken by that rule. A clear deletes streams, so its rules have none."""
    for arrow, taken in arrows(dialect).items():
        if any(each.rule is rule for each in taken):
            yield arrow


def taken_in(deviation: Deviation, dialect: Dialect, rule: Rule) -> tuple[Arrow, ...]:
    """The arrows that the model takes where the program last exercises that rule; none if it never
    does. One for an op on a stream; one for each stream that a clear deletes."""
    limits = Limits() if deviation.limits is None else deviation.limits
    state = initial(dialect, limits)
    found: tuple[Arrow, ...] = ()
    for op in deviation.program[: deviation.difference.at + 1]:
        answered = answer(state, op)
        if answered.rule is rule:
            streams = _streams_of(op, state, answered.state, limits)
            steps = [_arrow(number, state, answered.state, limits) for number in streams]
            found = tuple(dict.fromkeys(steps))
        state = answered.state
    return found


def _streams_of(turn: Turn, before: State, after: State, limits: Limits) -> Iterator[int]:
    """The stream that an op is on; for ops that are on any, those whose situation they change."""
    match turn:
        case Create() | Clear() | CancelPull() | Seen() | Together():
            for number in {**dict(before.streams), **dict(after.streams)}:
                arrow = _arrow(number, before, after, limits)
                if arrow.source is not arrow.target:
                    yield number
        case _:
            yield turn.stream


def _arrow(number: int, before: State, after: State, limits: Limits) -> Arrow:
    return Arrow(control_of(before.find(number), limits), control_of(after.find(number), limits))
