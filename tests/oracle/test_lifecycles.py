"""Streams led through whole lives: what waits for a past, a neighbour or a number shows."""

from __future__ import annotations

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Rule, StreamId
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.lifecycles import lifecycle_programs, watched_lifecycle_programs
from streamstate.registry import PendingPull, StreamView


class Repeated(StreamStateRegistry):
    """The error that a stream has already deletes it."""

    def error(self, stream: StreamId, value: object) -> None:
        seen = self.get(stream)
        if seen is not None and seen.errored and str(seen.error_value) == str(value):
            self.delete(stream)
        else:
            super().error(stream, value)


class Heavy(StreamStateRegistry):
    """What is deleted with more than half a kibibyte is only emptied and closed."""

    def delete(self, stream: StreamId) -> None:
        seen = self.get(stream)
        if seen is None or seen.queue_size <= 512:
            super().delete(stream)
        else:
            self.close(stream)
            for _ in seen.queue:
                with pytest.raises(StopIteration):
                    self.pull(stream).send(None)


class Tenth(StreamStateRegistry):
    """From the tenth stream on a pull that meets another one is closed, and so is the stream."""

    def pull(self, stream: StreamId) -> PendingPull:
        seen = self.get(stream)
        if stream >= 10 and seen is not None and seen.pull_waiting:
            self.close(stream)
        return super().pull(stream)


class Spread(StreamStateRegistry):
    """A close with a big backlog closes the next stream as well."""

    def close(self, stream: StreamId) -> None:
        seen = self.get(stream)
        super().close(stream)
        if seen is not None and len(seen.queue) > 7:
            super().close(stream + 1)


class Worn(StreamStateRegistry):
    """Once a hundred streams are gone, an error reaches the first one, whichever it is for."""

    def __init__(self) -> None:
        super().__init__()
        self._gone = 0

    def delete(self, stream: StreamId) -> None:
        self._gone += 1
        super().delete(stream)

    def error(self, stream: StreamId, value: object) -> None:
        super().error(stream, value)
        if self._gone >= 100:
            super().error(1, value)


class NeverWaits(StreamView):
    """Shows no pull that waits."""

    @property
    def pull_waiting(self) -> bool:
        return False


class Blind(StreamStateRegistry):
    """From the hundredth stream on a view never shows that a pull waits."""

    def get(self, stream: StreamId) -> StreamView | None:
        seen = super().get(stream)
        return seen if seen is None or stream < 100 else NeverWaits(seen._record)


MACHINES = CachedModels()
PLANNED: tuple[Program, ...] = tuple(map(program_of, lifecycle_programs()))


def rules_of(faulty: type[StreamStateRegistry], programs: tuple[Program, ...]) -> set[Rule]:
    """At which rules a registry deviates in these programs."""
    runner = Runner(
        lambda: InProcessImplementation(lambda _limits: faulty(), "registry", "1"),
        REFERENCE,
        MACHINES,
    )
    try:
        return {each.rule for each in runner.try_all(programs, None) if each is not None}
    finally:
        runner.close()


@pytest.mark.parametrize(
    ("faulty", "rule"),
    [
        (StreamStateRegistry, None),
        (Repeated, Rule.PULL_7),
        (Heavy, Rule.IS_QUEUE_FULL_1),
        (Tenth, Rule.PULL_10),
        (Spread, Rule.CLOSE_5),
        (Worn, Rule.ERROR_2),
    ],
)
def test_what_a_stream_has_been_through_shows(
    faulty: type[StreamStateRegistry], rule: Rule | None
) -> None:
    found = rules_of(faulty, PLANNED)
    assert (rule in found) if rule else not found


@pytest.mark.parametrize(("faulty", "rule"), [(StreamStateRegistry, None), (Blind, Rule.PULL_3)])
def test_what_is_shown_of_a_stream_is_looked_at(
    faulty: type[StreamStateRegistry], rule: Rule | None
) -> None:
    assert not rules_of(Blind, PLANNED)
    found = rules_of(faulty, tuple(map(program_of, watched_lifecycle_programs())))
    assert (rule in found) if rule else not found
