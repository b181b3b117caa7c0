"""Driving a plan: every answer compared, every difference put with those of the same cause."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf
from time import perf_counter
from typing import Final, NamedTuple, Protocol

from streamstate.model import NAMED, Dialect, Get, Limits, Rule
from streamstate.oracle.difference import Difference, Kind, abridged, first_difference
from streamstate.oracle.implementation import (
    ExchangeError,
    Implementation,
    Reply,
    Request,
    parse_reply,
)
from streamstate.oracle.letters import longest_of
from streamstate.oracle.machine import Expected, Link, Machine, Word, differing_rules
from streamstate.oracle.mistakes import Mistake, Recogniser, on_a_long_line, out_of_step
from streamstate.oracle.rulesets import rules_in

_PROGRESS_EVERY: Final = 200


class Machines:
    """The machine of each dialect and pair of limits, made when it is first asked for."""

    def __init__(self) -> None:
        self._machines: dict[tuple[Dialect, Limits | None], Machine] = {}

    def of(self, dialect: Dialect, limits: Limits | None = None) -> Machine:
        machine = self._machines.get((dialect, limits))
        if machine is None:
            machine = self._machines[dialect, limits] = Machine(dialect, limits)
        return machine


@dataclass(frozen=True, slots=True)
class Cause:
    """What differences are grouped by: the rule that was to apply, and the kind of difference."""

    rule: str
    kind: Kind
    detail: str


@dataclass(frozen=True, slots=True)
class Example:
    """A program that deviated, and where."""

    program: Word
    limits: Limits | None
    difference: Difference
    rule: Rule

    @property
    def size(self) -> tuple[int, int]:
        """How much there is to read before the difference shows."""
        shown = self.program[: self.difference.at + 1]
        return len(shown), sum(len(letter.text) for letter in shown)


class Progress(Protocol):
    """Told of a campaign while it runs."""

    def count(self, programs: int, deviating: int) -> None:
        """So many programs were compared so far, and so many of them deviated."""

    def first(self, example: Example) -> None:
        """That is the first program to deviate."""


@dataclass(slots=True)
class Group:
    """The programs that deviated for one cause: the smallest of them, and how many there were."""

    smallest: Example
    programs: int = 1


class Answered(NamedTuple):
    """A program that was answered wrongly, and the line that answers request `seq`."""

    program: Word
    seq: int
    line: bytes


@dataclass(slots=True)
class Outcomes:
    """Programs that were answered rightly, and those that were not; of very many the first. Of the
    latter the answers, too, but for long ones."""

    right: list[Word] = field(default_factory=list)
    wrong: list[Word] = field(default_factory=list)
    answered: list[Answered] = field(default_factory=list)

    def note(self, request: Request, line: bytes, *, right: bool) -> None:
        """One more."""
        programs = self.right if right else self.wrong
        if len(programs) < _REMEMBERED:
            programs.append(request.program)
            if not right and len(line) <= _LONGEST_KEPT:
                self.answered.append(Answered(request.program, request.seq, line))


_REMEMBERED: Final = 50_000
_LONGEST_KEPT: Final = 4_096


@dataclass(slots=True)
class Tally:
    """What a campaign found. `seconds` is the time of driving, from the first request on;
    `seconds_in_all` is that of the whole check, what was done to find causes included."""

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
    """The program that was being run when the exchange broke."""
    following: tuple[Request, ...] = ()
    """Those that it had been asked for after that one: answers that were not flushed are lost."""
    breaks_at: Rule | None = None
    """The rule of its last op, where the exchange breaks as well when it is run alone."""
    mistakes: Counter[Mistake] = field(default_factory=Counter)
    """What the adapter probably does wrong, and how many programs speak for it: most of those that
    deviate, else it is the implementation."""
    past: dict[Limits | None, Outcomes] = field(default_factory=dict)
    """Which programs were answered rightly and which not, by limits."""
    cut: str | None = None
    """The family at which the time was over; nothing was left out where it is None."""


def cause_of(links: Sequence[Link], program: Word, difference: Difference) -> tuple[Rule, Cause]:
    """The rule to name for a difference, and the group that it belongs to.

    A view that differs shows what an earlier op did, so there it is the last op that was not a
    look; where the adapter failed as a whole, one group is enough.
    """
    at = difference.at
    if difference.kind is Kind.VIEW:
        while at > 0 and isinstance(program[at].op, Get):
            at -= 1
    rule = links[at].rule
    grouped_by = "" if difference.kind is Kind.FAILED else rule.name
    return rule, Cause(grouped_by, difference.kind, difference.detail)


class Campaign:
    """One run of a plan against one implementation, in one dialect.

    No program is begun once `budget` seconds have passed, and what is answered later is not
    compared: an implementation may be asked thousands of programs ahead.
    """

    def __init__(
        self,
        implementation: Implementation,
        dialect: Dialect,
        machines: Machines,
        progress: Progress | None = None,
        *,
        budget: float | None = None,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._implementation: Final = implementation
        self._dialect: Final = dialect
        self._machines: Final = machines
        self._progress: Final = progress
        self._outstanding: Final[deque[tuple[Request, Expected]]] = deque()
        self._budget: Final = inf if budget is None else budget
        self._clock: Final = clock
        self._recogniser: Final = Recogniser()
        self._rule_counts: Final[Counter[int]] = Counter()
        self._own_fits = True
        self._others: Final = {
            name: (other, differing_rules(dialect, other))
            for name, other in NAMED.items()
            if other != dialect
        }
        self.tally: Final = Tally()

    def drive(self, requests: Iterable[Request]) -> Tally:
        """Run them all and compare. An exchange that breaks ends it early and is in the tally."""
        started = self._clock()
        deadline = started + self._budget
        lines = self._implementation.run(self._prepared(requests, deadline))
        try:
            for line in lines:
                request, expected = self._outstanding[0]
                if self._clock() > deadline:
                    self.tally.cut = request.family
                    break
                self._compare(request, expected, line, lines)
                self._outstanding.popleft()
                if self._progress is not None and self.tally.programs % _PROGRESS_EVERY == 0:
                    self._progress.count(self.tally.programs, self.tally.deviating)
        except ExchangeError as error:
            self._break_off(error)
        self.tally.seconds = self._clock() - started
        self._sum_up()
        return self.tally

    def _prepared(self, requests: Iterable[Request], deadline: float) -> Iterator[Request]:
        for request in requests:
            if self._clock() > deadline:
                self.tally.cut = request.family
                return
            machine = self._machines.of(self._dialect, request.limits)
            self._outstanding.append((request, machine.expect(request.program)))
            yield request

    def _break_off(self, error: ExchangeError) -> None:
        if self._outstanding:
            self.tally.running, *following = (request for request, _ in self._outstanding)
            self.tally.following = tuple(following)
            error = _with_a_hint(error, on_a_long_line(error, self.tally.running))
        self.tally.broken = error

    def _read(self, line: bytes, request: Request, following: Iterator[bytes]) -> Reply:
        try:
            return parse_reply(line, request.seq, len(request.program))
        except ExchangeError as error:
            others = {other.seq for other, _ in islice(self._outstanding, 1, None)}
            raise _with_a_hint(error, out_of_step(line, request, others, following)) from None

    def _compare(
        self, request: Request, expected: Expected, line: bytes, following: Iterator[bytes]
    ) -> None:
        reply: Reply | None = None
        difference: Difference | None = None
        if line != expected.line(request.seq):
            reply = self._read(line, request, following)
            difference = self._difference(expected, reply)
            if difference is not None:
                self._note(request, expected, difference)
        outcomes = self.tally.past.setdefault(request.limits, Outcomes())
        outcomes.note(request, line, right=difference is None)
        if self._others:
            self._rule_out(request, expected, reply)
        self.tally.programs += 1
        self.tally.ops += len(request.program)
        self.tally.families[request.family] += 1
        self._rule_counts.update([link.bit for link in expected.links])

    def _difference(self, expected: Expected, reply: Reply) -> Difference | None:
        answers = [link.json for link in expected.links]
        return first_difference(answers, reply, exact=self._implementation.hello.exact)

    def _note(self, request: Request, expected: Expected, difference: Difference) -> None:
        self._own_fits = False
        self.tally.deviating += 1
        self.tally.deviating_families[request.family] += 1
        mistake = self._recogniser.look(request, difference)
        if mistake is not None:
            self.tally.mistakes[mistake] += 1
        rule, cause = cause_of(expected.links, request.program, difference)
        shown = abridged(difference, longest_of(request.program))
        example = Example(request.program, request.limits, shown, rule)
        if self._progress is not None and self.tally.deviating == 1:
            self._progress.first(example)
        group = self.tally.groups.get(cause)
        if group is None:
            self.tally.groups[cause] = Group(example)
            return
        group.programs += 1
        if example.size < group.smallest.size:
            group.smallest = example

    def _rule_out(self, request: Request, expected: Expected, reply: Reply | None) -> None:
        """Strike out the named dialects that this reply does not fit (None: as expected)."""
        fired = expected.rules
        for name, (other, differing) in tuple(self._others.items()):
            if reply is None and not fired & differing:
                continue
            theirs = self._machines.of(other, request.limits).expect(request.program)
            if reply is None:
                fits = theirs.text == expected.text
            else:
                fits = self._difference(theirs, reply) is None
            if not fits:
                del self._others[name]

    def _sum_up(self) -> None:
        for bits, times in self._rule_counts.items():
            for rule in rules_in(bits):
                self.tally.rules[rule] += times
        for mistake, programs in tuple(self.tally.mistakes.items()):
            if 2 * programs <= self.tally.deviating:
                del self.tally.mistakes[mistake]
        if not self.tally.programs:
            return
        fitting = [name for name in NAMED if name in self._others or self._fits_as_asked(name)]
        if self._own_fits and self._dialect not in NAMED.values():
            fitting.insert(0, str(self._dialect))
        self.tally.conforms_to = tuple(fitting)

    def _fits_as_asked(self, name: str) -> bool:
        return self._own_fits and NAMED[name] == self._dialect


def _with_a_hint(error: ExchangeError, hint: str | None) -> ExchangeError:
    if hint is None:
        return error
    return ExchangeError(error.fault, f"{error.message}; {hint}", error.stderr)
