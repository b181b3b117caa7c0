"""The faults of `planted`: the real `react` or `step`, with one thing wrong in what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from streamstate.model import (
    Clear,
    Dialect,
    Effect,
    Error,
    Event,
    Idle,
    Limits,
    Op,
    State,
    Stream,
    StreamId,
    Unblocked,
    Waiting,
    step,
)
from streamstate.model.reaction import Reaction, Subject
from streamstate.model.state import CLOSED, EMPTY_QUEUE, Failed, Queue
from streamstate.model.stream import react
from tests.crosshair.given import NUMBER, React
from tests.laws.history import Stepper

Fault: TypeAlias = Callable[[Stream | None, Subject, Reaction], Reaction]
"""Makes a reaction wrong, knowing the stream before it and what the event was about."""


def with_fault(
    fault: Fault, limits_of: Callable[[Limits], Limits] = lambda limits: limits
) -> React:
    """The real `react`, for other limits perhaps, and then the fault."""

    def faulty(
        dialect: Dialect,
        limits: Limits,
        number: StreamId,
        stream: Stream | None,
        event: Event,
        subject: Subject,
    ) -> Reaction:
        reaction = react(dialect, limits_of(limits), number, stream, event, subject)
        return fault(stream, subject, reaction)

    return faulty


def with_queue(reaction: Reaction, queue: Queue) -> Reaction:
    if isinstance(reaction.stream, Idle):
        reaction.stream = replace(reaction.stream, queue=queue)
    return reaction


def queue_of(stream: Stream | None) -> Queue:
    return stream.queue if isinstance(stream, Idle) else EMPTY_QUEUE


def queue_fault(change: Callable[[Queue, Queue, Subject], Queue]) -> React:
    """A fault in the queue that is left, made from the one before, the right one and the chunk."""

    def fault(stream: Stream | None, subject: Subject, reaction: Reaction) -> Reaction:
        before, after = queue_of(stream), queue_of(reaction.stream)
        return with_queue(reaction, change(before, after, subject))

    return with_fault(fault)


def _first(before: Queue, after: Queue, subject: Subject) -> Queue:
    return replace(after, fresh=(subject.chunk,) + before.fresh)  # noqa: RUF005  # the form that CrossHair follows


def _off_at_97(_before: Queue, after: Queue, subject: Subject) -> Queue:
    return replace(after, size=after.size + 1) if len(subject.chunk) == 97 else after


def _seventeenth_lost(before: Queue, after: Queue, _subject: Subject) -> Queue:
    return replace(after, fresh=before.fresh) if len(before.fresh) == 16 else after


def _newest_taken(before: Queue, after: Queue, _subject: Subject) -> Queue:
    return replace(after, fresh=before.fresh[:-1])


push_first = queue_fault(_first)
size_as_before = queue_fault(lambda before, after, _: replace(after, size=before.size))
size_off_at_97 = queue_fault(_off_at_97)
seventeenth_lost = queue_fault(_seventeenth_lost)
newest_taken = queue_fault(_newest_taken)
queue_emptied = queue_fault(lambda _before, _after, _: EMPTY_QUEUE)
queue_as_before = queue_fault(lambda before, _after, _: before)


def _given_back_last(before: Queue, after: Queue, subject: Subject) -> Queue:
    (placed,) = (one for one in after.given_back if one.place == subject.place)
    return replace(after, given_back=(*before.given_back, placed))


given_back_last = queue_fault(_given_back_last)

one_chunk_more = with_fault(
    lambda _stream, _subject, reaction: reaction,
    lambda limits: replace(limits, max_queue_chunks=limits.max_queue_chunks + 1),
)
one_byte_more = with_fault(
    lambda _stream, _subject, reaction: reaction,
    lambda limits: replace(limits, high_water_mark=limits.high_water_mark + 1),
)


def effects_fault(change: Callable[[tuple[Effect, ...]], tuple[Effect, ...]]) -> React:
    def fault(_stream: Stream | None, _subject: Subject, reaction: Reaction) -> Reaction:
        reaction.effects = change(reaction.effects)
        return reaction

    return with_fault(fault)


nobody_woken = effects_fault(
    lambda effects: tuple(one for one in effects if not isinstance(one, Unblocked))
)
always_woken = effects_fault(lambda effects: (*effects[:1], Unblocked(NUMBER)))
silent = effects_fault(lambda _: ())
first_effect_only = effects_fault(lambda effects: effects[:1])


def _newest_pull_first(stream: Stream | None, _subject: Subject, reaction: Reaction) -> Reaction:
    assert isinstance(stream, Waiting)
    if stream.others:
        (handed,) = reaction.handed
        reaction.handed = (replace(handed, pull=stream.others[-1]),)
    return reaction


def _oldest_leaves(stream: Stream | None, _subject: Subject, reaction: Reaction) -> Reaction:
    assert isinstance(stream, Waiting)
    if stream.others:
        reaction.stream = Waiting(stream.accepted, *_split(stream.others))
    return reaction


def _split(pulls: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    return pulls[0], pulls[1:]


def _latest_error(_stream: Stream | None, subject: Subject, reaction: Reaction) -> Reaction:
    assert isinstance(reaction.stream, Idle)
    assert isinstance(reaction.stream.status, Failed)
    status = Failed(subject.error, reaction.stream.status.closed)
    reaction.stream = replace(reaction.stream, status=status)
    return reaction


newest_pull_first = with_fault(_newest_pull_first)
oldest_leaves = with_fault(_oldest_leaves)
latest_error = with_fault(_latest_error)


def state_fault(change: Callable[[State, State], State]) -> Stepper:
    """The real `step`, with a fault in the state that is left, made from the one before it."""

    def faulty(state: State, op: Op) -> tuple[State, tuple[Effect, ...]]:
        after, effects = step(state, op)
        return change(state, after), effects

    return faulty


def _closes_stream_2(_before: State, after: State) -> State:
    return replace(after, streams=after.streams_with(2, Idle(status=CLOSED)))


def _long_queue_lost(before: State, after: State) -> State:
    one, two = (queue_of(before.find(number)) for number in (1, 2))
    if len(one.fresh) > 40 and len(two.fresh) == len(one.fresh) + 1:
        return replace(after, streams=after.streams_with(2, Idle()))
    return after


closes_stream_2 = state_fault(_closes_stream_2)
long_queue_lost = state_fault(_long_queue_lost)
nothing_handed = state_fault(lambda _, after: replace(after, handed=()))
pulls_not_counted = state_fault(lambda old, after: replace(after, next_pull=old.next_pull))
numbers_not_counted = state_fault(lambda old, after: replace(after, next_stream=old.next_stream))


def alias_of_2(state: State, op: Op) -> tuple[State, tuple[Effect, ...]]:
    """One number too many means stream 2."""
    if isinstance(op, Error) and op.stream == 1000:
        return step(state, Error(2, op.value))
    return step(state, op)


def effects_reversed(state: State, op: Op) -> tuple[State, tuple[Effect, ...]]:
    """Clear goes from the latest stream to the first."""
    after, effects = step(state, op)
    return after, effects[::-1] if isinstance(op, Clear) else effects
