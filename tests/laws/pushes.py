"""The laws of pushes that wait: each is answered once, in its turn, and with the truth."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.model import (
    CancelPush,
    Clear,
    Close,
    Delete,
    Deleted,
    Ended,
    Errored,
    Pull,
    Push,
    PushId,
    State,
    StreamId,
    TurnedAway,
    view,
)
from streamstate.model.invariants import waiting_pushes
from tests.laws.history import Happening, History, blocked, full, push_owners


def pushes_settle_at_most_once(history: History) -> Iterator[str]:
    """No push settles twice, before it began to wait, or after it was cancelled."""
    over: dict[PushId, str] = {}
    for happening in history:
        for push in (*happening.accepted, *happening.turned_away):
            if push in over or not 1 <= push < happening.before.next_push:
                yield f"{happening.op} settled push {push}, {over.get(push, 'which never waited')}"
            over[push] = "settled before"
        match happening.op:
            case CancelPush(push) if 1 <= push < happening.before.next_push:
                if happening.returned is not (push not in over):
                    yield f"{happening.op} returned {happening.returned}, {over.get(push, '')}"
                over.setdefault(push, "cancelled before")
            case CancelPush() if happening.returned is not False:
                yield f"{happening.op} returned {happening.returned}, and it never waited"
            case _:
                pass


def pushes_are_accepted_in_their_order(history: History) -> Iterator[str]:
    """Of those that wait on a stream, the one that began first is accepted first."""
    owner, waiting = push_owners(history), dict[StreamId, list[PushId]]()
    for happening in history:
        for push in happening.accepted:
            line = waiting.get(owner[push], [])
            if line[:1] != [push]:
                yield f"{happening.op} accepted push {push}, and in line are {line}"
            line[:] = [each for each in line if each != push]
        gone = {*happening.turned_away}
        if isinstance(happening.op, CancelPush):
            gone.add(happening.op.push)
        for line in waiting.values():
            line[:] = [each for each in line if each not in gone]
        if happening.after.next_push > happening.before.next_push:
            push = happening.before.next_push
            waiting.setdefault(owner[push], []).append(push)


def _is_full(state: State, number: StreamId) -> bool:
    seen = view(state, number)
    return seen is not None and not seen.errored and full(seen, state.limits)


def pushes_wait_exactly_while_there_is_no_room(history: History) -> Iterator[str]:
    """Where a push waits, its stream is full, and not errored; it comes to wait only where it is
    open too, and in the dialects that say so; and a pull that makes room accepts at once."""
    for happening in history:
        waits = happening.after.next_push - happening.before.next_push
        due = (
            isinstance(happening.op, Push)
            and happening.before.dialect.push_when_full in ("wait", "wait_through_close")
            and happening.op.stream in blocked(happening.before)
        )
        if waits != due:
            yield f"{happening.op}: {waits} pushes began to wait"
        for number, stream in happening.after.streams:
            if waiting_pushes(stream) and not _is_full(happening.after, number):
                yield f"after {happening.op}, pushes wait on stream {number}, which has room"
        if happening.accepted and not isinstance(happening.op, Pull):
            yield f"{happening.op} accepted pushes {happening.accepted}"


def pushes_have_settled_by_clear(history: History) -> Iterator[str]:
    """Unless cancelled, every push that waited has settled once all is clear."""
    pending: set[PushId] = set()
    for happening in history:
        if happening.after.next_push > happening.before.next_push:
            pending.add(happening.before.next_push)
        if isinstance(happening.op, CancelPush):
            pending.discard(happening.op.push)
        pending.difference_update(happening.accepted, happening.turned_away)
        if isinstance(happening.op, Clear) and pending:
            yield f"after clear, pushes {sorted(pending)} have not settled"
            pending.clear()


def pushes_are_turned_away_for_what_is_so(history: History) -> Iterator[str]:
    """As closed by a close through which they do not wait, with the error that there is, or as
    deleted where the stream went."""
    owner = push_owners(history)
    for happening in history:
        for effect in happening.effects:
            if isinstance(effect, TurnedAway) and not _fits(happening, owner, effect):
                yield f"{happening.op}: push {effect.push} is turned away for {effect.reason}"


def _fits(happening: Happening, owner: dict[PushId, StreamId], effect: TurnedAway) -> bool:
    after = view(happening.after, owner.get(effect.push, 0))
    match effect.reason:
        case Ended():
            turns_away = happening.before.dialect.push_when_full != "wait_through_close"
            closes = isinstance(happening.op, Close) and after is not None and after.closed
            return turns_away and closes
        case Errored(value):
            return after is not None and after.errored and after.error_value == value
        case Deleted():
            return isinstance(happening.op, Delete | Clear) and after is None
