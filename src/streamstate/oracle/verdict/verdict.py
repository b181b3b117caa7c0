"""The verdict: what was asked, what ran, and what came of it. All reports show the same one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from streamstate.model import Dialect, Level, Limits, Rule, level_of_nothing
from streamstate.oracle.adapters.implementation import Hello
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rulesets import (
    RULES,
    bit_of,
    differing_rules,
    reachable_rules,
    untold,
)
from streamstate.oracle.verdict.certificate import Certificate
from streamstate.oracle.verdict.deviation import Deviation, Kind
from streamstate.oracle.verdict.known import Known, KnownStatus, Stands, Unanswered
from streamstate.oracle.verdict.tally import Tally
from streamstate.wire import Json, Turn, agrees, trace

CONFORMS: Final = "conforms"

DEVIATES: Final = "deviates"

BROKEN: Final = "broken"

UNTESTED: Final = "untested"
"""Nothing ran, so there is nothing to say about the implementation."""

INCONCLUSIVE: Final = "inconclusive"
"""The budget ran out before anything was proved: nothing deviates so far, and no complete suite ran
to its end."""

EXIT_CODES: Final = {CONFORMS: 0, DEVIATES: 1, BROKEN: 3, UNTESTED: 3, INCONCLUSIVE: 3}
"""The exit code of the command. 2 is wrong usage; 3 says that there is no verdict."""


SINGLE: Final = "single program"


class Shard(NamedTuple):
    """Part `number` (from 1) of a plan in `of` parts: every program is in exactly one of them."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard written `I/N`. Raises `ValueError`, which says what was expected."""
        number, slash, of = text.partition("/")
        if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of):
            return cls(int(number), int(of))
        raise ValueError(f"{text!r} is not a shard; expected I/N with 1 ≤ I ≤ N, such as 2/8")


WHOLE: Final = Shard(1, 1)


@dataclass(frozen=True, slots=True)
class Nearest:
    """A dialect, and in how many of the programs tried the implementation deviates from it. It
    fits, as far as was tried, if that is 0. `followed` says that some of its policies explain
    deviations, and that nothing contradicts them."""

    dialect: Dialect
    deviating: int
    programs: int
    followed: bool = False


def explains(dialect: Dialect, asked: Dialect, deviation: Deviation) -> bool:
    """Whether `dialect` gives the observed answers, up to where they differ from those of the
    dialect asked for. O(ops)."""
    difference = deviation.difference
    if difference.kind in {Kind.FAILED, Kind.LATE}:
        return False
    program = deviation.program[: difference.at + 1]
    fired, expected = _expected(program, asked, deviation.limits)
    if not fired & differing_rules(asked, dialect):
        return False  # they answer alike, so not as was observed
    theirs = [answered.json for answered in trace(program, dialect, deviation.limits)]
    return all(map(agrees, theirs, [*expected[:-1], difference.observed]))


@lru_cache(maxsize=64)
def _expected(
    program: tuple[Turn, ...], dialect: Dialect, limits: Limits | None
) -> tuple[int, list[Json]]:
    """The set of rules that a program fires, and the answers."""
    expected = CachedModel(dialect, limits).expect(program_of(program))
    return expected.rules, [*expected.answers]


class Ran(NamedTuple):
    """A suite of which at least one program ran: how many ran, and how many deviated."""

    name: str
    says: str
    programs: int
    deviating: int


class NotRun(NamedTuple):
    """A shard of the plan that no worker got through, and why, in a line."""

    shard: Shard
    why: str


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
    """The deviations that nobody has accepted."""
    suites: tuple[Ran, ...]
    seed: int
    nearest: Nearest | None = None
    """If the implementation deviates: the dialect that it comes nearest to."""
    certificates: tuple[Certificate, ...] = ()
    """The certificates of the complete suites that began, and in which nothing deviated."""
    shard: Shard = WHOLE
    extra_states: int = 0
    """The extra states that complete suites had to allow for at least."""
    excused: tuple[Excused, ...] = ()
    known: tuple[KnownStatus, ...] | None = None
    """The outcome of each entry of the list of known deviations; None if there is no list."""
    command: tuple[str, ...] = ()
    """The command that ran the implementation; empty for one in this process."""
    hurried: bool = False
    """Whether the budget ran out before every deviation was diagnosed."""
    stopped: bool = False
    """Whether somebody, or a signal, ended the check early."""
    not_run: tuple[NotRun, ...] = ()
    """Of a campaign, the shards of which nothing is known: without them there is no pass."""
    remarks: tuple[str, ...] = ()
    """What was found out about the workers of a campaign, in lines."""

    @property
    def outcome(self) -> str:
        """`conforms`, `deviates`, `broken`, `untested` or `inconclusive`."""
        if self.tally.broken is not None:
            return BROKEN
        if self.deviations:
            return DEVIATES
        if not self.tally.programs:
            return UNTESTED
        if self.not_run:
            return INCONCLUSIVE
        shown = self.tally.cut is None or any(each.complete for each in self.certificates)
        return CONFORMS if shown else INCONCLUSIVE

    @property
    def exit_code(self) -> int:
        """0, 1 or 3. Known deviations that are out of date count like others."""
        if any(isinstance(each, Unanswered) for each in self.known or ()):
            return EXIT_CODES[BROKEN]
        return max(EXIT_CODES[self.outcome], EXIT_CODES[DEVIATES] if self.outdated else 0)

    @property
    def outdated(self) -> tuple[KnownStatus, ...]:
        """The known deviations that are not in force: to be mended or taken out."""
        return tuple(each for each in self.known or () if not isinstance(each, Stands))

    @property
    def found(self) -> tuple[Deviation, ...]:
        """All deviations, accepted or not."""
        return (*self.deviations, *(each.deviation for each in self.excused))

    @property
    def partial(self) -> bool:
        """Whether a part of the plan was left out."""
        return self.shard != WHOLE or self.tally.cut is not None or bool(self.not_run)

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

    def offers(self, capability: str) -> bool:
        """Whether the adapter says that it has that."""
        return self.hello is not None and capability in self.hello.capabilities

    @property
    def cancels(self) -> bool:
        """Whether pulls can be given up over the wire."""
        return self.offers("cancel")

    @property
    def reachable(self) -> int:
        """The set of rules that programs can fire in the dialect."""
        not_offered = {op for op, capability in _CANCELS.items() if not self.offers(capability)}
        lacks, fired = self.lacks | not_offered, 0
        for nothing in self._nothing():
            fired |= reachable_rules(self.dialect, cancels=True, lacks=lacks, nothing=nothing)
        return fired

    def _nothing(self) -> frozenset[Level]:
        """The levels that a queue with nothing in it can have, with the limits that there are."""
        fixed = None if self.hello is None else self.hello.limits
        usual = level_of_nothing(Limits() if fixed is None else fixed)
        return frozenset({usual, Level.UNBUFFERED} if self.offers("unbuffered") else {usual})

    @property
    def lacks(self) -> frozenset[str]:
        """The ops that the implementation has nothing like."""
        return frozenset() if self.hello is None else self.hello.lacks

    @property
    def untold(self) -> tuple[str, ...]:
        """The policy fields whose value no program tells without those ops."""
        return untold(self.dialect, self.lacks)


_CANCELS: Final[Mapping[str, str]] = {"cancel_pull": "cancel", "cancel_push": "cancel_push"}
"""The ops that give something up, each with the capability that it takes."""


def is_certain(tally: Tally, deviations: Iterable[Deviation]) -> bool:
    """Whether no answer speaks against what certificates rest on: that the implementation is
    deterministic, starts afresh, and has an adapter that tells the truth."""
    is_sound = tally.broken is None and not tally.mistakes
    return is_sound and all(each.repeatable for each in deviations)
