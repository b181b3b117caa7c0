"""The laws that compare one run with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from streamstate.model import (
    Accepted,
    CancelPull,
    CancelPush,
    Clear,
    Create,
    Delete,
    Effect,
    Offered,
    Op,
    Pull,
    PullId,
    PushesWaiting,
    PushId,
    Returned,
    Seen,
    Stream,
    StreamId,
    TurnedAway,
    Unblocked,
)
from tests.laws.history import (
    Happening,
    History,
    Stepper,
    owners,
    push_owners,
    record,
    stream_of,
)

Comparison: TypeAlias = Callable[[Stepper, History], Iterator[str]]
"""Like a law, with the `step` that made the history, to make others with."""


def clear_is_delete_of_each(step: Stepper, history: History) -> Iterator[str]:
    """Clear leaves the same state, with the same effects in the same order, as deletes do."""
    for happening in history:
        if not isinstance(happening.op, Clear):
            continue
        deletes = [Delete(number) for number, _ in happening.before.streams]
        run = record(step, happening.before, deletes)
        effects = tuple(effect for deleted in run for effect in deleted.effects)
        after = run[-1].after if run else happening.before
        if (after, effects) != (happening.after, happening.effects):
            yield f"clear did {happening.effects}, and deletes do {effects}"


def streams_live_as_if_alone(step: Stepper, history: History) -> Iterator[str]:
    """With all ops on other streams left out, a stream has the same effects and the same data."""
    if not history:
        return
    owner = owners(history)
    for stream in sorted({number for one in history for number, _ in one.after.streams}):
        alone = [
            _on_stream_only(one, stream, owner, _pushes_of(stream, history)) for one in history
        ]
        run = record(step, history[0].before, [op for op in alone if op is not None])
        if run and _renumbered(run, stream) != _renumbered(history, stream):
            yield f"alone, stream {stream} is {run[-1].after.find(stream)}"
        if _effects_on(run, stream, owner) != _effects_on(history, stream, owner):
            yield f"alone, stream {stream} has effects {_effects_on(run, stream, owner)}"


def _pushes_of(stream: StreamId, history: History) -> list[PushId]:
    """Those that waited on the stream, oldest first: alone, they are the first to wait."""
    return [push for push, owner in push_owners(history).items() if owner == stream]


def _renumbered(history: History, stream: StreamId) -> Stream | None:
    """How the stream ends, its waiting pushes counted among those that waited there."""
    end, pushes = history[-1].after.find(stream), _pushes_of(stream, history)
    if not isinstance(end, PushesWaiting):
        return end
    first, *others = (
        Offered(pushes.index(each.push), each.chunk) for each in (end.first, *end.others)
    )
    return replace(end, first=first, others=tuple(others))


def _on_stream_only(
    happening: Happening, stream: StreamId, owner: dict[PullId, StreamId], pushes: list[PushId]
) -> Op | None:
    """The op if it has to do with `stream`; otherwise nothing, or what keeps the numbering."""
    match happening.op:
        case Create() | Clear():
            return happening.op
        case CancelPush(push):
            return CancelPush(pushes.index(push) + 1) if push in pushes else None
        case CancelPull(pull) | Seen(pull) if owner.get(pull) == stream:
            return happening.op
        case Pull(number) if number != stream:
            return Pull(0)
        case op:
            return op if stream_of(op) == stream else None


def _effects_on(
    history: History, stream: StreamId, owner: dict[PullId, StreamId]
) -> list[tuple[Op, list[Effect]]]:
    told: list[tuple[Op, list[Effect]]] = []
    pushes = _pushes_of(stream, history)
    for happening in history:
        own = [e for e in happening.effects if _is_of(e, happening, stream, owner, pushes)]
        effects = [_counted(effect, pushes) for effect in own]
        if effects:
            told.append((_op_counted(happening.op, pushes), effects))
    return told


def _counted(effect: Effect, pushes: list[PushId]) -> Effect:
    """The effect with its push counted among these."""
    match effect:
        case Accepted(push) | TurnedAway(push):
            return replace(effect, push=pushes.index(push))
        case _:
            return effect


def _op_counted(op: Op, pushes: list[PushId]) -> Op:
    if isinstance(op, CancelPush) and op.push in pushes:
        return CancelPush(pushes.index(op.push))
    return op


def _is_of(
    effect: Effect,
    happening: Happening,
    stream: StreamId,
    owner: dict[PullId, StreamId],
    pushes: list[PushId],
) -> bool:
    match effect:
        case Returned():
            op = happening.op
            return op.push in pushes if isinstance(op, CancelPush) else stream_of(op) == stream
        case Unblocked(number):
            return number == stream
        case Accepted(push) | TurnedAway(push):
            return push in pushes
        case _:
            return owner.get(effect.pull) == stream
