"""The table of one dialect: `delta` asked once for every entry of its finite domain."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Final, TypeAlias

from streamstate.model.control import Control, Event, Level
from streamstate.model.dialect import REFERENCE, Dialect
from streamstate.model.transition import TABLE, Transition, delta


@cache
def policies_of(event: Event) -> tuple[str, ...]:
    """The policies that some row of `event` asks for: the others make no difference to it."""
    asked = {field for one in TABLE[event] for field in one.when.limited()}
    return tuple(each.name for each in fields(Dialect) if each.name in asked)


Entries: TypeAlias = tuple[tuple[tuple[Transition, ...], ...], ...]
"""The table of one event, indexed by control, then by `after`, then by `others`."""

_last: tuple[Dialect, tuple[Entries, ...]] = (REFERENCE, ())
"""What was asked for last: an op asks for the dialect that the op before it did, and to see that it
is the same object takes a third of the time that its hash does."""


def tabulate(dialect: Dialect) -> tuple[Entries, ...]:
    """`delta` for `dialect` as nested tuples, indexed by event and then as `Entries` are: 1,350
    entries, equal ones shared. Built once per dialect, in a millisecond; all take a tenth of a
    second."""
    global _last  # noqa: PLW0603  # a cache
    last, table = _last
    if last is dialect and table:
        return table
    table = _tabulated(dialect)
    _last = dialect, table
    return table


@cache
def _tabulated(dialect: Dialect) -> tuple[Entries, ...]:
    return tuple(_entries(event, dialect) for event in Event)


def reachable(dialect: Dialect) -> frozenset[Control]:
    """The situations that a stream can come to by the table of `dialect`; whether data ever leads
    to a level is not looked at. O(table) at first, then O(1)."""
    return _reached(dialect)


@cache
def _reached(dialect: Dialect) -> frozenset[Control]:
    table = tabulate(dialect)
    met = {Control.ABSENT}
    to_visit = [Control.ABSENT]
    while to_visit:
        control = to_visit.pop()
        events = (each for each in Event if each is not Event.CREATE or control is Control.ABSENT)
        leads = {
            transition.control
            for event in events
            for by_others in table[event][control]
            for transition in by_others
        }
        to_visit += leads - met
        met |= leads
    return frozenset(met)


def pushes_wait(dialect: Dialect) -> bool:
    """Whether a push can come to wait in `dialect`. O(1) after the first time."""
    return Control.PUSHES_WAITING in reachable(dialect)


_ENTRIES: Final[dict[tuple[Event, tuple[object, ...]], Entries]] = {}
"""Those of an event and the values of the policies that matter to it: dialects have them in
common."""

_SHARED: Final[dict[Transition, Transition]] = {}


def _entries(event: Event, dialect: Dialect) -> Entries:
    key = event, tuple(getattr(dialect, policy) for policy in policies_of(event))
    if key not in _ENTRIES:
        _ENTRIES[key] = tuple(
            tuple(
                tuple(_entry(dialect, control, event, after, others) for others in (False, True))
                for after in Level
            )
            for control in Control
        )
    return _ENTRIES[key]


def _entry(
    dialect: Dialect, control: Control, event: Event, after: Level, others: bool
) -> Transition:
    transition = delta(dialect, control, event, after, others)
    return _SHARED.setdefault(transition, transition)
