"""The table of one dialect: `delta` asked once for every entry of its finite domain."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Final, TypeAlias

from streamstate.model.control import Control, Event, Level
from streamstate.model.dialect import REFERENCE, Dialect
from streamstate.model.lookup import Transition, delta
from streamstate.model.transition import TABLE


@cache
def policies_of(event: Event) -> tuple[str, ...]:
    """The policies that some row of `event` asks for: the others make no difference to it."""
    asked = {field for one in TABLE[event] for field in one.when.limited()}
    return tuple(each.name for each in fields(Dialect) if each.name in asked)


Entries: TypeAlias = tuple[tuple[tuple[Transition, ...], ...], ...]
"""The table of one event, indexed by control, then by `after`, then by `others`."""

_last: tuple[Dialect, Level, tuple[Entries, ...]] = (REFERENCE, Level.EMPTY, ())
"""What was asked for last: an op asks for the dialect that the op before it did, and to see that it
is the same object takes a third of the time that its hash does."""


def tabulate(dialect: Dialect, nothing: Level = Level.EMPTY) -> tuple[Entries, ...]:
    """`delta` for `dialect`, where a queue with nothing in it is at the level `nothing`, as nested
    tuples, indexed by event and then as `Entries` are: 2,640 entries, equal ones shared. Built once
    for each, in some milliseconds."""
    global _last  # noqa: PLW0603  # a cache
    last, level, table = _last
    if last is dialect and level is nothing and table:
        return table
    table = _tabulated(dialect, nothing)
    _last = dialect, nothing, table
    return table


@cache
def _tabulated(dialect: Dialect, nothing: Level) -> tuple[Entries, ...]:
    return tuple(_entries(event, dialect, nothing) for event in Event)


def levels(nothing: Level) -> tuple[Level, ...]:
    """Those that a queue can have whose level is `nothing` with nothing in it: with a limit of zero
    there is never room."""
    return tuple(level for level in Level if level.full) if nothing.full else _WITH_ROOM


_WITH_ROOM: Final = (Level.EMPTY, Level.SOME, Level.FULL)


def reachable(dialect: Dialect, nothing: Level = Level.EMPTY) -> frozenset[Control]:
    """The situations that a stream can come to by the table of `dialect`, where a queue with
    nothing in it is at the level `nothing`; whether data ever leads to a level is not looked at.
    O(table) at first, then O(1)."""
    return _reached(dialect, nothing)


@cache
def _reached(dialect: Dialect, nothing: Level) -> frozenset[Control]:
    table = tabulate(dialect, nothing)
    met = {Control.ABSENT}
    to_visit = [Control.ABSENT]
    while to_visit:
        control = to_visit.pop()
        events = (each for each in Event if each is not Event.CREATE or control is Control.ABSENT)
        leads = {
            transition.control
            for event in events
            for after in levels(nothing)
            for transition in table[event][control][after]
        }
        to_visit += leads - met
        met |= leads
    return frozenset(met)


def pushes_wait(dialect: Dialect) -> bool:
    """Whether a push can come to wait in `dialect`. O(1) after the first time."""
    return Control.PUSHES_WAITING in reachable(dialect)


_ENTRIES: Final[dict[tuple[Event, Level, tuple[object, ...]], Entries]] = {}
"""Those of an event and the values of the policies that matter to it: dialects have them in
common."""

_SHARED: Final[dict[Transition, Transition]] = {}


def _entries(event: Event, dialect: Dialect, nothing: Level) -> Entries:
    key = event, nothing, tuple(getattr(dialect, policy) for policy in policies_of(event))
    if key not in _ENTRIES:
        _ENTRIES[key] = tuple(
            tuple(
                tuple(
                    _shared(delta(dialect, control, event, after, others, nothing))
                    for others in (False, True)
                )
                for after in Level
            )
            for control in Control
        )
    return _ENTRIES[key]


def _shared(transition: Transition) -> Transition:
    return _SHARED.setdefault(transition, transition)
