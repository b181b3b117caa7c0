"""The laws of streams: numbers, flags, answers, and that each is left alone by the others' ops."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.model import (
    Abandoned,
    Accepted,
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Pull,
    PullId,
    Push,
    PushId,
    Rejected,
    Resolved,
    Returned,
    Seen,
    StreamId,
    TurnedAway,
    Unblocked,
    View,
    view,
    violations,
)
from tests.laws.history import (
    Happening,
    History,
    full,
    owners,
    push_owners,
    stream_of,
)


def states_break_no_invariant(history: History) -> Iterator[str]:
    """Every state that is reached is sound: size is the sum of lengths, and so on."""
    for happening in history:
        for violation in violations(happening.after):
            yield f"after {happening.op}: {violation}"


def numbers_are_never_used_again(history: History) -> Iterator[str]:
    """Streams are numbered 1, 2, 3 … and pulls are, whatever was deleted or cleared between."""
    streams, pulls = 0, 0
    for happening in history:
        if isinstance(happening.op, Create):
            streams += 1
            if happening.returned != streams:
                yield f"create number {streams} returned {happening.returned}"
        pulls += isinstance(happening.op, Pull)
        if happening.after.next_pull != pulls + 1:
            yield f"after {pulls} pulls the next one is {happening.after.next_pull}"


def streams_come_and_go_by_their_ops(history: History) -> Iterator[str]:
    """Create adds the one that it returns, delete removes its own, clear all; nothing else does."""
    for happening in history:
        known = {number for number, _ in happening.before.streams}
        match happening.op:
            case Create():
                known.add(happening.before.next_stream)
            case Delete(stream):
                known.discard(stream)
            case Clear():
                known.clear()
            case _:
                pass
        if {number for number, _ in happening.after.streams} != known:
            yield f"after {happening.op} there are {happening.after.streams}, not {known}"


def streams_do_not_disturb_each_other(history: History) -> Iterator[str]:
    """An op leaves every stream but its own, and what was handed from others, as it is."""
    owner, pushers = owners(history), push_owners(history)
    for happening in history:
        if isinstance(happening.op, Clear):
            continue
        own = _stream_concerned(happening, owner, pushers)
        before, after = (
            (
                [pair for pair in state.streams if pair[0] != own],
                [one for one in state.handed if one.stream != own],
            )
            for state in (happening.before, happening.after)
        )
        if before != after:
            yield f"{happening.op} on stream {own} made {before} into {after}"
        others = [pull for pull in happening.settled if owner.get(pull) != own]
        settled = (*happening.accepted, *happening.turned_away)
        others += [push for push in settled if pushers.get(push) != own]
        if others or any(unblocked != own for unblocked in happening.unblocked):
            yield f"{happening.op} on stream {own} did {happening.effects}"


def _stream_concerned(
    happening: Happening, owner: dict[PullId, StreamId], pushers: dict[PushId, StreamId]
) -> StreamId:
    match happening.op:
        case Create():
            return happening.before.next_stream
        case CancelPull(pull) | Seen(pull):
            return owner.get(pull, 0)
        case CancelPush(push):
            return pushers.get(push, 0)
        case op:
            return stream_of(op) or 0


def flags_and_error_value_follow_their_ops(history: History) -> Iterator[str]:
    """Closed by close, errored by error, for good, with the value that the policies choose."""
    for happening in history:
        for number, _ in happening.after.streams:
            before, after = view(happening.before, number), view(happening.after, number)
            due = _flags_due(happening, number, before or View())
            if after is not None and (after.closed, after.errored, after.error_value) != due:
                yield f"after {happening.op}, stream {number} is {after}, due are {due}"


def _flags_due(happening: Happening, number: StreamId, before: View) -> tuple[bool, bool, object]:
    dialect, unchanged = (
        happening.before.dialect,
        (before.closed, before.errored, before.error_value),
    )
    match happening.op:
        case Close(stream) if stream == number:
            return True, before.errored, before.error_value
        case Error(stream, value) if stream == number:
            if before.errored:
                return (
                    unchanged if dialect.repeated_error == "keep" else (before.closed, True, value)
                )
            ignored = before.closed and (
                dialect.error_when_closed == "ignore"
                or (dialect.error_when_closed == "while_queued" and not before.queue)
            )
            return unchanged if ignored else (before.closed, True, value)
        case _:
            return unchanged


def effects_come_in_order(history: History) -> Iterator[str]:
    """What is returned first, if anything is; pulls settle before pushes; a stream's unblocking
    after its settlements."""
    for happening in history:
        waits = happening.after.next_push > happening.before.next_push
        returning = not waits and isinstance(
            happening.op, Create | Get | Push | IsQueueFull | CancelPush
        )
        kinds = [type(effect) for effect in happening.effects]
        if kinds.count(Returned) != returning or (returning and kinds[0] is not Returned):
            yield f"{happening.op} has effects {happening.effects}"
        if not isinstance(happening.op, Clear) and Unblocked in kinds[:-1]:
            yield f"{happening.op} has effects after an unblocking: {happening.effects}"
        of_pushes = [kind in {Accepted, TurnedAway} for kind in kinds if kind in _SETTLING]
        if not isinstance(happening.op, Clear) and of_pushes != sorted(of_pushes):
            yield f"{happening.op} settles pushes before pulls: {happening.effects}"


_SETTLING = frozenset({Resolved, Rejected, Abandoned, Accepted, TurnedAway})


def looks_tell_the_truth_and_change_nothing(history: History) -> Iterator[str]:
    """Get returns the view, is_queue_full whether a limit is reached, true for the unknown."""
    for happening in history:
        match happening.op:
            case Get(stream):
                due: View | bool | None = view(happening.before, stream)
            case IsQueueFull(stream):
                shown = view(happening.before, stream)
                due = shown is None or full(shown, happening.before.limits)
            case _:
                continue
        if happening.returned != due or happening.after != happening.before:
            yield f"{happening.op} returned {happening.returned}, due was {due}"
