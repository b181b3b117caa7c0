"""The laws of producers: what push answers, who is told to go on, and how much is queued."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.model import (
    Push,
    State,
    StreamId,
    view,
)
from tests.laws.history import (
    History,
    blocked,
)


def pushes_tell_whether_they_were_accepted(history: History) -> Iterator[str]:
    """Push returns true on an open stream, unless it is full and the dialect refuses, which changes
    nothing, or has it wait, which returns nothing."""
    for happening in history:
        if not isinstance(happening.op, Push):
            continue
        shown = view(happening.before, happening.op.stream)
        is_open = shown is not None and not shown.closed and not shown.errored
        full = {"accept": True, "refuse": False, "wait": None, "wait_through_close": None}
        is_full = happening.op.stream in blocked(happening.before)
        due = full[happening.before.dialect.push_when_full] if is_full else is_open
        if happening.returned is not due:
            yield f"{happening.op} returned {happening.returned} on {shown}"
        if happening.returned is False and happening.after != happening.before:
            yield f"{happening.op} returned false and changed {happening.before}"


def unblocked_is_told_exactly_when_it_is_so(history: History) -> Iterator[str]:
    """Unblocked comes for the streams that were blocked before the op and are not after it."""
    for happening in history:
        due = sorted(blocked(happening.before) - blocked(happening.after))
        if list(happening.unblocked) != due:
            yield f"{happening.op} unblocked {due}, and told {list(happening.unblocked)}"


def those_who_look_first_never_overfill(history: History) -> Iterator[str]:
    """If no push came to a full stream, what was pushed and never taken passes the limits by no
    more than its newest chunk. What cancelled pulls gave back is not the producer's doing."""
    careless: set[StreamId] = set()
    for happening in history:
        if isinstance(happening.op, Push) and happening.op.stream in blocked(happening.before):
            careless.add(happening.op.stream)
        for number, _ in happening.after.streams:
            shown = view(happening.after, number)
            given_back = _given_back(happening.after, number)
            if shown is None or number in careless or len(shown.queue) == given_back:
                continue
            older = shown.queue[given_back:-1]
            size, limits = sum(map(len, older)), happening.after.limits
            if len(older) >= limits.max_queue_chunks or size >= limits.high_water_mark:
                yield f"after {happening.op}, stream {number} holds {len(older) + 1} chunks"


def _given_back(state: State, number: StreamId) -> int:
    stream = state.find(number)
    queue = getattr(stream, "queue", None)
    return len(queue.given_back) if queue is not None else 0
