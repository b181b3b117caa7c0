"""A run of a program, recorded so that laws can be checked on it.

A law needs a `step`, not the model's: so the same laws are asked of broken models too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from streamstate.model import (
    Abandoned,
    Accepted,
    CancelPull,
    CancelPush,
    Chunk,
    Clear,
    Close,
    Create,
    Delete,
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
    Returned,
    Seen,
    State,
    StreamId,
    TurnedAway,
    Unblocked,
    View,
    view,
)

Stepper: TypeAlias = Callable[[State, Op], tuple[State, tuple[Effect, ...]]]
"""Anything that is called like `streamstate.model.step`."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One op of a run."""

    before: State
    op: Op
    after: State
    effects: tuple[Effect, ...]

    @property
    def returned(self) -> StreamId | bool | View | None:
        """What the op returned, None also where it returned nothing."""
        return next((e.value for e in self.effects if isinstance(e, Returned)), None)

    @property
    def brought(self) -> dict[PullId, bytes]:
        """The pulls that settled with a chunk, and with which."""
        return {
            effect.pull: effect.result.value
            for effect in self.effects
            if isinstance(effect, Resolved) and isinstance(effect.result, Chunk)
        }

    @property
    def settled(self) -> tuple[PullId, ...]:
        """The pulls that settled, in order."""
        return tuple(e.pull for e in self.effects if isinstance(e, Resolved | Rejected))

    @property
    def accepted(self) -> tuple[PushId, ...]:
        """The pushes that waited and are accepted, in order."""
        return tuple(e.push for e in self.effects if isinstance(e, Accepted))

    @property
    def turned_away(self) -> tuple[PushId, ...]:
        """The pushes that waited and are turned away, in order."""
        return tuple(e.push for e in self.effects if isinstance(e, TurnedAway))

    @property
    def abandoned(self) -> tuple[PullId, ...]:
        """The pulls that will never settle."""
        return tuple(e.pull for e in self.effects if isinstance(e, Abandoned))

    @property
    def unblocked(self) -> tuple[StreamId, ...]:
        """The streams whose waiting writers are told, in order."""
        return tuple(e.stream for e in self.effects if isinstance(e, Unblocked))


History: TypeAlias = Sequence[Happening]
Law: TypeAlias = Callable[[History], Iterator[str]]
"""Yields what is wrong with a history, in words; nothing if it keeps the law."""


def record(step: Stepper, start: State, ops: Iterable[Op]) -> tuple[Happening, ...]:
    """The run of `ops` from `start` on."""
    happenings: list[Happening] = []
    state = start
    for op in ops:
        after, effects = step(state, op)
        happenings.append(Happening(state, op, after, effects))
        state = after
    return tuple(happenings)


def stream_of(op: Op) -> StreamId | None:
    """The stream that `op` names, None for ops that name none."""
    match op:
        case (
            Get(stream)
            | Push(stream)
            | Pull(stream)
            | Close(stream)
            | Error(stream)
            | IsQueueFull(stream)
            | Delete(stream)
        ):
            return stream
        case Create() | Clear() | CancelPull() | Seen() | CancelPush():
            return None
        case _:
            assert_never(op)


def owners(history: History) -> dict[PullId, StreamId]:
    """Pull → the stream that it was called on."""
    return {
        happening.before.next_pull: happening.op.stream
        for happening in history
        if isinstance(happening.op, Pull)
    }


def push_owners(history: History) -> dict[PushId, StreamId]:
    """Push that waited → the stream that it was called on."""
    return {
        happening.before.next_push: happening.op.stream
        for happening in history
        if isinstance(happening.op, Push) and happening.after.next_push > happening.before.next_push
    }


def full(seen: View, limits: Limits) -> bool:
    """Whether a queue has reached a limit, by definition and not by the model's word. A pull that
    waits makes room."""
    return not seen.pull_waiting and (
        seen.queue_size >= limits.high_water_mark or len(seen.queue) >= limits.max_queue_chunks
    )


def blocked(state: State) -> frozenset[StreamId]:
    """The streams that are open and full, by definition and not by the model's word."""
    return frozenset(
        number
        for number, _ in state.streams
        if (seen := view(state, number)) is not None
        and not seen.closed
        and not seen.errored
        and full(seen, state.limits)
    )
