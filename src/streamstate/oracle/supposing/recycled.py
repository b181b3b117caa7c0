"""Mistakes with what a deleted stream leaves behind, where its place is used again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

from streamstate.model import Create, Idle, State, Step, Stream, Waiting
from streamstate.model.state import CLOSED, EMPTY_QUEUE, Failed
from streamstate.oracle.supposing.occasion import NOBODY, Change, Occasion, Spoilt

_Leftover: TypeAlias = Callable[[Stream, Idle], Stream]
"""The new stream, given that whose place it has and what it should be."""


def recycling_mistakes() -> Iterator[Change]:
    """What a new stream may have of the one that was in its place."""
    yield _recycling("bytes are counted for", _bytes)
    yield _recycling("the error is that of", _error)
    yield _recycling("the closed flag is that of", _closed)
    yield _recycling("the end is that of", _end)
    yield _recycling("the queue is that of", _queue)
    yield _recycling("the queue, the end and all are those of", _everything)
    yield _recycling("a pull waits as on", _pull)


def place_of_the_next(states: Sequence[State]) -> Spoilt:
    """The stream whose place the next one gets in a table that gives out first what was freed last,
    after those states one after another; None where it is a new place. O(states * streams)."""
    places: list[Stream] = []
    for before, after in pairwise(states):
        places += [stream for number, stream in before.streams if after.find(number) is None]
        taken = after.next_stream - before.next_stream
        places = places[: max(0, len(places) - taken)]
    return places[-1] if places else None


def _recycling(says: str, leftover: _Leftover) -> Change:
    def made(occasion: Occasion) -> Step:
        number, step, gone = occasion.before.next_stream, occasion.step, occasion.place
        new = step.state.find(number)
        if gone is None or not isinstance(occasion.op, Create) or not isinstance(new, Idle):
            return step
        streams = step.state.streams_with(number, leftover(gone, new))
        return step._replace(state=replace(step.state, streams=streams))

    words = f"leaves what was in the place of the new stream: {says} the deleted one"
    return Change(words, made, recycles=True)


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
