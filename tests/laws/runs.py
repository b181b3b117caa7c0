"""The laws that compare one run with another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from streamstate.model import (
    CancelPull,
    Clear,
    Create,
    Delete,
    Effect,
    Op,
    Pull,
    PullId,
    Returned,
    Seen,
    StreamId,
    Unblocked,
)
from tests.laws.history import (
    Happening,
    History,
    Stepper,
    owners,
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
        alone = [_on_stream_only(one, stream, owner) for one in history]
        run = record(step, history[0].before, [op for op in alone if op is not None])
        if run and run[-1].after.find(stream) != history[-1].after.find(stream):
            yield f"alone, stream {stream} is {run[-1].after.find(stream)}"
        if _effects_on(run, stream, owner) != _effects_on(history, stream, owner):
            yield f"alone, stream {stream} has effects {_effects_on(run, stream, owner)}"


def _on_stream_only(
    happening: Happening, stream: StreamId, owner: dict[PullId, StreamId]
) -> Op | None:
    """The op if it has to do with `stream`; otherwise nothing, or what keeps the numbering."""
    match happening.op:
        case Create() | Clear():
            return happening.op
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
    for happening in history:
        effects = [e for e in happening.effects if _is_of(e, happening, stream, owner)]
        if effects:
            told.append((happening.op, effects))
    return told


def _is_of(
    effect: Effect, happening: Happening, stream: StreamId, owner: dict[PullId, StreamId]
) -> bool:
    match effect:
        case Returned():
            return stream_of(happening.op) == stream
        case Unblocked(number):
            return number == stream
        case _:
            return owner.get(effect.pull) == stream
