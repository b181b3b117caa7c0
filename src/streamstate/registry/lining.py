"""Where writers line up for room."""

from __future__ import annotations

from collections.abc import Mapping

from streamstate.model import StreamId
from streamstate.registry.native import here
from streamstate.registry.outside import Outside, require_id
from streamstate.registry.record import Record, Writer


def line_up(
    outside: Outside, streams: Mapping[StreamId, Record], absent: Record, stream: StreamId
) -> bool | Writer:
    """What somebody who wants to write to the stream is told, or how they wait. O(1)."""
    if here() != outside.ready:
        outside.enter()
    record = streams.get(stream, absent)
    if record is absent:
        require_id(stream)
    told = record.situation.writable
    if told is False or (told and record.writers is None):
        return told
    writer = Writer(record, outside)
    record.add_writer(writer)
    return writer
