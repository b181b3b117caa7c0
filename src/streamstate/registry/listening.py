"""Telling listeners what an op did."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from streamstate.model import Effect, Op, Returned, StreamId, View
from streamstate.registry.actions import Outside

Listener: TypeAlias = Callable[[Op, tuple[Effect, ...]], None]
"""Told of every op once it is done, cancels and sees included, with its effects in order."""


class Announcer:
    """Tells the listeners of one registry of each op, with the effects that its actions left."""

    __slots__ = ("_listeners", "_outside")

    def __init__(self, listeners: tuple[Listener, ...], outside: Outside) -> None:
        self._listeners = listeners
        self._outside = outside

    def tell(self, op: Op, returned: StreamId | bool | None = None) -> None:
        """Tell of an op that is done; None: it returned nothing."""
        self._announce(op, () if returned is None else (Returned(returned),))

    def tell_view(self, op: Op, shown: View | None) -> None:
        """Tell of an op that returned a view, or None for an unknown stream."""
        self._announce(op, (Returned(shown),))

    def _announce(self, op: Op, returned: tuple[Effect, ...]) -> None:
        collected = self._outside.effects
        effects = (*returned, *(collected or ()))
        if collected:
            collected.clear()
        for listener in self._listeners:
            listener(op, effects)
