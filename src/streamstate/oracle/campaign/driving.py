"""Drives a plan: compares every answer, and groups every difference with those of the same
cause."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, Protocol

from streamstate.model import NAMED, Dialect, Get, Rule
from streamstate.oracle.adapters.budget import Budget
from streamstate.oracle.adapters.garbage import seldom_collected
from streamstate.oracle.adapters.implementation import (
    ExchangeError,
    Implementation,
    OutOfTimeError,
    Reply,
    Request,
    Traced,
    parse_reply,
)
from streamstate.oracle.campaign.mistakes import Recogniser, on_a_long_line, out_of_step
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.graph import Expected, Link
from streamstate.oracle.programs.program import Program, longest_of
from streamstate.oracle.programs.rulesets import differing_rules, rules_in
from streamstate.oracle.verdict.comparing import abridged, first_difference
from streamstate.oracle.verdict.deviation import Difference, Kind
from streamstate.oracle.verdict.tally import Cause, Example, Group, PastAnswers, Tally
from streamstate.oracle.verdict.within_a_turn import rule_within

_PROGRESS_EVERY: Final = 200

_DRIVING: Final = 0.5
"""The part of a budget that driving may take if something deviates."""


class Progress(Protocol):
    """Hears of a campaign while it runs."""

    def count(self, programs: int, deviating: int) -> None:
        """Called with how many programs were compared so far, and how many of them deviated."""

    def first(self, example: Example) -> None:
        """Called with the first program that deviates."""


def cause_of(links: Sequence[Link], program: Program, difference: Difference) -> tuple[Rule, Cause]:
    """The rule to name for a difference, and the group that it belongs to.

    A view that differs shows what an earlier op did, so the rule is that of the last op that was
    not a look. If the adapter failed as a whole, one group is enough.
    """
    at = difference.at
    rule = rule_within(links[at], program[at].op, difference)
    if rule is None:
        if difference.kind is Kind.VIEW:
            at -= bool(links[at].taken and at)  # it looked before it did anything
            while at > 0 and isinstance(program[at].op, Get):
                at -= 1
        rule = links[at].rule
    grouped_by = "" if difference.kind is Kind.FAILED else rule.name
    return rule, Cause(grouped_by, difference.kind, difference.detail)


class Campaign:
    """One run of a plan against one implementation, in one dialect.

    It begins no program once `budget` is over, or half of it if something deviates, so that there
    is time to find out why. It does not compare answers that come later: an implementation may be
    asked thousands of programs ahead.
    """

    def __init__(
        self,
        implementation: Implementation,
        dialect: Dialect,
        models: CachedModels,
        progress: Progress | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._implementation: Final = implementation
        self._dialect: Final = dialect
        self._models: Final = models
        self._progress: Final = progress
        self._outstanding: Final[deque[tuple[Request, Expected]]] = deque()
        self._budget: Final = Budget() if budget is None else budget
        self._recogniser: Final = Recogniser()
        self._rule_counts: Final[Counter[int]] = Counter()
        self._fitting: Final = {
            name: (each, differing_rules(dialect, each))
            for name, each in {str(dialect): dialect, **NAMED}.items()
        }
        self.tally: Final = Tally()

    def drive(self, requests: Iterable[Request]) -> Tally:
        """Run all programs and compare. An exchange that breaks ends this early, and is in the
        tally."""
        return with_likely_mistakes(self.drive_part(requests))

    def drive_part(self, requests: Iterable[Request]) -> Tally:
        """The same for some of the requests of a campaign, `merging.merged` with the others later:
        which mistakes are likely shows all of them."""
        started = self._budget.clock()
        try:
            with seldom_collected(here=isinstance(self._implementation, Traced)):
                self._compare_all(self._implementation.run(self._prepared(requests)))
        except OutOfTimeError:
            self.tally.cut = self._outstanding[0][0].family
        except ExchangeError as error:
            self._break_off(error)
        self.tally.seconds = self._budget.clock() - started
        self._sum_up()
        return self.tally

    def _compare_all(self, lines: Iterator[bytes]) -> None:
        for line in lines:
            request, expected = self._outstanding[0]
            if self._is_over():
                self.tally.cut = request.family
                break
            self._compare(request, expected, line, lines)
            self._outstanding.popleft()
            if self._progress is not None and self.tally.programs % _PROGRESS_EVERY == 0:
                self._progress.count(self.tally.programs, self.tally.deviating)

    def _is_over(self) -> bool:
        return self._budget.is_over(_DRIVING if self.tally.deviating else 1.0)

    def _prepared(self, requests: Iterable[Request]) -> Iterator[Request]:
        for request in requests:
            if self._is_over():
                self.tally.cut = request.family
                return
            model = self._models.of(self._dialect, request.limits)
            self._outstanding.append((request, model.expect(request.program)))
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
        outcomes = self.tally.past.setdefault(request.limits, PastAnswers())
        outcomes.note(request, line, right=difference is None)
        self._rule_out(request, expected, reply)
        self.tally.programs += 1
        self.tally.last = request.seq
        self.tally.ops += len(request.program)
        self.tally.families[request.family] += 1
        self._rule_counts.update(expected.bits)

    def _difference(self, expected: Expected, reply: Reply) -> Difference | None:
        return first_difference(expected.answers, reply, exact=self._implementation.hello.exact)

    def _note(self, request: Request, expected: Expected, difference: Difference) -> None:
        self.tally.deviating += 1
        self.tally.deviating_families[request.family] += 1
        mistake = self._recogniser.look(request, difference)
        if mistake is not None:
            self.tally.mistakes[mistake] += 1
        rule, cause = cause_of(expected.links, request.program, difference)
        shown = abridged(difference, longest_of(request.program))
        example = Example(request.program, request.limits, shown, rule, request.seq)
        if self._progress is not None and self.tally.deviating == 1:
            self._progress.first(example)
        group = self.tally.groups.get(cause)
        if group is None:
            self.tally.groups[cause] = Group(example, first=request.seq)
            return
        group.programs += 1
        if example.size < group.smallest.size:
            group.smallest = example

    def _rule_out(self, request: Request, expected: Expected, reply: Reply | None) -> None:
        """Strike out the dialects that do not give this reply (None: the expected one), or of which
        there is no time to find out."""
        if reply is None and not any(differing for _, differing in self._fitting.values()):
            return
        fired = expected.rules
        for name, (other, differing) in tuple(self._fitting.items()):
            if reply is None and not fired & differing:
                continue
            if reply is not None and self._is_over():
                del self._fitting[name]  # nobody has looked whether it would give this reply
                continue
            theirs = self._models.of(other, request.limits).expect(request.program)
            if reply is None:
                fits = theirs.text == expected.text
            else:
                fits = self._difference(theirs, reply) is None
            if not fits:
                del self._fitting[name]

    def _sum_up(self) -> None:
        for bits, times in self._rule_counts.items():
            for rule in rules_in(bits):
                self.tally.rules[rule] += times
        if self.tally.programs:
            own = {str(self._dialect)} - NAMED.keys()
            self.tally.conforms_to = tuple(each for each in (*own, *NAMED) if each in self._fitting)


def with_likely_mistakes(tally: Tally) -> Tally:
    """The tally without the mistakes for which no more than half of what deviates speaks."""
    for mistake, programs in tuple(tally.mistakes.items()):
        if 2 * programs <= tally.deviating:
            del tally.mistakes[mistake]
    return tally


def _with_a_hint(error: ExchangeError, hint: str | None) -> ExchangeError:
    if hint is None:
        return error
    return ExchangeError(error.fault, f"{error.message}; {hint}", error.stderr)
