"""The state of a registry as a value of the model, for whoever records it, checks it, or looks."""

from __future__ import annotations

from collections.abc import Mapping

from streamstate.model import (
    Control,
    Idle,
    Offered,
    PushesWaiting,
    Stream,
    StreamId,
    Waiting,
)
from streamstate.model.state import CLOSED, OPEN, Failed, Placed, Queue
from streamstate.registry.record import Record
from streamstate.registry.view import phase_of


def streams_of(streams: Mapping[StreamId, Record]) -> tuple[tuple[StreamId, Stream], ...]:
    """The streams as they are now. O(streams + chunks + waiting pulls and pushes)."""
    return tuple((number, _stream(record)) for number, record in streams.items())


def _stream(record: Record) -> Stream:
    if record.situation.control is Control.WAITING:
        assert record.first is not None, "somebody waits where the situation is WAITING"
        return Waiting(record.accepted, record.first.pull, tuple(record.others or ()))
    closed = phase_of(record).closed
    if record.offers is not None:
        first, *others = (Offered(offer.push, offer.chunk) for offer in record.offers.values())
        return PushesWaiting(record.accepted, _queue(record), first, tuple(others), closed)
    if record.failure is not None:
        return Idle(record.accepted, Failed(record.failure.value, closed), _queue(record))
    return Idle(record.accepted, CLOSED if closed else OPEN, _queue(record))


def _queue(record: Record) -> Queue:
    chunks = tuple(record.queue or ())
    places = tuple(reversed(record.places or ()))
    given_back = tuple(map(Placed, places, chunks))
    return Queue(given_back, chunks[len(places) :], record.size)
