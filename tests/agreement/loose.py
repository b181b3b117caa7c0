"""Pulls and pushes that nobody has finished, and the ops on them."""

from __future__ import annotations

from collections.abc import Sequence

from streamstate.model import (
    CancelPull,
    CancelPush,
    Op,
    Pull,
    PullId,
    PushId,
    Rejected,
    Resolved,
    Seen,
    Step,
)


def on_pushes(next_push: PushId, recent: int = 2) -> list[Op]:
    """Cancels of the latest `recent` pushes that waited, be they settled or not."""
    return [CancelPush(push) for push in range(max(1, next_push - recent), next_push)]


def on_pulls(loose: Sequence[tuple[PullId, bool]], recent: int = 2) -> list[Op]:
    """The ops on the latest `recent` of the pulls that nobody has finished, each with whether it
    has settled: a cancel of any, and a look by the awaiter of a settled one."""
    ops: list[Op] = []
    for pull, settled in loose[-recent:]:
        ops.append(CancelPull(pull))
        if settled:
            ops.append(Seen(pull))
    return ops


def follow(
    loose: Sequence[tuple[PullId, bool]], op: Op, step: Step, called: PullId
) -> tuple[tuple[PullId, bool], ...]:
    """The unfinished pulls after `op`; a `Pull` among the ops was number `called`."""
    now = [*loose, (called, False)] if isinstance(op, Pull) else list(loose)
    finished = op.pull if isinstance(op, CancelPull | Seen) else None
    settled = {effect.pull for effect in step.effects if isinstance(effect, Resolved | Rejected)}
    return tuple((pull, done or pull in settled) for pull, done in now if pull != finished)
