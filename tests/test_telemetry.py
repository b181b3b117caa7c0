"""What a meter provider is told of a registry, read by the SDK's own reader in memory."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricsData, Sum

from streamstate import Dialect, Limits, StreamStateRegistry
from streamstate.registry import watching
from streamstate.telemetry import COUNTS, DIALECT, TOTALS, WAIT, observe
from tests.quiet import QuietLoop
from tests.registry.support import start


class Collected:
    """A provider with a reader that is asked by hand."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()
        self.provider = MeterProvider([self.reader])

    def metrics(self) -> dict[str, Any]:
        data: MetricsData | None = self.reader.get_metrics_data()
        if data is None:
            return {}
        [resource] = data.resource_metrics
        [scope] = resource.scope_metrics
        assert scope.scope.name == "streamstate"
        return {metric.name: metric for metric in scope.metrics}

    def values(self, **attributes: str) -> dict[str, float]:
        """The value of each metric of the registry with these attributes."""
        return {
            name: point.value
            for name, metric in self.metrics().items()
            for point in metric.data.data_points
            if attributes.items() <= dict(point.attributes).items()
        }


def test_every_count_is_a_metric_with_its_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 10.0
    monkeypatch.setattr(watching, "monotonic", lambda: now)
    collected = Collected()
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=2))
    observe(registry, provider=collected.provider)
    full, empty = registry.create(), registry.create()
    for chunk in (b"abc", b"de", b"f"):
        registry.push(full, chunk)
    handed, waits = registry.pull(full), registry.pull(empty)
    with QuietLoop() as quiet:
        start(quiet, registry.writable(full))
        now = 12.5
        _compare(collected)
    for pull in (handed, waits):
        pull.close()


def _compare(collected: Collected) -> None:
    assert collected.values() == {
        "streamstate.stream.active": 2,
        "streamstate.pull.pending": 1,
        "streamstate.queue.length": 2,
        "streamstate.queue.size": 3,
        "streamstate.delivery.pending": 1,
        "streamstate.writer.blocked": 1,
        "streamstate.push.pending": 0,
        "streamstate.push.accepted": 0,
        "streamstate.push.turned_away": 0,
        "streamstate.push.given_up": 0,
        "streamstate.pull.pending.duration": 2.5,
    }
    units = {name: metric.unit for name, metric in collected.metrics().items()}
    counted = {**COUNTS, **TOTALS}
    assert units == {**{name: unit for name, (unit, _, _) in counted.items()}, WAIT: "s"}
    for name in counted:
        data = collected.metrics()[name].data
        assert isinstance(data, Sum)
        assert data.is_monotonic == (name in TOTALS)


def test_pushes_that_wait_are_counted_and_what_becomes_of_them() -> None:
    collected = Collected()
    registry = StreamStateRegistry(Dialect(push_when_full="wait"), Limits(max_queue_chunks=1))
    observe(registry, provider=collected.provider)
    stream = registry.create()
    registry.push(stream, b"a")
    sends = [registry.send(stream, b"b") for _ in range(7)]
    registry.pull(stream).close()
    sends[1].cancel()
    sends[2].cancel()
    _compare_pushes(collected, pending=4, accepted=1, turned_away=0, given_up=2)
    registry.delete(stream)
    _compare_pushes(collected, pending=0, accepted=1, turned_away=4, given_up=2)


def _compare_pushes(collected: Collected, **counts: int) -> None:
    told = collected.values()
    assert {name: told[f"streamstate.push.{name}"] for name in counts} == counts


def test_several_registries_are_told_apart_by_their_attributes() -> None:
    collected = Collected()
    one, other = StreamStateRegistry(), StreamStateRegistry(Dialect.parse("isolate"))
    observe(one, provider=collected.provider, attributes={"service.part": "uploads"})
    observe(other, provider=collected.provider)
    one.create()
    active = "streamstate.stream.active"
    assert collected.values(**{"service.part": "uploads"})[active] == 1
    assert collected.values(**{DIALECT: "isolate"})[active] == 0


def test_nothing_is_told_once_nobody_counts_and_no_registry_is_kept() -> None:
    collected = Collected()
    stopped, gone = StreamStateRegistry(), StreamStateRegistry()
    for registry in (stopped, gone):
        observe(registry, provider=collected.provider)
    kept = weakref.ref(gone)
    stopped.unwatch()
    del registry, gone
    gc.collect()
    assert kept() is None
    assert collected.values() == {}
    observe(stopped, provider=collected.provider)
    assert len(collected.values()) == len(COUNTS) + len(TOTALS) + 1


def test_without_a_provider_the_global_one_is_told() -> None:
    observe(StreamStateRegistry())  # which by default tells nobody, and raises nothing
