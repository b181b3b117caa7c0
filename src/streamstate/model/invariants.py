"""What is true of every state that a registry can reach, and that the types do not say already.

`violations` is for tests and for checking a live registry: `step` never looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import assert_never

from streamstate.model.control import level_of
from streamstate.model.state import (
    Failed,
    Handed,
    Idle,
    Offered,
    PushesWaiting,
    Queue,
    State,
    Stream,
    Waiting,
)
from streamstate.model.values import PullId, PushId, StreamId


def violations(state: State) -> tuple[str, ...]:
    """Each invariant that `state` breaks, in words; none for a state reached by `step`.

    O(streams + chunks + pulls).
    """
    return tuple(_all_violations(state))


def _all_violations(state: State) -> Iterator[str]:
    yield from _numbering(state)
    for number, stream in state.streams:
        match stream:
            case Waiting():
                for wrong in _waiting(state, stream):
                    yield f"stream {number}: {wrong}"
            case PushesWaiting():
                for wrong in _pushes_waiting(state, stream):
                    yield f"stream {number}: {wrong}"
            case Idle():
                for wrong in _idle(state, stream):
                    yield f"stream {number}: {wrong}"
            case _:
                assert_never(stream)
    yield from _handed(state)


def _numbering(state: State) -> Iterator[str]:
    numbers = [number for number, _ in state.streams]
    if not _ascending(numbers):
        yield f"streams are not in the order of creation: {numbers}"
    if not _within(numbers, state.next_stream):
        yield f"stream numbers {numbers} are not all from 1 to below {state.next_stream}"
    pulls = [pull for _, stream in state.streams for pull in waiting_pulls(stream)]
    if len(set(pulls)) < len(pulls):
        yield f"a pull waits twice: {sorted(pulls)}"
    if not _within(pulls, state.next_pull):
        yield f"waiting pulls {pulls} are not all from 1 to below {state.next_pull}"
    pushes = [each.push for _, stream in state.streams for each in waiting_pushes(stream)]
    if len(set(pushes)) < len(pushes):
        yield f"a push waits twice: {sorted(pushes)}"
    if not _within(pushes, state.next_push):
        yield f"waiting pushes {pushes} are not all from 1 to below {state.next_push}"


def _waiting(state: State, stream: Waiting) -> Iterator[str]:
    pulls = waiting_pulls(stream)
    if not _ascending(pulls):
        yield f"pulls do not wait in the order of their calls: {list(pulls)}"
    if len(pulls) > 1 and state.dialect.overlapping_pull != "queue":
        yield f"several pulls wait where overlapping_pull is not queue: {list(pulls)}"
    if stream.accepted < 0:
        yield f"it accepted {stream.accepted} chunks"


def _pushes_waiting(state: State, stream: PushesWaiting) -> Iterator[str]:
    pushes = [offered.push for offered in waiting_pushes(stream)]
    if not _ascending(pushes):
        yield f"pushes do not wait in the order of their calls: {pushes}"
    if state.dialect.push_when_full not in ("wait", "wait_through_close"):
        yield f"pushes wait where push_when_full lets none wait: {pushes}"
    if stream.closed and state.dialect.push_when_full != "wait_through_close":
        yield f"pushes wait on a closed stream where that turns them away: {pushes}"
    if not level_of(state.limits, len(stream.queue), stream.queue.size).full:
        yield f"pushes wait while there is room: {pushes}"
    yield from _queue(state, stream.accepted, stream.queue)


def _idle(state: State, stream: Idle) -> Iterator[str]:
    yield from _queue(state, stream.accepted, stream.queue)
    failed = isinstance(stream.status, Failed)
    if failed and len(stream.queue) > 0 and state.dialect.errored_backlog == "drop":
        yield f"errored, and {len(stream.queue)} chunks are queued where errored_backlog is drop"


def _queue(state: State, accepted: int, queue: Queue) -> Iterator[str]:
    total = sum(len(chunk) for chunk in queue.chunks())
    if queue.size != total:
        yield f"size is {queue.size}, its chunks have {total} bytes"
    fresh_from = first_fresh(accepted, queue)
    if fresh_from < 1:
        yield f"{len(queue.fresh)} chunks never taken, of {accepted} accepted"
    places = [placed.place for placed in queue.given_back]
    if not _ascending(places):
        yield f"given back chunks are not in the order of pushes: places {places}"
    if not _within(places, fresh_from):
        yield f"given back chunks at {places} are not older than those never taken"
    policy = state.dialect.push_when_full
    if policy != "accept" and _filled_past_limits(state, queue):
        yield f"more was pushed than the limits allow where push_when_full is {policy}"


def _filled_past_limits(state: State, queue: Queue) -> bool:
    """Whether the newest chunk, if never taken, was accepted on a queue that was full already."""
    if not queue.fresh:
        return False
    before = queue.fresh[:-1]
    size = sum(len(chunk) for chunk in before)
    return len(before) >= state.limits.max_queue_chunks or size >= state.limits.high_water_mark


def _handed(state: State) -> Iterator[str]:
    pulls = [handed.pull for handed in state.handed]
    if len(set(pulls)) < len(pulls):
        yield f"a pull was handed two chunks: {sorted(pulls)}"
    if not _within(pulls, state.next_pull):
        yield f"handed pulls {pulls} are not all from 1 to below {state.next_pull}"
    waiting = {pull for _, stream in state.streams for pull in waiting_pulls(stream)}
    if both := sorted(waiting.intersection(pulls)):
        yield f"pulls {both} wait and were handed a chunk"
    if not _within([handed.stream for handed in state.handed], state.next_stream):
        yield "a chunk was handed from a stream that never was"
    held = [(handed.stream, handed.place) for handed in state.handed]
    if len(set(held)) < len(held):
        yield f"a chunk was handed to two pulls: {sorted(held)}"
    for handed in state.handed:
        yield from _handed_place(handed, state.find(handed.stream))


def _handed_place(handed: Handed, stream: Stream | None) -> Iterator[str]:
    """What is wrong between a handed chunk and its stream; nothing once that is deleted."""
    name = f"chunk {handed.place} of stream {handed.stream}, handed to pull {handed.pull},"
    match stream:
        case None:
            taken = handed.place >= 1
        case Waiting(accepted):
            taken = 1 <= handed.place <= accepted
        case PushesWaiting(accepted, queue) | Idle(accepted, _, queue):
            taken = 1 <= handed.place < first_fresh(accepted, queue)
            if any(placed.place == handed.place for placed in queue.given_back):
                yield f"{name} is queued as well"
        case _:
            assert_never(stream)
    if not taken:
        yield f"{name} was never taken"


def first_fresh(accepted: int, queue: Queue) -> int:
    """The place of the oldest chunk that was never taken; that of the next push if there is none.
    O(1)."""
    return accepted - len(queue.fresh) + 1


def waiting_pulls(stream: Stream) -> tuple[PullId, ...]:
    """The pulls that wait there, oldest first."""
    return (stream.first, *stream.others) if isinstance(stream, Waiting) else ()


def waiting_pushes(stream: Stream) -> tuple[Offered, ...]:
    """The pushes that wait there, oldest first."""
    return (stream.first, *stream.others) if isinstance(stream, PushesWaiting) else ()


def _ascending(numbers: Iterable[int]) -> bool:
    """In order, and no number twice."""
    return all(one < other for one, other in pairwise(numbers))


def _within(numbers: Iterable[StreamId | PullId | PushId], end: int) -> bool:
    return all(1 <= number < end for number in numbers)
