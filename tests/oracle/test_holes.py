"""Streams deleted out of the middle of many: a table that keeps them in places is looked at."""

from __future__ import annotations

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Rule, StreamId
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.structured import structured_programs


class Places(StreamStateRegistry):
    """Clears its streams by place, and a place that was freed is used again."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[StreamId] = []
        self._free: list[int] = []

    def create(self) -> StreamId:
        stream = super().create()
        if self._free:
            self._places[self._free.pop()] = stream
        else:
            self._places.append(stream)
        return stream

    def delete(self, stream: StreamId) -> None:
        if self.get(stream) is not None:
            self._free.append(self._places.index(stream))
            self._places[self._free[-1]] = 0
        super().delete(stream)

    def clear(self) -> None:
        for stream in list(self._places):
            self.delete(stream)


class Probing(StreamStateRegistry):
    """A stream is not found any more once the one eight before it is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._gone: set[StreamId] = set()

    def delete(self, stream: StreamId) -> None:
        self._gone.add(stream)
        super().delete(stream)

    def is_queue_full(self, stream: StreamId) -> bool:
        return stream - 8 in self._gone or super().is_queue_full(stream)


PLANNED: tuple[Program, ...] = tuple(map(program_of, structured_programs()))


@pytest.mark.parametrize(
    ("faulty", "rule"),
    [(StreamStateRegistry, None), (Places, Rule.CLEAR_2), (Probing, Rule.IS_QUEUE_FULL_3)],
)
def test_what_becomes_of_the_others_is_looked_at(
    faulty: type[StreamStateRegistry], rule: Rule | None
) -> None:
    runner = Runner(
        lambda: InProcessImplementation(lambda _limits: faulty(), "registry", "1"),
        REFERENCE,
        CachedModels(),
    )
    try:
        found = [each for each in runner.try_all(PLANNED, None) if each is not None]
    finally:
        runner.close()
    assert {each.rule for each in found} >= ({rule} if rule else set())
    assert bool(found) is bool(rule)
