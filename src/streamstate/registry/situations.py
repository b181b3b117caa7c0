"""The model's table, linked for the registry: each situation knows where every event leads.

Nothing is decided here. The table is `model.tabulate`; what is added is links instead of numbers,
and what does its actions (`actions`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from streamstate.model import (
    Control,
    Dialect,
    Event,
    Level,
    Transition,
    Writability,
    tabulate,
    writability,
)
from streamstate.registry.actions import doing_of
from streamstate.registry.record import Entry, Situation

_TOLD: Final = {Writability.NEVER: False, Writability.NOW: True, Writability.LATER: None}


@lru_cache(maxsize=256)
def situations(dialect: Dialect, nothing: Level) -> tuple[Situation, ...]:
    """The situations of `dialect`, indexed by `Control`, where a queue with nothing in it is at the
    level `nothing`. Built once, in some milliseconds."""
    compiled = tuple(Situation(control, _TOLD[writability(control)]) for control in Control)
    table = tabulate(dialect, nothing)

    def entry(transition: Transition) -> Entry:
        situation = compiled[transition.control]
        return Entry(doing_of(transition.actions), situation, transition.returned)

    for situation in compiled:
        situation.on = tuple(
            tuple(
                tuple(entry(table[event][situation.control][after][others]) for after in Level)
                for others in (False, True)
            )
            for event in Event
        )
        situation.on_push = situation.on[Event.PUSH]
        situation.on_pull = situation.on[Event.PULL][False]
    return compiled
