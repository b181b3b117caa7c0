"""The contents of a registry as OpenTelemetry metrics (extra `opentelemetry`).

    from streamstate.telemetry import observe

    observe(registry)                    # to the meter provider that the service has set

No op sends anything. The registry counts, see `StreamStateRegistry.watch`, and the exporter reads
the counts when it collects, in whatever thread it does so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary, ref

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter_provider

from streamstate.registry import Stats, StreamStateRegistry, Watch

Value: TypeAlias = Callable[[Stats], int | float]
Attributes: TypeAlias = Mapping[str, str | bool | int | float]

DIALECT: Final = "streamstate.dialect"
"""The attribute that every metric has: the registry's dialect."""

COUNTS: Final[Mapping[str, tuple[str, str, Value]]] = MappingProxyType(
    {
        "streamstate.stream.active": (
            "{stream}",
            "Streams that were created and not deleted.",
            lambda stats: stats.streams,
        ),
        "streamstate.pull.pending": (
            "{pull}",
            "Pulls that wait for a chunk.",
            lambda stats: stats.waiting_pulls,
        ),
        "streamstate.queue.length": (
            "{chunk}",
            "Chunks that are queued in all streams.",
            lambda stats: stats.queued_chunks,
        ),
        "streamstate.queue.size": (
            "By",
            "Bytes that are queued in all streams.",
            lambda stats: stats.queued_bytes,
        ),
        "streamstate.delivery.pending": (
            "{chunk}",
            "Chunks that were handed to a pull whose awaiter has not looked yet.",
            lambda stats: stats.unseen_chunks,
        ),
        "streamstate.writer.blocked": (
            "{writer}",
            "Writers that wait for their turn to write.",
            lambda stats: stats.blocked_writers,
        ),
        "streamstate.push.pending": (
            "{push}",
            "Pushes that wait for room.",
            lambda stats: stats.waiting_pushes,
        ),
    }
)
"""Instruments that go up and down: by name, the unit, the description, and the count to read."""

TOTALS: Final[Mapping[str, tuple[str, str, Value]]] = MappingProxyType(
    {
        "streamstate.push.accepted": (
            "{push}",
            "Pushes that were accepted after they had waited.",
            lambda stats: stats.accepted_pushes,
        ),
        "streamstate.push.turned_away": (
            "{push}",
            "Pushes that were turned away while they waited.",
            lambda stats: stats.turned_away_pushes,
        ),
        "streamstate.push.given_up": (
            "{push}",
            "Pushes whose callers left while they waited.",
            lambda stats: stats.given_up_pushes,
        ),
    }
)
"""Instruments that only go up, from when the registry began to count."""

WAIT: Final = "streamstate.pull.pending.duration"
"""The gauge, in seconds, for how long the oldest waiting pull has waited; 0 if none waits."""


def observe(
    registry: StreamStateRegistry,
    *,
    provider: MeterProvider | None = None,
    attributes: Attributes = MappingProxyType({}),
) -> None:
    """Make `registry` count, and export its counts at every collection, until `unwatch`.

    Call it in the registry's thread. `provider` is the global one, if not given. `attributes` tell
    several registries apart; the dialect is always among them. It does not keep the registry alive.
    """
    chosen = get_meter_provider() if provider is None else provider
    named = {DIALECT: str(registry.dialect), **attributes}
    observed = _OBSERVED.get(chosen)
    if observed is None:
        observed = _OBSERVED[chosen] = _Observed(chosen)
    observed.add(registry.watch(), named)


class _Observed:
    """The registries whose counts go to one provider, which takes each instrument once."""

    def __init__(self, provider: MeterProvider) -> None:
        self._watches: tuple[tuple[ref[Watch], Attributes], ...] = ()
        meter = provider.get_meter("streamstate")
        for name, (unit, description, value) in COUNTS.items():
            callback = partial(self._read, value)
            meter.create_observable_up_down_counter(name, [callback], unit, description)
        for name, (unit, description, value) in TOTALS.items():
            callback = partial(self._read, value)
            meter.create_observable_counter(name, [callback], unit, description)
        description = "How long the oldest pull that waits has waited."
        wait = partial(self._read, _longest_wait)
        meter.create_observable_gauge(WAIT, [wait], "s", description)

    def add(self, watch: Watch, attributes: Attributes) -> None:
        """Add one, and drop those that no longer count."""
        living = tuple(each for each in self._watches if each[0]() is not None)
        self._watches = (*living, (ref(watch), attributes))

    def _read(self, value: Value, _options: CallbackOptions) -> Iterator[Observation]:
        for watch, attributes in self._watches:
            counts = watch()
            if counts is not None:
                yield Observation(value(counts.stats()), attributes)


_OBSERVED: Final[WeakKeyDictionary[MeterProvider, _Observed]] = WeakKeyDictionary()


def _longest_wait(stats: Stats) -> float:
    return 0.0 if stats.oldest_pull is None else stats.oldest_pull.seconds
