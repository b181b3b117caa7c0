"""Faults of whole ops: for the rules that the table does not do alone, since what an op returns,
what a look is, or what it does to many streams at once is outside the table.

Each is made twice, in the model and in the registry, and both are broken alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from streamstate.model import (
    CancelPull,
    Chunk,
    Close,
    Control,
    Delete,
    Get,
    Idle,
    Op,
    PullResult,
    Rule,
    Seen,
    State,
    StreamId,
    View,
    Waiting,
)
from streamstate.model.state import Open
from streamstate.registry import StreamStateRegistry, StreamView, core
from streamstate.registry.outside import Outside
from streamstate.registry.record import Record, Waiter
from streamstate.registry.view import phase_of
from tests.broken.patches import Patch, patching, together
from tests.broken.shells import CANCEL, CLEAR, DELETE, LOOK
from tests.broken.step_fault import StepFault, instead, showing

# Get: a view of what is not there, and a view that is wrong.


class CountingView(StreamView):
    """Says how many chunks are queued where it should say how many bytes."""

    __slots__ = ()

    @property
    def queue_size(self) -> int:
        return len(self.queue)

    def snapshot(self) -> View:
        return counted(super().snapshot())


def counted(right: View | None) -> View:
    assert right is not None
    return replace(right, queue_size=len(right.queue))


def deleted(_right: View | None) -> View:
    return View(deleted=True)


def get_even_the_unknown(self: StreamStateRegistry, stream: StreamId) -> StreamView:
    return tell_of_get(self, stream, StreamView(self._streams.get(stream, self._absent)))


def get_counted(self: StreamStateRegistry, stream: StreamId) -> StreamView | None:
    record = self._streams.get(stream)
    if record is None:
        return GET(self, stream)
    return tell_of_get(self, stream, CountingView(record))


def tell_of_get(self: StreamStateRegistry, stream: StreamId, view: StreamView) -> StreamView:
    outside = self._outside
    outside.enter()
    if outside.announcer is not None:
        outside.announcer.tell_view(Get(stream), view.snapshot())
    return view


GET: Final = StreamStateRegistry.get


# Delete and clear: the table's transitions are right, and not done, or not to all.


def close_it(_state: State, op: Op) -> list[Op]:
    assert isinstance(op, Delete)
    return [Close(op.stream)]


def close_it_first(_state: State, op: Op) -> list[Op]:
    assert isinstance(op, Delete)
    return [Close(op.stream), op]


def close_those_waited_for_first(state: State, op: Op) -> list[Op]:
    return [*(Close(number) for number, one in state.streams if isinstance(one, Waiting)), op]


def delete_all_but_the_newest(state: State, _op: Op) -> list[Op]:
    return [Delete(number) for number, _ in state.streams[:-1]]


def waited_for(record: Record | None) -> bool:
    return record is not None and record.situation.control is Control.WAITING


def delete_closes(self: StreamStateRegistry, stream: StreamId) -> None:
    record = self._streams.get(stream)
    if record is None or waited_for(record):
        DELETE(self, stream)
    else:
        self.close(stream)


def delete_closes_first(self: StreamStateRegistry, stream: StreamId) -> None:
    if waited_for(self._streams.get(stream)):
        self.close(stream)
    DELETE(self, stream)


def clear_closes_first(self: StreamStateRegistry) -> None:
    for stream, record in self._streams.items():
        if waited_for(record):
            self.close(stream)
    CLEAR(self)


def clear_forgets_the_newest(self: StreamStateRegistry) -> None:
    if any(map(waited_for, self._streams.values())):
        CLEAR(self)
        return
    for stream in list(self._streams)[:-1]:
        self.delete(stream)


# Looks: of a chunk, that gives it back, and of an end, that does more than look.


def cancel_it(_state: State, op: Op) -> list[Op]:
    assert isinstance(op, Seen)
    return [CancelPull(op.pull)]


def delete_what_is_over(state: State, _op: Op) -> list[Op]:
    return [
        Delete(number)
        for number, one in state.streams
        if isinstance(one, Idle) and not isinstance(one.status, Open)
    ]


def look_and_give_back(self: Waiter) -> PullResult:
    result = LOOK(self)
    if isinstance(result, Chunk):
        self.outcome = result.value
        CANCEL(self)
    return result


class Knowing(Outside):
    """Knows the streams of its registry, which no pull does."""

    __slots__ = ("streams",)

    streams: dict[StreamId, Record]


def make_knowing(self: StreamStateRegistry, *args: Any, **options: Any) -> None:
    MAKE(self, *args, **options)
    assert isinstance(self._outside, Knowing)
    self._outside.streams = self._streams


MAKE: Final = StreamStateRegistry.__init__


def knowing_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every pull know the streams of its registry."""
    monkeypatch.setattr(core, "Outside", Knowing)
    monkeypatch.setattr(StreamStateRegistry, "__init__", make_knowing)


def cancel_and_bring_back(self: Waiter) -> None:
    """A pull has the data of its stream even when that is gone: it is known again where the table
    says so."""
    CANCEL(self)
    record = self.record
    if record.last is not None and record.situation.control is not Control.ABSENT:
        assert isinstance(self.outside, Knowing)
        record.last = None
        self.outside.streams[record.number] = record


def look_and_sweep(self: Waiter) -> PullResult:
    assert isinstance(self.outside, Knowing)
    streams = self.outside.streams
    if not isinstance(self.outcome, bytes):
        for stream, record in list(streams.items()):
            if phase_of(record).closed or phase_of(record).errored:
                del streams[stream]
    return LOOK(self)


def in_registry(name: str, value: object) -> Patch:
    return patching(StreamStateRegistry, name, value)


STEP_FAULTS: Final = (
    StepFault(
        "get_shows_the_unknown",
        Rule.GET_1,
        showing(deleted),
        in_registry("get", get_even_the_unknown),
        1,
    ),
    StepFault(
        "get_counts_chunks_for_bytes",
        Rule.GET_2,
        showing(counted),
        in_registry("get", get_counted),
        2,
    ),
    StepFault(
        "delete_only_closes",
        Rule.DELETE_2,
        instead(close_it),
        in_registry("delete", delete_closes),
        1,
    ),
    StepFault(
        "delete_closes_first",
        Rule.DELETE_3,
        instead(close_it_first),
        in_registry("delete", delete_closes_first),
        2,
    ),
    StepFault(
        "clear_forgets_the_newest",
        Rule.CLEAR_1,
        instead(delete_all_but_the_newest),
        in_registry("clear", clear_forgets_the_newest),
        1,
    ),
    StepFault(
        "clear_closes_first",
        Rule.CLEAR_2,
        instead(close_those_waited_for_first),
        in_registry("clear", clear_closes_first),
        2,
    ),
    StepFault(
        "look_gives_the_chunk_back",
        Rule.SEEN_1,
        instead(cancel_it),
        patching(Waiter, "look", look_and_give_back),
        2,
    ),
    StepFault(
        "look_at_an_end_sweeps",
        Rule.SEEN_2,
        instead(delete_what_is_over),
        together(
            knowing_streams,
            patching(Waiter, "look", look_and_sweep),
        ),
        2,
    ),
)
