"""Mistakes with one stream: how it is left, and which pulls wait on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from streamstate.model import CancelPush, Error, Idle, Op, PushesWaiting, Waiting
from streamstate.model.state import CLOSED, EMPTY_QUEUE, OPEN, Failed, Status
from streamstate.oracle.diagnosis.hypotheses.application import (
    LOST,
    NOBODY,
    NOBODYS_PUSH,
    SOME_ERROR,
    Spoil,
    Spoilt,
)
from streamstate.oracle.diagnosis.hypotheses.queues import queue_mistakes


def left_as_it_was(before: Spoilt, _after: Spoilt, _op: Op) -> Spoilt:
    """Leaves the stream as if the op had not happened."""
    return before


def _gone(_before: Spoilt, _after: Spoilt, _op: Op) -> Spoilt:
    return None


def gone_if_over(_before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
    """Gone if it is closed or errored."""
    return None if isinstance(after, Idle) and after.status is not OPEN else after


def _with_status(status: Callable[[Op], Status]) -> Spoil:
    def spoil(before: Spoilt, after: Spoilt, op: Op) -> Spoilt:
        left = after if after is not None else before
        match left:
            case Idle(accepted, _, queue) | PushesWaiting(accepted, queue):
                return Idle(accepted, status(op), queue)
            case Waiting(accepted):
                return Idle(accepted, status(op))
            case None:
                return None

    return spoil


def _emptied(spoil: Spoil) -> Spoil:
    def emptied(before: Spoilt, after: Spoilt, op: Op) -> Spoilt:
        left = spoil(before, after, op)
        return replace(left, queue=EMPTY_QUEUE) if isinstance(left, Idle) else left

    return emptied


def _open(_op: Op) -> Status:
    return OPEN


def _closed(_op: Op) -> Status:
    return CLOSED


def _closed_and_emptied(before: Spoilt, _after: Spoilt, _op: Op) -> Spoilt:
    """The stream as a close leaves it, errored if it was, with nothing queued."""
    match before:
        case Idle(accepted, Failed(value)):
            return Idle(accepted, Failed(value, closed=True))
        case Idle(accepted) | Waiting(accepted) | PushesWaiting(accepted):
            return Idle(accepted, CLOSED)
        case None:
            return None


def _errored(op: Op) -> Status:
    return Failed(op.value if isinstance(op, Error) else SOME_ERROR, closed=False)


def _closed_and_errored(op: Op) -> Status:
    return Failed(op.value if isinstance(op, Error) else SOME_ERROR, closed=True)


def _flag_of_close(_before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
    """Flips the closed flag of an errored stream, and keeps its error value."""
    match after:
        case Idle(_, Failed(value, closed)):
            return replace(after, status=Failed(value, not closed))
        case _:
            return after


def _value(choose: Callable[[Spoilt, Op], object]) -> Spoil:
    def spoil(before: Spoilt, after: Spoilt, op: Op) -> Spoilt:
        match after:
            case Idle(_, Failed(_, closed)):
                return replace(after, status=Failed(choose(before, op), closed))
            case _:
                return after

    return spoil


def _value_before(before: Spoilt, _op: Op) -> object:
    match before:
        case Idle(_, Failed(value)):
            return value
        case _:
            return LOST


def _value_of_op(before: Spoilt, op: Op) -> object:
    return op.value if isinstance(op, Error) else _value_before(before, op)


def _no_value(_before: Spoilt, _op: Op) -> object:
    return LOST


def _waits_on(before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
    """Goes on counting a settled pull as waiting: what is handed to it is lost."""
    match before, after:
        case Waiting(), Idle(accepted):
            return Waiting(accepted, NOBODY)
        case Waiting(), Waiting(accepted, first, others):
            return Waiting(accepted, NOBODY, (first, *others))
        case _:
            return after


def _waits_on_once(before: Spoilt, after: Spoilt, op: Op) -> Spoilt:
    """The same, until something is lost so."""
    lost = isinstance(before, Waiting) and before.first == NOBODY
    return after if lost else _waits_on(before, after, op)


def _forgets_who_waits(_before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
    return Idle(after.accepted) if isinstance(after, Waiting) else after


def _newest_pull_first(_before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
    match after:
        case Waiting(accepted, first, others) if others:
            return Waiting(accepted, others[-1], (first, *others[:-1]))
        case _:
            return after


def _one_pull_only(newest: bool) -> Spoil:
    def spoil(_before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
        match after:
            case Waiting(accepted, first, others) if others:
                return Waiting(accepted, others[-1] if newest else first)
            case _:
                return after

    return spoil


def _sent_all_the_same(before: Spoilt, after: Spoilt, op: Op) -> Spoilt:
    """Sends the chunk of a push that was given up, which nobody is told."""
    match before, op:
        case PushesWaiting(first=first, others=others), CancelPush(push):
            kept = (
                replace(each, push=NOBODYS_PUSH if each.push == push else each.push)
                for each in (first, *others)
            )
            return replace(before, first=next(kept), others=tuple(kept))
        case _:
            return after


def stream_mistakes() -> Iterator[tuple[str, Spoil]]:
    """What a registry may do to a stream, with words for it, preferred ones first."""
    yield "leaves the stream as it was", left_as_it_was
    yield from queue_mistakes()
    yield from _other_ends()
    yield "flips the closed flag", _flag_of_close
    yield "removes the stream", _gone
    yield "leaves the error value as it was", _value(_value_before)
    yield "replaces the error value", _value(_value_of_op)
    yield "does not keep the error value", _value(_no_value)
    yield "keeps a settled pull waiting", _waits_on
    yield "keeps a settled pull waiting until the next is settled", _waits_on_once
    yield "keeps the chunk of the push, so that it is sent", _sent_all_the_same
    yield "forgets the pulls that wait", _forgets_who_waits
    yield "puts the newest pull first", _newest_pull_first
    yield "lets only the newest pull wait", _one_pull_only(newest=True)
    yield "lets only the oldest pull wait", _one_pull_only(newest=False)


def _other_ends() -> Iterator[tuple[str, Spoil]]:
    for says, status in (
        ("leaves the stream open", _open),
        ("leaves the stream closed and not errored", _closed),
        ("leaves the stream errored and not closed", _errored),
        ("leaves the stream closed and errored", _closed_and_errored),
    ):
        yield says, _with_status(status)
        yield f"{says} and its queue empty", _emptied(_with_status(status))
    yield "closes the stream and empties its queue", _closed_and_emptied
