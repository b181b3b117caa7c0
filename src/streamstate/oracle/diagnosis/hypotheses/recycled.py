"""Mistakes with what a deleted stream leaves behind, where its place is used again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from streamstate.model import Clear, Create, Delete, Idle, State, Step, Stream, Waiting
from streamstate.model.state import CLOSED, EMPTY_QUEUE, Failed
from streamstate.oracle.diagnosis.hypotheses.application import NOBODY, Application, Change, Spoilt
from streamstate.wire import Turn

_Leftover: TypeAlias = Callable[[Stream, Idle], Stream]
"""The new stream, given that whose place it has and what it should be."""

_Frees: TypeAlias = tuple[type[Delete | Clear], ...]


def recycling_mistakes() -> Iterator[Change]:
    """What a new stream may have of the one that was in its place; a clear may leave places, or
    make the table anew."""
    for frees, gone in (((Delete, Clear), "deleted"), ((Delete,), "deleted (never a cleared)")):
        yield _recycling(f"bytes are counted for the {gone} one", _bytes, frees)
        yield _recycling(f"the error is that of the {gone} one", _error, frees)
        yield _recycling(f"the closed flag is that of the {gone} one", _closed, frees)
        yield _recycling(f"the end is that of the {gone} one", _end, frees)
        yield _recycling(f"the queue is that of the {gone} one", _queue, frees)
        yield _recycling(
            f"the queue, the end and all are those of the {gone} one", _everything, frees
        )
        yield _recycling(f"a pull waits as on the {gone} one", _pull, frees)
        yield _recycling(f"the pull that waits is that of the {gone} one", _same_pull, frees)


def place_of_the_next(states: Sequence[State], ops: Sequence[Turn], frees: _Frees) -> Spoilt:
    """The stream whose place the next one gets in a table that gives out first what was freed last,
    after those states one after another, with those ops between them; None where it is a new place.
    O(states * streams)."""
    places: list[Stream] = []
    for (before, after), op in zip(pairwise(states), ops, strict=True):
        if isinstance(op, frees):
            places += [stream for number, stream in before.streams if after.find(number) is None]
        taken = after.next_stream - before.next_stream
        places = places[: max(0, len(places) - taken)]
    return places[-1] if places else None


def _recycling(says: str, leftover: _Leftover, frees: _Frees) -> Change:
    def made(application: Application) -> Step:
        number, step, gone = application.before.next_stream, application.step, application.place
        new = step.state.find(number)
        if gone is None or not isinstance(application.op, Create) or not isinstance(new, Idle):
            return step
        streams = step.state.streams_with(number, leftover(gone, new))
        return step._replace(state=replace(step.state, streams=streams))

    words = f"gives the new stream what an earlier one left: {says}"
    return Change(words, made, recycles=frees)


def _bytes(gone: Stream, new: Idle) -> Stream:
    if not isinstance(gone, Idle):
        return new
    return replace(new, queue=replace(EMPTY_QUEUE, size=gone.queue.size))


def _error(gone: Stream, new: Idle) -> Stream:
    match gone:
        case Idle(_, Failed(value)):
            return replace(new, status=Failed(value, closed=False))
        case _:
            return new


def _closed(gone: Stream, new: Idle) -> Stream:
    closed = isinstance(gone, Idle) and gone.status.phase.closed
    return replace(new, status=CLOSED) if closed else new


def _end(gone: Stream, new: Idle) -> Stream:
    return replace(new, status=gone.status) if isinstance(gone, Idle) else new


def _queue(gone: Stream, new: Idle) -> Stream:
    return replace(new, queue=gone.queue) if isinstance(gone, Idle) else new


def _everything(gone: Stream, new: Idle) -> Stream:
    return gone if isinstance(gone, Idle) else new


def _pull(gone: Stream, new: Idle) -> Stream:
    return Waiting(new.accepted, NOBODY) if isinstance(gone, Waiting) else new


def _same_pull(gone: Stream, new: Idle) -> Stream:
    return Waiting(new.accepted, gone.first) if isinstance(gone, Waiting) else new
