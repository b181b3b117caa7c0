"""The verdict: what was asked, what was run, what was found. The terminal and the JSON report show
the same verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from streamstate.model import REFERENCE, Dialect, Get, Limits, Rule
from streamstate.oracle.campaign import Campaign, Machines, Progress, Tally
from streamstate.oracle.complete import Certificate
from streamstate.oracle.diagnosis import diagnose
from streamstate.oracle.dialects import Nearest, nearest
from streamstate.oracle.difference import Kind
from streamstate.oracle.implementation import ExchangeError, Hello
from streamstate.oracle.laboratory import Laboratory, Opener
from streamstate.oracle.machine import RULES, Word, bit_of, reachable_rules, word
from streamstate.oracle.merging import Deviation, by_policy
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
from streamstate.oracle.suspicion import Pool
from streamstate.oracle.words import contrast, op_in_words

CONFORMS: Final = "conforms"
DEVIATES: Final = "deviates"
BROKEN: Final = "broken"

EXIT_CODES: Final = {CONFORMS: 0, DEVIATES: 1, BROKEN: 3}
"""What the command ends with; 2 is wrong usage."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check. `hello` is None if the implementation never introduced itself."""

    dialect: Dialect
    hello: Hello | None
    tally: Tally
    deviations: tuple[Deviation, ...]
    suites: tuple[tuple[str, str, int], ...]
    """Name of each suite that was run, what it is, how many programs."""
    seed: int
    nearest: Nearest | None = None
    """Where it deviates: the dialect that it comes nearest to."""
    certificates: tuple[Certificate, ...] = ()
    """Where it conforms: what each complete suite shows."""

    @property
    def word(self) -> str:
        """`conforms`, `deviates` or `broken`."""
        if self.tally.broken is not None:
            return BROKEN
        return DEVIATES if self.deviations else CONFORMS

    @property
    def exit_code(self) -> int:
        """0, 1 or 3."""
        return EXIT_CODES[self.word]

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

    No program is begun once `budget` seconds have passed (None: all are run).
    `opener` starts the implementation; it is started again to shrink what it did wrong. Nothing is
    raised for what an implementation does: it is in the verdict.
    """
    machines = Machines()
    try:
        implementation = opener()
    except ExchangeError as error:
        return Verdict(dialect, None, Tally(broken=error), (), (), seed)
    try:
        hello = implementation.hello
        planned = tuple(planner(machines.of(dialect), hello.capabilities, seed))
        campaign = Campaign(implementation, dialect, machines, progress, budget=budget)
        tally = campaign.drive(requests(planned, shard))
    finally:
        implementation.close()
    laboratory = Laboratory(opener, dialect, machines)
    try:
        pool = _pool(lambda: planner(machines.of(dialect), hello.capabilities, seed))
        deviations = diagnose(laboratory, tally.groups, pool)
        instead = nearest(laboratory, _shown_by(deviations)) if deviations else None
    finally:
        laboratory.close()
    ran = tuple(
        (suite.name, suite.says, tally.families[suite.name])
        for suite in planned
        if tally.families[suite.name]
    )
    if instead is not None:
        deviations = by_policy(deviations, dialect, instead)
    certificates: tuple[Certificate, ...] = ()
    if tally.broken is None and not deviations:  # else suites would be made for nothing
        shown = (suite.certificate(tally.families[suite.name]) for suite in planned)
        certificates = tuple(each for each in shown if each is not None)
    return Verdict(dialect, hello, tally, deviations, ran, seed, instead, certificates)


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


def explanation(deviation: Deviation) -> str:
    """What was expected and observed, and why that rule is named, in a few sentences."""
    difference = deviation.difference
    op = deviation.program[difference.at]
    expected, observed = contrast(op, difference.expected, difference.observed)
    seen = f"At {op_in_words(op)}, expected: {expected}; observed: {observed}."
    return " ".join((seen, *remarks(deviation)))


def remarks(deviation: Deviation) -> Iterator[str]:
    """What there is to say of a deviation besides what was expected and observed."""
    match deviation.difference.kind:
        case Kind.VIEW if deviation.rule in {Rule.GET_1, Rule.GET_2}:
            yield "Nothing but what get shows differs anywhere, so it is get that is wrong."
        case Kind.VIEW:
            yield f"What get shows right after it is not what {deviation.rule.name} asks for."
        case Kind.LATE:
            yield (
                "The pull does settle, but later: either the implementation delays it, or the"
                " adapter answers before its implementation is quiet."
            )
        case Kind.FAILED:
            yield "An adapter that fails says nothing of its implementation: mend it first."
        case _:
            pass
    if deviation.others:
        names = ", ".join(rule.name for rule in deviation.others)
        yield f"Probably of the same cause: differences at {names}."
    if not deviation.repeatable:
        yield (
            "It did not come again when the program ran alone: something is non-deterministic,"
            " or one run shows in the next."
        )


def certificate(verdict: Verdict) -> str:
    """What the runs show, and no more than that."""
    if not verdict.tally.programs:
        return "Nothing was run, so nothing is shown."
    ran = "; ".join(f"{name}: {says} ({count:,})" for name, says, count in verdict.suites)
    held = "was compared with" if verdict.tally.deviating else "agreed with"
    return (
        f"On {verdict.tally.programs:,} programs, each on a fresh registry, every answer"
        f" {held} the model in dialect {verdict.dialect}. The programs: {ran}."
    )


def blind_spots(verdict: Verdict) -> Iterator[str]:
    """What the runs cannot have seen."""
    unexercised = verdict.unexercised()
    if unexercised:
        names = ", ".join(rule.name for rule in unexercised)
        yield f"These rules were not exercised: {names}."
    if not verdict.cancels:
        yield "Rules CANCEL_PULL_*: the adapter does not offer cancel, so no pull was given up."
    yield "Rules SEEN_*: that an awaiter has looked is no op of the wire."
    yield "Faults that need a longer way than the programs take, or numbers and sizes not in them."
    yield "Memory, time, threads, and what several callers do at once."
    hello = verdict.hello
    if hello is None:
        return
    if "get" not in hello.capabilities:
        yield "The adapter does not offer get: what streams hold was seen through ops only."
    if "limits" not in hello.capabilities:
        yield "The adapter does not offer limits: only the default ones were tried."
    if not hello.exact:
        yield (
            "The adapter settles by best effort: pulls that settle later than they should were"
            " accepted, and that a pull still waits was not observed for certain."
        )
