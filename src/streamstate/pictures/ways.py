"""The table of a dialect by phase: what leads from one phase to another, and what stays in each."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import Final, NamedTuple

from streamstate.model import Action, Control, Dialect, Event, Level, Phase, Rule, levels, tabulate


class Way(NamedTuple):
    """An event in a phase, its rule, and the phase after it."""

    source: Phase
    event: Event
    rule: Rule
    target: Phase


_ONLY_IN: Final = {
    Event.CREATE: (Phase.ABSENT,),
    Event.CANCEL_WAITING: (Phase.WAITING,),
    Event.CANCEL_WAITING_PUSH: (Phase.PUSHES_WAITING, Phase.CLOSING),
}


@cache
def ways(dialect: Dialect) -> tuple[Way, ...]:
    """All ways in `dialect` from phases that a program can reach, in the order of the rules. Leaves
    out events that never change a stream. O(table)."""
    table = tabulate(dialect)
    several = table[Event.PULL][Control.WAITING][Level.EMPTY][False].actions == (Action.WAIT,)
    events = [event for event in Event if _changes_streams(dialect, event)]
    found: set[Way] = set()
    met = [Control.ABSENT]
    for source in met:  # which grows meanwhile
        possible = (each for each in events if source.phase in _ONLY_IN.get(each, (source.phase,)))
        besides = {False, several or source in (Control.PUSHES_WAITING, Control.CLOSING)}
        for event, after, others in product(possible, levels(Level.EMPTY), besides):
            entry = table[event][source][after][others]
            found.add(Way(source.phase, event, entry.rule, entry.control.phase))
            if entry.control not in met:
                met.append(entry.control)
    return in_order(found)


def in_order(several: Iterable[Way]) -> tuple[Way, ...]:
    """The order: by phase, then as the rules stand in the specification."""
    return tuple(sorted(several, key=lambda way: (way.source, _ORDER[way.rule], way.target)))


_ORDER: Final = {rule: number for number, rule in enumerate(Rule)}


def _changes_streams(dialect: Dialect, event: Event) -> bool:
    """Whether the event ever does more than settle its own pull and let a chunk go."""
    table = tabulate(dialect)[event]
    entries = ((at, table[at][after][others]) for at, after, others in _CELLS)
    return any(
        entry.control is not at or not _OWN.issuperset(entry.actions) for at, entry in entries
    )


_CELLS: Final = tuple(product(Control, levels(Level.EMPTY), (False, True)))
_OWN: Final = {Action.LET_GO, Action.FINISH, Action.FAIL, Action.REFUSE}
