"""What workers do of a campaign: drive a shard, and in the end say why it went as it did."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import inf
from typing import Final, NamedTuple

from streamstate.cluster.work import Say, Seldom
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import (
    ExchangeError,
    Hello,
    Implementation,
    Opener,
    Request,
)
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.campaign.driving import Campaign
from streamstate.oracle.campaign.merging import broken_at, merged, past_of, without_past
from streamstate.oracle.checking import Question, conclude, drive_part
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.suites.plan import Suite, default_plan, requests
from streamstate.oracle.verdict.tally import Example, Tally
from streamstate.oracle.verdict.verdict import Shard, Verdict
from streamstate.registry import StreamStateRegistry

_SAMPLE: Final = 300
"""Programs, the first of the plan, by which the rate of a worker is measured."""

_SECONDS_OF_SAMPLE: Final = 5.0

_AHEAD: Final = 8_191
"""Programs that may have been asked for when a process broke."""


@dataclass(frozen=True, slots=True)
class DefaultPlan:
    """`default_plan` with so many extra states; one is equal to another that makes the same."""

    extra_states: int = 0

    def __call__(
        self, model: CachedModel, capabilities: Collection[str], seed: int
    ) -> Iterator[Suite]:
        """See `Planner`."""
        return default_plan(model, capabilities, seed, self.extra_states)


@dataclass(frozen=True, slots=True)
class Adapter:
    """What a worker checks: what a command runs there, or without one the built-in registry, of
    that version."""

    command: tuple[str, ...]
    timeout: float
    version: str = ""

    def opener(self, question: Question, limit: Budget) -> Opener:
        """Starts it, on this machine."""
        if self.command:
            return lambda: ChildImplementation(self.command, self.timeout, limit)

        def built_in() -> Implementation:
            return InProcessImplementation(
                lambda limits: StreamStateRegistry(dialect=question.dialect, limits=limits),
                "streamstate.StreamStateRegistry",
                self.version,
            )

        return built_in


class Rate(NamedTuple):
    """How an adapter introduced itself on a worker, or why it did not; ops per second there."""

    hello: Hello | None
    error: ExchangeError | None
    ops: float = 0.0


@dataclass(frozen=True, slots=True)
class Probe:
    """Start the adapter on one worker, and measure."""

    question: Question
    adapter: Adapter
    worker: str
    name: str = "probe"

    @property
    def limit(self) -> float:
        """Seconds: for starting it, and for the sample."""
        return self.adapter.timeout + 2 * _SECONDS_OF_SAMPLE

    def do(self, _say: Say) -> Rate:
        """Drive the first programs of the plan."""
        limit, models = Budget(_SECONDS_OF_SAMPLE), CachedModels()
        try:
            implementation = self.adapter.opener(self.question, Budget())()
        except ExchangeError as error:
            return Rate(None, error)
        try:
            planned = self.question.planned(implementation.hello, models)
            campaign = Campaign(implementation, self.question.dialect, models, None, limit)
            tally = campaign.drive(islice(requests(planned), _SAMPLE))
            return Rate(implementation.hello, None, tally.ops / max(tally.seconds, 1e-3))
        finally:
            implementation.close()


class Driven(NamedTuple):
    """What came of a shard: of which question it is, how the adapter introduced itself, and what
    was counted."""

    question: Question
    shard: Shard
    hello: Hello | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class Drive:
    """Drive a shard, its programs with numbers below `until`."""

    question: Question
    adapter: Adapter
    shard: Shard
    limit: float
    until: float = inf
    worker: str | None = None

    @property
    def name(self) -> str:
        """See `Work.name`."""
        return f"shard {self.shard.number}/{self.shard.of}"

    def do(self, say: Say) -> Driven:
        """Say how far it is, and at once what deviates first."""
        limit = Budget(2 * self.limit)  # half of which is for driving where something deviates
        opener = self.adapter.opener(self.question, limit)
        progress = _Told(say)
        driven = drive_part(opener, self.question, self.shard, self.until, limit, progress)
        return Driven(self.question, self.shard, driven[0], without_past(driven[1]))


class _Told:
    """Progress of a campaign, told to whoever asked for it."""

    def __init__(self, say: Say) -> None:
        self._say: Final = say
        self._seldom: Final = Seldom(say)

    def count(self, programs: int, deviating: int) -> None:
        self._seldom((programs, deviating))

    def first(self, example: Example) -> None:
        self._say(example)


@dataclass(frozen=True, slots=True)
class Conclude:
    """Find out what is behind the differences that shards have shown."""

    question: Question
    adapter: Adapter
    hello: Hello
    driven: Mapping[int, Tally]
    """By the number of the shard, of those that were run."""
    of: int
    limit: float
    name: str = "conclusion"
    worker: str | None = None

    def do(self, _say: Say) -> Verdict:
        """In the time that there is: else it says what is known by then."""
        limit = Budget(0.8 * self.limit)
        return self.concluded(self.adapter.opener(self.question, limit), limit)

    def concluded(self, opener: Opener, limit: Budget) -> Verdict:
        """The verdict, by an adapter that `opener` starts."""
        tallies, models = tuple(self.driven.values()), CachedModels()
        tally = merged(tallies)
        if tally.deviating:
            tally.past = past_of(filter(self._was_run, self._requests(models)), tallies)
        if tally.running is not None:
            after = (each for each in self._requests(models) if each.seq > broken_at(tally))
            tally.following = tuple(islice(after, _AHEAD))
        planned = tuple(self.question.planned(self.hello, models))
        return conclude(opener, self.question, planned, self.hello, tally, models, limit)

    def _requests(self, models: CachedModels) -> Iterator[Request]:
        return requests(self.question.planned(self.hello, models))

    def _was_run(self, request: Request) -> bool:
        tally = self.driven.get((request.seq - 1) % self.of + 1)
        return tally is not None and request.seq <= tally.last
