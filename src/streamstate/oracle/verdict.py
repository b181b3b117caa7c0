"""The verdict: what was asked, what was run, what was found. All reports show the same one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter
from typing import Final, NamedTuple

from streamstate.model import REFERENCE, Dialect, Get, Limits, Rule
from streamstate.oracle.breaking import culprit, smaller
from streamstate.oracle.campaign import Campaign, Machines, Progress, Tally
from streamstate.oracle.complete import Certificate
from streamstate.oracle.diagnosis import diagnose
from streamstate.oracle.dialects import Nearest, nearest
from streamstate.oracle.ignored_limits import ignoring_limits
from streamstate.oracle.implementation import ExchangeError, Hello
from streamstate.oracle.known import Known
from streamstate.oracle.laboratory import Laboratory, Opener
from streamstate.oracle.machine import RULES, Word, bit_of, reachable_rules, word
from streamstate.oracle.merging import Deviation
from streamstate.oracle.mistakes import Mistake
from streamstate.oracle.plan import (
    DEFAULT_SEED,
    SINGLE,
    WHOLE,
    Planner,
    Shard,
    Suite,
    requests,
    suites,
)
from streamstate.oracle.policies import by_policy
from streamstate.oracle.reckoning import Reckoning, Standing
from streamstate.oracle.suspicion import Pool

CONFORMS: Final = "conforms"
DEVIATES: Final = "deviates"
BROKEN: Final = "broken"
UNTESTED: Final = "untested"
"""Nothing was run, so there is nothing to say of the implementation."""
INCONCLUSIVE: Final = "inconclusive"
"""The time was over before anything was shown: nothing deviates so far, and no complete suite was
run whole."""

EXIT_CODES: Final = {CONFORMS: 0, DEVIATES: 1, BROKEN: 3, UNTESTED: 3, INCONCLUSIVE: 3}
"""What the command ends with; 2 is wrong usage, 3 that there is no verdict."""


class Ran(NamedTuple):
    """A suite of which at least one program was run: how many were, and how many deviated."""

    name: str
    says: str
    programs: int
    deviating: int


class Excused(NamedTuple):
    """A deviation that somebody has accepted, and the entry that says why."""

    deviation: Deviation
    known: Known


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check. `hello` is None if the implementation never introduced itself."""

    dialect: Dialect
    hello: Hello | None
    tally: Tally
    deviations: tuple[Deviation, ...]
    """Those that nobody has accepted."""
    suites: tuple[Ran, ...]
    seed: int
    nearest: Nearest | None = None
    """Where it deviates: the dialect that it comes nearest to."""
    certificates: tuple[Certificate, ...] = ()
    """What each complete suite shows that was begun and in which nothing deviated."""
    shard: Shard = WHOLE
    extra_states: int = 0
    """That complete suites were asked to allow for at least."""
    excused: tuple[Excused, ...] = ()
    standings: tuple[Standing, ...] | None = None
    """How the entries of a list of known deviations stand; None where there is no list."""
    command: tuple[str, ...] = ()
    """What ran the implementation; empty for one in this process."""
    hurried: bool = False
    """Whether the time was over before all that deviates was looked into."""

    @property
    def word(self) -> str:
        """`conforms`, `deviates`, `broken`, `untested` or `inconclusive`."""
        if self.tally.broken is not None:
            return BROKEN
        if self.deviations:
            return DEVIATES
        if not self.tally.programs:
            return UNTESTED
        shown = self.tally.cut is None or any(each.complete for each in self.certificates)
        return CONFORMS if shown else INCONCLUSIVE

    @property
    def exit_code(self) -> int:
        """0, 1 or 3. Known deviations that are out of date count like others."""
        if self.standings is None:
            return EXIT_CODES[self.word]
        return self._reckoning().exit_code(broken=EXIT_CODES[self.word] == EXIT_CODES[BROKEN])

    @property
    def outdated(self) -> tuple[Standing, ...]:
        """The known deviations that are not in force."""
        return self._reckoning().outdated

    def _reckoning(self) -> Reckoning:
        return Reckoning(self.deviations, self.excused, self.standings or ())

    def in_view_of(self, reckoning: Reckoning) -> Verdict:
        """The same, with what is known taken into account."""
        excused = tuple(Excused(*each) for each in reckoning.excused)
        return replace(
            self, deviations=reckoning.left, excused=excused, standings=reckoning.standings
        )

    @property
    def found(self) -> tuple[Deviation, ...]:
        """All deviations, accepted or not."""
        return (*self.deviations, *(each.deviation for each in self.excused))

    @property
    def partial(self) -> bool:
        """Whether a part of the plan was left out."""
        return self.shard != WHOLE or self.tally.cut is not None

    @property
    def single(self) -> bool:
        """Whether one program was run, and not a plan."""
        return [name for name, *_ in self.suites] == [SINGLE]

    def unexercised(self) -> tuple[Rule, ...]:
        """The rules that programs can fire in the dialect and these did not."""
        reachable = self.reachable
        return tuple(
            rule for rule in RULES if reachable & bit_of(rule) and not self.tally.rules[rule]
        )

    @property
    def cancels(self) -> bool:
        """Whether pulls can be given up over the wire."""
        return self.hello is not None and "cancel" in self.hello.capabilities

    @property
    def reachable(self) -> int:
        """The set of rules that programs can fire in the dialect."""
        return reachable_rules(self.dialect, cancels=self.cancels)


def check(
    opener: Opener,
    dialect: Dialect,
    *,
    seed: int = DEFAULT_SEED,
    planner: Planner = suites,
    shard: Shard = WHOLE,
    budget: float | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Check an implementation against the model in `dialect`, with the default plan of that seed
    or another one.

    No program of the plan is begun once `budget` seconds have passed (None: all are run); as long
    again may be spent on finding out what is wrong.
    `opener` starts the implementation; it is started again to shrink what it did wrong. Nothing is
    raised for what an implementation does: it is in the verdict.
    """
    started = perf_counter()
    machines = Machines()
    try:
        implementation = opener()
    except ExchangeError as error:
        return Verdict(dialect, None, Tally(broken=error), (), (), seed, shard=shard)
    try:
        hello = implementation.hello
        planned = tuple(planner(machines.of(dialect), hello.capabilities, seed))
        campaign = Campaign(implementation, dialect, machines, progress, budget=budget)
        tally = campaign.drive(requests(planned, shard))
    finally:
        implementation.close()
    deadline = None if budget is None else perf_counter() + budget
    laboratory = Laboratory(opener, dialect, machines, deadline=deadline)
    _cut_down(tally, opener, laboratory)
    try:
        pool = _pool(lambda: planner(machines.of(dialect), hello.capabilities, seed))
        diagnosis = diagnose(laboratory, tally, pool)
        deviations = diagnosis.deviations
        instead = nearest(laboratory, _shown_by(deviations)) if deviations else None
        ignored = ignoring_limits(laboratory, tally.past) if deviations else 0
    finally:
        laboratory.close()
    if instead is not None:
        deviations = by_policy(deviations, dialect, instead)
    _note_mistakes(tally, deviations, ignored, leaks=diagnosis.leaks)
    begun = [suite for suite in planned if tally.families[suite.name]]
    ran = tuple(_ran(suite, tally) for suite in begun)
    certificates = tuple(_certificates(begun, ran)) if is_certain(tally, deviations) else ()
    tally.seconds_in_all = perf_counter() - started
    return Verdict(
        dialect,
        hello,
        tally,
        deviations,
        ran,
        seed,
        instead,
        certificates,
        shard,
        hurried=diagnosis.cut,
    )


def _note_mistakes(
    tally: Tally, deviations: Sequence[Deviation], ignored: int, *, leaks: bool
) -> None:
    """What the deviations say of the adapter: `ignored` programs in which it ignored the limits."""
    if deviations and all(each.why for each in deviations):
        del tally.mistakes[Mistake.EARLY]  # what a mistake of the implementation itself explains
    if leaks and Mistake.REUSED not in tally.mistakes:
        tally.mistakes[Mistake.LEFTOVERS] = tally.deviating
    if ignored:
        tally.mistakes[Mistake.LIMITS] = ignored


def _ran(suite: Suite, tally: Tally) -> Ran:
    """What came of a suite."""
    counts = tally.families[suite.name], tally.deviating_families[suite.name]
    return Ran(suite.name, suite.says, *counts)


def _cut_down(tally: Tally, opener: Opener, laboratory: Laboratory) -> None:
    """Of the program at which the process died or hung leave what it takes, and name the rule."""
    if tally.broken is None or tally.running is None:
        return
    fault, asked = tally.broken.fault, (tally.running, *tally.following)
    suspect = culprit(opener, asked, fault, laboratory.is_over)
    found = suspect and smaller(opener, suspect, fault, laboratory.is_over)
    if found is not None:
        tally.running = found
        tally.breaks_at = laboratory.machine(found.limits).expect(found.program).links[-1].rule


def is_certain(tally: Tally, deviations: Iterable[Deviation]) -> bool:
    """Whether no answer speaks against what certificates rest on: that the implementation is
    deterministic, starts afresh, and has an adapter that tells the truth."""
    is_sound = tally.broken is None and not tally.mistakes
    return is_sound and all(each.repeatable for each in deviations)


def _certificates(begun: Sequence[Suite], ran: Sequence[Ran]) -> Iterator[Certificate]:
    for suite, counted in zip(begun, ran, strict=True):
        complete = suite.complete
        if complete is None or counted.deviating or suite.limits != complete.abstraction.limits:
            continue  # a suite that is run with other limits than it was made for shows nothing
        yield complete.certificate(counted.programs)


def check_any(
    opener: Opener,
    *,
    seed: int = DEFAULT_SEED,
    planner: Planner = suites,
    shard: Shard = WHOLE,
    budget: float | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Find the dialect that the implementation comes nearest to, and check it against that one."""
    laboratory = Laboratory(opener, REFERENCE, Machines())
    try:
        found = nearest(laboratory)
    finally:
        laboratory.close()
    dialect = REFERENCE if found is None else found.dialect
    return check(
        opener,
        dialect,
        seed=seed,
        planner=planner,
        shard=shard,
        budget=budget,
        progress=progress,
    )


def _shown_by(deviations: Iterable[Deviation]) -> tuple[Word, ...]:
    """The programs of deviations that any adapter can run."""
    return tuple(
        word(deviation.program)
        for deviation in deviations
        if deviation.limits is None and not any(isinstance(op, Get) for op in deviation.program)
    )


def _pool(plan: Callable[[], Iterable[Suite]]) -> Pool:
    """The programs of a plan, all together, made when they are first asked for."""

    @cache
    def programs(limits: Limits | None) -> tuple[Word, ...]:
        suites_with_them = (suite for suite in plan() if suite.limits == limits)
        return tuple(program for suite in suites_with_them for program in suite.programs)

    return programs
