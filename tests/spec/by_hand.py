"""The asyncio registry, answering a vector with no event loop.

Pulls are driven by hand, so that *handed and not yet seen* lasts until the vector says `seen`, and
a pull can be cancelled while it does.
"""

from __future__ import annotations

from asyncio import CancelledError

from streamstate.model import (
    Accepted,
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Effect,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    PullId,
    Push,
    PushId,
    Rejected,
    Resolved,
    Seen,
    StreamId,
    TurnedAway,
)
from streamstate.registry import PendingPull, PendingSend, StreamStateRegistry
from streamstate.wire import Json, agrees, encode_effects, encode_view
from tests.agreement.twin import effect_of
from tests.spec.vectors import Vector


class ByHand:
    """One registry and the pulls called on it."""

    def __init__(self, dialect: Dialect, limits: Limits) -> None:
        self.told: list[Effect] = []
        self.called = 0
        self.pulls: dict[PullId, PendingPull] = {}
        self.settled: dict[PullId, Effect] = {}
        self.sends: dict[PushId, PendingSend] = {}
        self.registry = StreamStateRegistry(
            dialect, limits, listener=lambda _op, effects: self.told.extend(effects)
        )

    def answer(self, op: Op) -> Json:
        """`[returned, settled]`: what the op returned, and what settled by it, pulls first."""
        self.told.clear()
        returned = self._do(op)
        pulls = [e for e in self.told if isinstance(e, Resolved | Rejected)]
        self.settled |= {effect.pull: effect for effect in pulls}
        pushes = [e for e in self.told if isinstance(e, Accepted | TurnedAway)]
        return [returned, encode_effects((*pulls, *pushes))[1]]

    def look_at_the_rest(self) -> None:
        """Whoever awaits a settled pull gets what was said of it."""
        for pull in self.settled.keys() & self.pulls.keys():
            self._look(pull)

    def _do(self, op: Op) -> Json:
        registry = self.registry
        match op:
            case Create():
                return registry.create()
            case Get(stream):
                view = registry.get(stream)
                return None if view is None else encode_view(view.snapshot())
            case Push(stream, chunk):
                return self._push(stream, chunk)
            case Pull(stream):
                self.called += 1
                self.pulls[self.called] = registry.pull(stream)
            case Close(stream):
                registry.close(stream)
            case Error(stream, value):
                registry.error(stream, value)
            case IsQueueFull(stream):
                return registry.is_queue_full(stream)
            case Delete(stream):
                registry.delete(stream)
            case Clear():
                registry.clear()
            case CancelPull(pull):
                self._cancel(pull)
            case Seen(pull):
                self._look(pull)
            case CancelPush(push):
                return push in self.sends and self.sends[push].cancel()
        return None

    def _push(self, stream: StreamId, chunk: bytes) -> bool | None:
        sending = self.registry.send(stream, chunk)
        if sending.accepted is None:  # it waits, and takes a number
            self.sends[len(self.sends) + 1] = sending
        return sending.accepted

    def _cancel(self, pull: PullId) -> None:
        pending = self.pulls.pop(pull, None)
        if pending is None:
            return
        try:
            pending.throw(CancelledError())
        except CancelledError:
            return
        raise AssertionError(f"cancelled pull {pull} went on")

    def _look(self, pull: PullId) -> None:
        if pull not in self.settled or pull not in self.pulls:
            return
        brought = effect_of(pull, self.pulls.pop(pull))
        assert brought == self.settled[pull], f"pull {pull} brought {brought}"


def first_difference(vector: Vector, dialect: Dialect) -> int | None:
    """The index of the first op that the registry answers otherwise; None if there is none.

    What falls over, or brings an awaiter something else, differs too.
    """
    hand = ByHand(dialect, vector.limits)
    at = 0
    try:
        for at, (op, answer) in enumerate(zip(vector.program, vector.trace, strict=True)):
            if not agrees(answer, hand.answer(op)):
                return at
        hand.look_at_the_rest()
    except (AssertionError, AttributeError, IndexError, KeyError):
        return at
    return None
