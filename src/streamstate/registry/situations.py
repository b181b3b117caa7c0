"""The model's table, compiled for the registry: each situation knows where every event leads.

Nothing is decided here. The table is `model.tabulate`; what is added is the code that does its
actions, and links instead of numbers.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, TypeAlias

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
from streamstate.registry.actions import Doing, doing

Entry: TypeAlias = tuple[Doing, "Situation", bool | None]
"""What to do, the situation after it, and what the op returns."""

Row: TypeAlias = tuple[tuple[Entry, ...], ...]
"""The entries of one event in one situation, indexed by `others` and then by `after`."""


_TOLD: Final = {Writability.NEVER: False, Writability.NOW: True, Writability.LATER: None}


class Situation:
    """One of the fourteen situations of a dialect. `on_push` and `on_pull` are rows of `on`.
    `writable` is what a writer that asks for room is told; None: to wait."""

    __slots__ = ("control", "on", "on_pull", "on_push", "writable")

    def __init__(self, control: Control) -> None:
        self.control = control
        self.writable = _TOLD[writability(control)]
        self.on: tuple[Row, ...]
        self.on_push: Row
        self.on_pull: Row


@lru_cache(maxsize=256)
def situations(dialect: Dialect) -> tuple[Situation, ...]:
    """The situations of `dialect`, indexed by `Control`. Built once, in some milliseconds."""
    compiled = tuple(Situation(control) for control in Control)

    def entry(transition: Transition) -> Entry:
        return (
            doing(transition.actions),
            compiled[transition.control],
            transition.returned,
        )

    table = tabulate(dialect)
    for situation in compiled:
        situation.on = tuple(
            tuple(
                tuple(entry(table[event][situation.control][after][others]) for after in Level)
                for others in (False, True)
            )
            for event in Event
        )
        situation.on_push = situation.on[Event.PUSH]
        situation.on_pull = situation.on[Event.PULL]
    return compiled
