"""A campaign: the shards of a plan, driven by any workers, and one verdict as of one machine.

Workers drive shards and say what they counted. That is merged, and only then one of them is asked
what is behind the differences, if there are any: as in a check, once and of the whole plan. Where a
process died or hung at a program, nothing counts that comes after it in the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil, inf
from typing import Final, NamedTuple, Protocol

from streamstate.cluster.connection import ClusterError
from streamstate.cluster.hands import Done, GivenUp, Hands
from streamstate.cluster.shards import Adapter, Conclude, Drive, Driven, Probe, Rate
from streamstate.cluster.work import Work
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.implementation import ExchangeError, Fault, Hello, Implementation
from streamstate.oracle.campaign.merging import broken_at
from streamstate.oracle.checking import Question
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.suites.extent import Extent, extent
from streamstate.oracle.verdict.tally import Example, Tally
from streamstate.oracle.verdict.verdict import NotRun, Shard, Verdict

_PART_OF_LIMIT: Final = 0.25
"""What a shard may take of the time limit, as far as that is known before."""

_SHARDS_EACH: Final = 4
_PROGRAMS_EACH: Final = 20_000
"""A thread gets so many shards where each still has so many programs."""

_MOST_PROGRAMS: Final = 200_000
"""Of a shard: what the model answers to its programs is remembered, in some 300 MB."""


class Watcher(Protocol):
    """Told of a campaign while it runs, as of a check; also of what goes wrong with workers."""

    def count(self, programs: int, deviating: int) -> None: ...

    def first(self, example: Example) -> None: ...

    def started(self) -> None: ...


class Mustered(NamedTuple):
    """The workers that can take part: how the adapter introduced itself on all of them, their
    threads, and how many ops they do per second together."""

    hello: Hello
    threads: int
    rate: float


@dataclass
class CampaignOf:
    """A question that is put to an implementation on the workers of a cluster."""

    hands: Hands
    question: Question
    adapter: Adapter
    limit: float
    watcher: Watcher
    _counts: dict[int, tuple[int, int]] = field(default_factory=dict)
    _seen: bool = False
    _broken: ExchangeError | None = None

    def muster(self, seconds: float) -> Mustered | ExchangeError:
        """Which workers can take part; or why none can. Raises `ClusterError` where there is none,
        or where one runs another streamstate."""
        threads = self.hands.muster(seconds)
        for worker, why in self.hands.unfit.items():
            raise ClusterError(f"worker {worker}: {why}")
        if not threads:
            raise ClusterError(f"no worker has joined the scheduler within {seconds:g} seconds")
        probes = [Probe(self.question, self.adapter, worker) for worker in threads]
        rates = {worker: rate for worker, rate in self._rates(probes) if rate.hello is not None}
        hellos = {rate.hello for rate in rates.values() if rate.hello is not None}
        match tuple(hellos):
            case (hello,):
                usable = sum(threads[worker] for worker in rates)
                return Mustered(hello, usable, sum(rate.ops for rate in rates.values()))
            case ():
                return self._broken or ExchangeError(Fault.START, "it answered on no worker")
            case _:
                message = "its processes answered start in different ways on two workers"
                return ExchangeError(Fault.HANDSHAKE, message)

    def _rates(self, probes: Sequence[Probe]) -> Iterator[tuple[str, Rate]]:
        """What workers say of the adapter; those on which it does not start are left out."""
        for outcome in self.hands.do(probes):
            match outcome:
                case Done(_, worker, Rate(_, ExchangeError() as error)):
                    self._broken = self._broken or error
                    self.hands.refuse(worker, f"the adapter {error.fault.value}: {error}")
                case Done(_, worker, Rate() as rate):
                    yield worker, rate
                case GivenUp(Probe(worker=worker), why):
                    self.hands.refuse(worker, why[-1])
                case _:
                    raise AssertionError(outcome)

    def extent(self, hello: Hello, shards: int) -> Extent:
        """How large the plan is."""
        return extent(self.question.planned(hello, CachedModels()), shards)

    def run(self, hello: Hello, plan: Extent) -> Verdict:
        """The verdict. Raises nothing for what workers do."""
        of = len(plan.shards)
        driven: dict[int, Tally] = {}
        missing: dict[int, str] = {}
        until = inf
        to_do: Sequence[int] = range(1, of + 1)
        while to_do:
            works = [self._drive(Shard(number, of), until) for number in to_do]
            for number, came in self._driven(works, hello, plan):
                if isinstance(came, str):
                    missing[number] = came
                else:
                    driven[number] = came
                    if came.broken is not None:
                        until = min(until, broken_at(came))
            to_do = [number for number, each in driven.items() if _went_beyond(each, until)]
            for number in to_do:
                del driven[number]
        return self._concluded(hello, driven, missing, of)

    def _drive(self, shard: Shard, until: float) -> Drive:
        return Drive(self.question, self.adapter, shard, self.limit, until)

    def _driven(
        self, works: Sequence[Drive], hello: Hello, plan: Extent
    ) -> Iterator[tuple[int, Tally | str]]:
        """What comes of shards, each once: a tally, or why there is none."""
        waiting = {work.shard.number for work in works}
        try:
            for outcome in self.hands.do(works, self._heard):
                assert isinstance(outcome.work, Drive)
                number, came = outcome.work.shard.number, self._usable(outcome, hello, plan)
                if came is not None:
                    waiting.discard(number)
                    yield number, came
        except ClusterError as error:
            yield from ((number, str(error)) for number in sorted(waiting))

    def _usable(self, outcome: Done | GivenUp, hello: Hello, plan: Extent) -> Tally | str | None:
        """What came of a shard; None where it is to be driven again."""
        if isinstance(outcome, Done):
            why = self._unusable(outcome, hello, plan)
            if not why:
                tally: Tally = outcome.result.tally
                self._count(outcome.result.shard.number, tally.programs, tally.deviating)
                return tally
            given_up = self.hands.again(outcome, why)
        else:
            given_up = outcome
        return None if given_up is None else "; ".join(given_up.why)

    def _unusable(self, done: Done, hello: Hello, plan: Extent) -> str:
        """Why that cannot be what came of that shard; nothing if it can."""
        work, result = done.work, done.result
        assert isinstance(work, Drive)
        if not isinstance(result, Driven) or (result.question, result.shard) != (
            work.question,
            work.shard,
        ):
            return self._refused(done.worker, "it answered for another plan or shard")
        tally = result.tally
        if result.hello is None:
            assert tally.broken is not None
            said = f"the adapter {tally.broken.fault.value}: {tally.broken}"
            return self._refused(done.worker, said)
        if result.hello != hello:
            return self._refused(done.worker, "its adapter is another one than the others'")
        if tally.cut is not None:
            return f"it took more than {self.limit:g} seconds"
        due = plan.shards[work.shard.number - 1]
        if tally.broken is None and work.until == inf and tally.families != due:
            return self._refused(done.worker, "it ran other programs than those of its shard")
        return ""

    def _refused(self, worker: str, why: str) -> str:
        self.hands.refuse(worker, why)
        return why

    def _heard(self, work: Work, what: object) -> None:
        match work, what:
            case Drive(shard=shard), (int(programs), int(deviating)):
                self._count(shard.number, programs, deviating)
            case _, Example() as example if not self._seen:
                self._seen = True
                self.watcher.first(example)

    def _count(self, number: int, programs: int, deviating: int) -> None:
        self._counts[number] = programs, deviating
        counts = self._counts.values()
        self.watcher.count(sum(each for each, _ in counts), sum(each for _, each in counts))

    def _concluded(
        self, hello: Hello, driven: Mapping[int, Tally], missing: Mapping[int, str], of: int
    ) -> Verdict:
        if driven:
            in_order = dict(sorted(driven.items()))
            work = Conclude(self.question, self.adapter, hello, in_order, of, self.limit)
            verdict = self._asked_for(work)
        else:
            verdict = Verdict(self.question.dialect, hello, Tally(), (), (), self.question.seed)
        return replace(
            verdict,
            command=self.adapter.command,
            not_run=tuple(
                NotRun(Shard(number, of), why) for number, why in sorted(missing.items())
            ),
            remarks=tuple(
                f"Worker {worker} was left out: {why}" for worker, why in self.hands.unfit.items()
            ),
        )

    def _asked_for(self, work: Conclude) -> Verdict:
        """What a worker concludes; what can be said without an adapter where none does."""
        if any(each.deviating or each.broken for each in work.driven.values()):
            self.watcher.started()
            try:
                for outcome in self.hands.do([work]):
                    if isinstance(outcome, Done) and isinstance(outcome.result, Verdict):
                        return outcome.result
            except ClusterError:
                pass
        limit = Budget()
        verdict = work.concluded(_nobody, limit)
        return replace(verdict, hurried=bool(verdict.deviations))


def _nobody() -> Implementation:
    raise ExchangeError(Fault.START, "there is no adapter on this machine")


def _went_beyond(tally: Tally, until: float) -> bool:
    """Whether there are programs in it that come after that one."""
    return tally.last > until


def shards_for(plan: Extent, mustered: Mustered, limit: float) -> int:
    """Into how many shards to cut a plan: one for each thread at least; so many that none takes
    more than a part of the limit, or more memory than a worker has; and more, so that little is
    lost with a worker, where each is still large. Each shard makes some programs that it does not
    run."""
    seconds = plan.ops / max(mustered.rate, 1e-3) * mustered.threads
    for_time = ceil(seconds / (limit * _PART_OF_LIMIT))
    for_memory = ceil(plan.programs / _MOST_PROGRAMS)
    large = min(_SHARDS_EACH * mustered.threads, plan.programs // _PROGRAMS_EACH)
    return max(1, min(plan.programs, max(mustered.threads, for_time, for_memory, large)))
