"""The state of a live registry, as the model's value."""

from __future__ import annotations

from streamstate.model import Control, Idle, State, Stream, Waiting
from streamstate.model.state import CLOSED, OPEN, Failed, Placed, Queue
from streamstate.recording.messages import message
from streamstate.registry import StreamStateRegistry
from streamstate.registry.record import Record
from streamstate.registry.view import phase_of


def snapshot(registry: StreamStateRegistry) -> State:
    """Its streams and numbers, error values as their messages. O(streams + chunks + pulls).

    Chunks that were handed to a pull and not seen yet are not in it: only the pull has them.
    """
    return State(
        registry.dialect,
        registry.limits,
        registry._next_stream,
        registry._outside.next_pull,
        tuple((number, _stream(record)) for number, record in registry._streams.items()),
    )


def _stream(record: Record) -> Stream:
    if record.situation.control is Control.WAITING:
        assert record.first is not None, "somebody waits where the situation is WAITING"
        return Waiting(record.accepted, record.first.pull, tuple(record.others or ()))
    if record.failure is not None:
        closed = phase_of(record).closed
        return Idle(record.accepted, Failed(message(record.failure.value), closed), _queue(record))
    return Idle(record.accepted, CLOSED if phase_of(record).closed else OPEN, _queue(record))


def _queue(record: Record) -> Queue:
    chunks = tuple(record.queue or ())
    places = tuple(reversed(record.places or ()))
    given_back = tuple(map(Placed, places, chunks))
    return Queue(given_back, chunks[len(places) :], record.size)
