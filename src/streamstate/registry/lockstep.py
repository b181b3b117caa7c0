"""Running the pure model beside a registry, to catch the first difference in a live service."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Create,
    Dialect,
    Effect,
    Errored,
    Limits,
    Op,
    Rejected,
    Returned,
    Seen,
    State,
    StreamId,
    TurnedAway,
    View,
    advance,
    initial,
    view,
)
from streamstate.model.invariants import waiting_pushes
from streamstate.model.state import Waiting
from streamstate.registry.record import Record
from streamstate.registry.view import snapshot

HISTORY: Final = 1_000
"""How many ops a report goes back."""


class LockstepError(AssertionError):
    """The registry did what the model does not.

    `ops` are the last ops (1,000 at most), the last of them the one that differed; `before` is the
    model's state before the first of them; `expected` and `observed` say what differed.
    """

    def __init__(
        self, ops: tuple[Op, ...], before: State, what: str, expected: object, observed: object
    ) -> None:
        super().__init__(
            f"{what} after {_shown(ops[-1])}: the model says {_shown(expected)}, the registry"
            f" {_shown(observed)}"
            f" ({len(ops)} ops and the state before them are in .ops and .before)"
        )
        self.ops = ops
        self.before = before
        self.what = what
        self.expected = expected
        self.observed = observed

    def __reduce__(self) -> tuple[type[LockstepError], tuple[object, ...]]:
        return type(self), (self.ops, self.before, self.what, self.expected, self.observed)


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # an error value can be anything, and must not hide the difference
        return f"<a {type(value).__name__} that cannot be shown: {error!r}>"


class Lockstep:
    """A listener that compares every op of a registry with the model: effects, their order, and
    the views of the streams concerned. It stops comparing once it has reported a difference.

    Costs some ten times the op itself, and O(live streams) for the model's immutable table.
    """

    __slots__ = ("_diverged", "_history", "_state", "_streams")

    def __init__(
        self, dialect: Dialect, limits: Limits, streams: Mapping[StreamId, Record]
    ) -> None:
        self._state = initial(dialect, limits)
        self._streams = streams
        self._history: deque[tuple[State, Op]] = deque(maxlen=HISTORY)
        self._diverged = False

    def __call__(self, op: Op, effects: tuple[Effect, ...]) -> None:
        """Compare one op. Raises `LockstepError` at the first difference."""
        if self._diverged:
            return
        before = self._state
        self._history.append((before, op))
        _, self._state, expected = advance(before, op)
        if _opaque(effects) != _opaque(expected):
            self._report("effects", expected, effects)
        if len(self._streams) != len(self._state.streams):
            self._report("number of streams", len(self._state.streams), len(self._streams))
        for stream in _concerned(before, op):
            shown, modelled = self._view(stream), view(self._state, stream)
            if _opaque_view(shown) != _opaque_view(modelled):
                self._report(f"view of stream {stream}", modelled, shown)

    def _view(self, stream: StreamId) -> View | None:
        record = self._streams.get(stream)
        return None if record is None else snapshot(record)

    def _report(self, what: str, expected: object, observed: object) -> None:
        self._diverged = True
        ops = tuple(op for _, op in self._history)
        raise LockstepError(ops, self._history[0][0], what, expected, observed)


def _opaque(effects: tuple[Effect, ...]) -> list[object]:
    """The effects with error values known by identity: both sides hold the very same object, and
    how that compares, or whether it does, is nobody's concern here."""
    plain: list[object] = []
    for effect in effects:
        match effect:
            case Rejected(pull, Errored(value)):
                plain.append(Rejected(pull, Errored(id(value))))
            case TurnedAway(push, Errored(value)):
                plain.append(TurnedAway(push, Errored(id(value))))
            case Returned(View() as shown):
                plain.append(_opaque_view(shown))
            case _:
                plain.append(effect)
    return plain


def _opaque_view(shown: View | None) -> View | None:
    return None if shown is None else replace(shown, error_value=id(shown.error_value))


def _concerned(before: State, op: Op) -> tuple[StreamId, ...]:
    """The streams that `op` could have changed."""
    match op:
        case Create():
            return (before.next_stream,)
        case Clear():
            return tuple(number for number, _ in before.streams)
        case CancelPull(pull) | Seen(pull):
            return tuple(_streams_of_pull(before, pull))
        case CancelPush(push):
            return tuple(_streams_of_push(before, push))
        case _:
            return (op.stream,)


def _streams_of_pull(state: State, pull: int) -> list[StreamId]:
    handed = [handed.stream for handed in state.handed if handed.pull == pull]
    waiting = [
        number
        for number, stream in state.streams
        if isinstance(stream, Waiting) and pull in {stream.first, *stream.others}
    ]
    return handed + waiting


def _streams_of_push(state: State, push: int) -> list[StreamId]:
    return [
        number
        for number, stream in state.streams
        if any(offered.push == push for offered in waiting_pushes(stream))
    ]
