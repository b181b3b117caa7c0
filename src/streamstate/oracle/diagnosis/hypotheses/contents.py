"""Mistakes with chunks and messages, wherever they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from streamstate.model import (
    Chunk,
    Effect,
    Error,
    Errored,
    Idle,
    Op,
    Pull,
    Push,
    Rejected,
    Resolved,
    Returned,
    Step,
    advance,
)
from streamstate.model.state import EMPTY_QUEUE, Failed, Queue
from streamstate.oracle.diagnosis.hypotheses.application import (
    SOMETHING,
    Application,
    Spoil,
    Spoilt,
    number_of,
)
from streamstate.oracle.diagnosis.hypotheses.places import spoilt_at


def newest_handed(application: Application) -> Step:
    """Hands the pull the newest chunk; the others stay."""
    before = _queue_of(application)
    if not isinstance(application.op, Pull) or len(before) < 2:
        return application.step
    chunks = before.chunks()
    effects = tuple(_with_chunk(effect, chunks[-1]) for effect in application.step.effects)
    if effects == application.step.effects and chunks[0] != chunks[-1]:
        return application.step
    left = Queue((), chunks[:-1], before.size - len(chunks[-1]))

    def taken(_before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
        return replace(after, queue=left) if isinstance(after, Idle) else after

    return spoilt_at(application, (application.op.stream,), taken)._replace(effects=effects)


def comes_again(application: Application) -> Step:
    """Leaves a chunk that it hands over first in the queue."""
    step, number = application.step, number_of(application) or 0
    after = step.state.find(number)
    handed = tuple(
        effect.result.value
        for effect in step.effects
        if isinstance(effect, Resolved) and isinstance(effect.result, Chunk)
    )
    if not isinstance(after, Idle) or not handed:
        return step
    queue = after.queue
    size = queue.size + sum(map(len, handed))
    again = replace(after, queue=Queue((), (*handed, *queue.chunks()), size))
    return step._replace(state=replace(step.state, streams=step.state.streams_with(number, again)))


def _queue_of(application: Application) -> Queue:
    stream = application.before.find(number_of(application) or 0)
    return stream.queue if isinstance(stream, Idle) else EMPTY_QUEUE


def _with_chunk(effect: Effect, chunk: bytes) -> Effect:
    match effect:
        case Resolved(pull, Chunk()):
            return Resolved(pull, Chunk(chunk))
        case _:
            return effect


def without_its_line_feed(application: Application) -> Step:
    """Cuts a line feed off the end of a pushed chunk, unless it is all of it."""
    op = application.op
    if not (isinstance(op, Push) and op.chunk[1:].endswith(b"\n")):
        return application.step
    _, state, effects = advance(application.before, replace(op, chunk=op.chunk[:-1]))
    return Step(application.step.rule, state, effects)


def corrupted(application: Application) -> Step:
    """Replaces the chunk of a push from here on, in the queue and where a pull gets it."""
    if not isinstance(application.op, Push) or application.step.effects[:1] != (Returned(True),):
        return application.step
    number = application.op.stream
    spoilt = spoilt_at(application, (number,), _newest_corrupted)
    return spoilt._replace(
        effects=tuple(_with_chunk(effect, SOMETHING) for effect in spoilt.effects)
    )


def _newest_corrupted(_before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
    grown = len(after.queue) if isinstance(after, Idle) else 0
    if not isinstance(after, Idle) or not grown:
        return after
    chunks = (*after.queue.chunks()[:-1], SOMETHING)
    return replace(after, queue=Queue((), chunks, after.queue.size))


def other_message(value: str) -> Callable[[Application], Step]:
    """Replaces the value of an error from here on, as the stream keeps it and as pulls are rejected
    with it."""

    def made(application: Application) -> Step:
        if not isinstance(application.op, Error):
            return application.step
        spoilt = spoilt_at(application, (application.op.stream,), _with_value(value))
        effects = tuple(_rejection(effect, value) for effect in spoilt.effects)
        return spoilt._replace(effects=effects)

    return made


def _with_value(value: str) -> Spoil:
    def spoil(_before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
        match after:
            case Idle(_, Failed(_, closed)):
                return replace(after, status=Failed(value, closed))
            case _:
                return after

    return spoil


def _rejection(effect: Effect, value: str) -> Effect:
    match effect:
        case Rejected(pull, Errored()):
            return Rejected(pull, Errored(value))
        case _:
            return effect
