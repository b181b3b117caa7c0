"""Telling listeners what an op did."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from streamstate.model import Effect, Op, PullId, Returned, Seen, StreamId, View
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

    def tell_look(self, pull: PullId) -> None:
        """Tell that the awaiter of the pull looks now. A listener that raises prevents it, and
        those behind it are not told."""
        for listener in self._listeners:
            listener(Seen(pull), ())

    def _announce(self, op: Op, returned: tuple[Effect, ...]) -> None:
        """Tell all, for the op is done; then raise what the first of them raised, if any did."""
        collected = self._outside.effects
        effects = (*returned, *(collected or ()))
        if collected:
            collected.clear()
        raised: BaseException | None = None
        for listener in self._listeners:
            try:
                listener(op, effects)
            except BaseException as error:
                raised = raised or error
        if raised is not None:
            raise raised
