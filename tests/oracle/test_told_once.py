"""Registries with one fault that several ops show: it is told once, with the rule to mend."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

import pytest

from streamstate.model import REFERENCE, Create, IsQueueFull, Push, Rule
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.minimisation import shrink
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.suites.plan import Suite, default_plan
from streamstate.testing.conforms import opened
from tests.faults.catalogue import faults
from tests.faults.fault import Mode
from tests.oracle.planted import finding_of
from tests.oracle.small_plan import small_plan
from tests.testing.simple import Delivery, SimpleRegistry, StreamGoneError
from tests.thorough import one_in

QUEUE: Final = replace(REFERENCE, overlapping_pull="queue")


class OnePlaceForWaitingPulls(SimpleRegistry):
    """A pull that waits takes the place of one that waits on another stream: where that is to
    settle, this one does."""

    def pull(self, stream: int) -> Delivery:
        delivery = super().pull(stream)
        if not delivery.done():
            for known in self.streams.values():
                known.waiting = known.waiting and delivery
        return delivery


class Queueing(SimpleRegistry):
    """Pulls wait in a row, where overlapping_pull is queue."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Final[dict[int, deque[Delivery]]] = defaultdict(deque)

    def push(self, stream: int, chunk: bytes) -> bool:
        if not self.rows[stream]:
            return super().push(stream, chunk)
        self.next_of(self.rows[stream]).set_result(bytes(chunk))
        return True

    def pull(self, stream: int) -> Delivery:
        delivery = super().pull(stream)
        if not delivery.done():
            self.streams[stream].waiting = None
            self.rows[stream].append(delivery)
        return delivery

    def close(self, stream: int) -> None:
        super().close(stream)
        self.end(stream, lambda waiting: waiting.set_result(None))

    def error(self, stream: int, error_value: Exception) -> None:
        super().error(stream, error_value)
        self.end(stream, lambda waiting: waiting.set_exception(error_value))

    def delete(self, stream: int) -> None:
        super().delete(stream)
        self.end(stream, lambda waiting: waiting.set_exception(StreamGoneError("Stream deleted")))

    def next_of(self, row: deque[Delivery]) -> Delivery:
        return row.popleft()

    def end(self, stream: int, how: Callable[[Delivery], None]) -> None:
        for each in self.in_turn(self.rows.pop(stream, deque())):
            how(each)

    def in_turn(self, row: deque[Delivery]) -> Iterable[Delivery]:
        return row


class EndsTheNewestFirst(Queueing):
    """Close, error and delete settle the newest of three pulls first."""

    def in_turn(self, row: deque[Delivery]) -> Iterable[Delivery]:
        return reversed(row) if len(row) > 2 else row


class EndsTwo(Queueing):
    """Close, error and delete settle two of the pulls that wait."""

    def in_turn(self, row: deque[Delivery]) -> Iterable[Delivery]:
        return [*row][:2]


class ServesTheNewest(Queueing):
    """Push serves the newest of three pulls."""

    def next_of(self, row: deque[Delivery]) -> Delivery:
        return row.pop() if len(row) > 2 else row.popleft()


class CountsInAByte(SimpleRegistry):
    """The number of queued chunks wraps at 256."""

    def is_queue_full(self, stream: int) -> bool:
        known = self.streams.get(stream)
        wrapped = 0 if known is None else len(known.chunks) % 256
        return known is None or wrapped >= self.max_chunks or known.size >= self.high_water_mark


def with_two_streams_or_several_pulls(
    machine: CachedModel, capabilities: Collection[str], seed: int
) -> Iterator[Suite]:
    chosen = {"complete: two streams", "complete: overlapping pulls"}
    return (each for each in default_plan(machine, capabilities, seed) if each.name in chosen)


def told(factory: type[SimpleRegistry]) -> list[Rule]:
    dialect = QUEUE if issubclass(factory, Queueing) else REFERENCE
    planner = with_two_streams_or_several_pulls
    verdict = check(lambda: opened(factory, None), dialect, planner=planner)
    return [each.rule for each in verdict.deviations]


def test_a_registry_in_which_pulls_queue_is_right() -> None:
    assert told(Queueing) == []


@pytest.mark.parametrize(
    ("factory", "rules"),
    one_in(
        4,
        [
            (OnePlaceForWaitingPulls, {Rule.PULL_3}),
            (EndsTheNewestFirst, {Rule.CLOSE_2, Rule.ERROR_2, Rule.DELETE_3}),
            (EndsTwo, {Rule.CLOSE_2, Rule.ERROR_2, Rule.DELETE_3}),
            (ServesTheNewest, {Rule.PUSH_4}),
        ],
    ),
)
def test_it_is_told_once(factory: type[SimpleRegistry], rules: set[Rule]) -> None:
    (first,) = told(factory)
    assert first in rules


@pytest.mark.thorough
def test_a_count_that_wraps_is_shown_by_as_many_ops_as_it_takes() -> None:
    runner = Runner(lambda: opened(CountsInAByte, None), REFERENCE, CachedModels())
    try:
        found = finding_of(runner, Create(), *(Push(1, b"a"),) * 771, IsQueueFull(1))
        assert len(shrink(runner, found).program) == 258
    finally:
        runner.close()


@pytest.mark.needs_node
@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("javascript/errored_pull_throws", Rule.PULL_6),  # not at the error, whose value it throws
        ("kept/RingOf16", Rule.PUSH_6),  # not at the pull before, without which no ring is turned
    ],
)
def test_what_is_only_on_the_way_is_not_blamed(key: str, rule: Rule) -> None:
    fault = faults()[key]
    with fault.plant(Mode.BLACK_BOX) as opener:
        deviations = check(opener, fault.dialect, planner=small_plan).deviations
    assert [each.rule for each in deviations] == [rule]
