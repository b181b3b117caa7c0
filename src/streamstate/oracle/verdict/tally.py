"""What a campaign counted and kept."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Final, NamedTuple

from streamstate.model import Limits, Rule
from streamstate.oracle.adapters.implementation import ExchangeError, Request
from streamstate.oracle.programs.program import Program
from streamstate.oracle.verdict.deviation import Difference, Kind


@dataclass(frozen=True, slots=True)
class Cause:
    """The key by which differences are grouped: the rule that applied, and the kind of
    difference."""

    rule: str
    kind: Kind
    detail: str


@dataclass(frozen=True, slots=True)
class Example:
    """A program that deviated, and where. `seq` is its number in the plan, if it is of one."""

    program: Program
    limits: Limits | None
    difference: Difference
    rule: Rule
    seq: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """How much a reader has to read before the difference shows."""
        shown = self.program[: self.difference.at + 1]
        return len(shown), sum(len(symbol.text) for symbol in shown)


@dataclass(slots=True)
class Group:
    """The programs that deviated for one cause: the smallest of them, how many there were, and the
    number of the first."""

    smallest: Example
    programs: int = 1
    first: int = 0


class Answered(NamedTuple):
    """A program with a wrong answer, and the line that answers request `seq`."""

    program: Program
    seq: int
    line: bytes


@dataclass(slots=True)
class PastAnswers:
    """The programs with right answers, and those with wrong ones that are not long, with these; the
    first of very many. Of the latter also the numbers of all."""

    right: list[Program] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("q"))

    def note(self, request: Request, line: bytes | None, *, right: bool) -> None:
        """Add one more program, with its answer if that is known."""
        if right:
            if len(self.right) < _REMEMBERED:
                self.right.append(request.program)
            return
        self.numbers.append(request.seq)
        if len(self.numbers) <= _REMEMBERED and line is not None and len(line) <= _LONGEST_KEPT:
            self.answered.append(Answered(request.program, request.seq, line))


_REMEMBERED: Final = 50_000

_LONGEST_KEPT: Final = 4_096


@unique
class Mistake(Enum):
    """What an adapter probably does wrong; the value says it, and what to do."""

    REUSED = (
        "Programs see what earlier ones left: the first create returns a higher number each time."
        " Run each program on a new registry."
    )
    LEFTOVERS = (
        "Programs see what earlier ones left: a deviating program is answered correctly when"
        " it runs first, and wrongly after others. Run each program on a new registry."
    )
    LIMITS = (
        "Limits are ignored: programs with limits are answered as if they had none."
        " Pass the limits of a program on to its registry, or remove limits from the capabilities."
    )
    UNPADDED = (
        "Chunks come back in another base64 than they were sent in: without padding, or with - and"
        " _. The alphabet is that of RFC 4648, section 4, padded with =."
    )
    JOINED = (
        "Pulls bring several chunks as one: the library may hand out batches. Let each pull bring"
        " one chunk of a batch, and keep the others; if the library keeps no borders, it deviates."
    )
    EARLY = (
        "Settled pulls are reported one op too late: answer an op only when the implementation is"
        " quiet, once everything has settled that needs no further op."
    )
    CUT_LINES = (
        "Programs with a long line fail: the adapter may read only a part of each line."
        " Some lines are longer than 64 KiB."
    )


@dataclass(slots=True)
class Tally:
    """What a campaign found. `seconds` is the time of driving, from the first request on;
    `seconds_in_all` that of the whole check, including the search for causes."""

    programs: int = 0
    ops: int = 0
    seconds: float = 0.0
    seconds_in_all: float = 0.0
    deviating: int = 0
    families: Counter[str] = field(default_factory=Counter)
    deviating_families: Counter[str] = field(default_factory=Counter)
    rules: Counter[Rule] = field(default_factory=Counter)
    groups: dict[Cause, Group] = field(default_factory=dict)
    conforms_to: tuple[str, ...] = ()
    broken: ExchangeError | None = None
    running: Request | None = None
    """The program that was running when the exchange broke."""
    following: tuple[Request, ...] = ()
    """The programs that the adapter was asked for after that one: it may have had answers that it
    did not flush."""
    breaks_at: Rule | None = None
    """The rule of its last op, if the exchange breaks also when the program runs alone."""
    mistakes: Counter[Mistake] = field(default_factory=Counter)
    """What the adapter probably does wrong, and how many programs say so: most of those that
    deviate, or the implementation is at fault."""
    past: dict[Limits | None, PastAnswers] = field(default_factory=dict)
    """Which programs got right answers and which wrong ones, by limits."""
    last: int = 0
    """The number of the last program that was compared."""
    cut: str | None = None
    """The suite at which the budget ran out; None if the whole plan ran."""


def summed(tallies: Sequence[Tally]) -> Tally:
    """What was counted in all of them, and the dialects that fit wherever something ran."""
    ran = [each for each in tallies if each.programs]
    names = ran[0].conforms_to if ran else ()
    return Tally(
        programs=sum(each.programs for each in tallies),
        ops=sum(each.ops for each in tallies),
        seconds=sum(each.seconds for each in tallies),
        seconds_in_all=sum(each.seconds_in_all for each in tallies),
        deviating=sum(each.deviating for each in tallies),
        families=sum((each.families for each in tallies), Counter()),
        deviating_families=sum((each.deviating_families for each in tallies), Counter()),
        rules=sum((each.rules for each in tallies), Counter()),
        conforms_to=tuple(name for name in names if all(name in each.conforms_to for each in ran)),
        mistakes=sum((each.mistakes for each in tallies), Counter()),
    )
