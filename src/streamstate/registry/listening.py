"""Tells listeners what an op did."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from streamstate.model import Effect, Op, PullId, Returned, Seen, StreamId, View

Listener: TypeAlias = Callable[[Op, tuple[Effect, ...]], None]
"""Hears of every op once it is done, cancels and looks included, with its effects in order.

What it raises comes out of the op, or of the `await` that looks; `StopIteration` and
`StopAsyncIteration`, which would look like a result or an end there, come out as the cause of a
`RuntimeError`.

A listener that acts may do ops itself, also on the same registry: the registry does them at once,
and tells of them after the op at hand. A listener that only watches is told sooner, and must do
none.
"""

_STOPS: Final = (StopIteration, StopAsyncIteration)

MOST_NESTED: Final = 1_000
"""How many ops deep a listener may answer an op with an op."""

MOST_ANSWERS: Final = 100_000
"""How many ops listeners may do in answer to one: who does two for each never gets that deep."""


class Announcer:
    """Tells the listeners of one registry of each op, in the order in which the ops were done.

    `witnesses` (a recording, counts, the model in lockstep) are told at once, when the registry is
    just as the op left it, and never act. `listeners` may act: while they are told of one op, those
    that come of it queue up behind. `effects` collects what the op at hand does.
    """

    __slots__ = ("_answers", "_depth", "_queue", "effects", "listeners", "witnesses")

    def __init__(
        self, witnesses: Iterable[Listener] = (), listeners: Iterable[Listener] = ()
    ) -> None:
        self.witnesses: tuple[Listener, ...] = tuple(witnesses)
        self.listeners: tuple[Listener, ...] = tuple(listeners)
        self.effects: list[Effect] = []
        self._queue: deque[tuple[int, Op, tuple[Effect, ...]]] = deque()
        self._depth = 0
        self._answers = 0

    def attach(self, listener: Listener, acts: bool) -> None:
        """Tell one more from now on, behind those that there are."""
        if acts:
            self.listeners = (*self.listeners, listener)
        else:
            self.witnesses = (*self.witnesses, listener)

    def detach(self, listener: Listener) -> bool:
        """Tell it no more. Whether anybody is left."""
        self.witnesses = tuple(each for each in self.witnesses if each != listener)
        self.listeners = tuple(each for each in self.listeners if each != listener)
        return bool(self.witnesses or self.listeners)

    def tell(self, op: Op, returned: StreamId | bool | None = None) -> None:
        """Tell of an op that is done; None: it returned nothing.

        All are told; then what the first of them raised is raised. Raises `RecursionError` where
        a listener answers each op with another without an end.
        """
        self._tell(op, () if returned is None else (Returned(returned),))

    def tell_view(self, op: Op, shown: View | None) -> None:
        """Tell of an op that returned a view, or None for an unknown stream."""
        self._tell(op, (Returned(shown),))

    def tell_look(self, pull: PullId) -> None:
        """Tell that the awaiter of the pull looks now. A listener that raises prevents it, and
        those behind it, and the witnesses, are not told."""
        depth = self._depth
        self._depth = depth + 1
        try:
            for listener in (*self.listeners, *self.witnesses):
                listener(Seen(pull), ())
        except _STOPS as stop:
            raise_first(stop)
        finally:
            self._depth = depth
            self._work_off_and_raise(None)

    def _tell(self, op: Op, returned: tuple[Effect, ...]) -> None:
        effects = (*returned, *self.effects)
        self.effects.clear()
        raised = _tell_all(self.witnesses, op, effects)
        if self.listeners:
            if self._depth == MOST_NESTED:
                raise RecursionError(f"listeners answer op with op {MOST_NESTED} deep; last: {op}")
            if self._answers == MOST_ANSWERS:
                raise RecursionError(f"listeners answer an op with {MOST_ANSWERS} ops; last: {op}")
            self._answers += self._depth > 0
            self._queue.append((self._depth + 1, op, effects))
        try:
            self._work_off_and_raise(raised)
        finally:
            raised = None  # whose traceback has this very frame, and the callers' with their pulls

    def _work_off_and_raise(self, raised: BaseException | None) -> None:
        """Tell the listeners what is queued, unless that is being done further out already."""
        if self._depth == 0:
            try:
                while self._queue:
                    self._depth, op, effects = self._queue.popleft()
                    first = _tell_all(self.listeners, op, effects)
                    raised = first if raised is None else raised
            finally:
                self._depth = self._answers = 0
        try:
            raise_first(raised)
        finally:
            raised = first = None


def _tell_all(
    listeners: tuple[Listener, ...], op: Op, effects: tuple[Effect, ...]
) -> BaseException | None:
    """Tell all of them; what the first of those raised that did."""
    raised: BaseException | None = None
    for listener in listeners:
        try:
            listener(op, effects)
        except BaseException as error:
            raised = error if raised is None else raised
    try:
        return raised
    finally:
        raised = None  # whose traceback has this very frame


def raise_first(raised: BaseException | None) -> None:
    """Raise it, if there is one, and do not hold on to it; see `Listener`."""
    try:
        if isinstance(raised, _STOPS):
            raise RuntimeError(f"a listener raised {type(raised).__name__}") from raised
        if raised is not None:
            raise raised
    finally:
        raised = None
