"""Finds several mistakes, one after the other. Once one is known, the oracle expects it, and looks
at what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, TypeAlias, TypeVar

from streamstate.model import Get, Limits
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.campaign.driving import cause_of
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis.clustering import Case, ops_of
from streamstate.oracle.diagnosis.hypotheses.blaming import Blamed, Blaming, Known
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.evidence import watched
from streamstate.oracle.diagnosis.hypotheses.fitting import explains
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.mutant import Mutant
from streamstate.oracle.diagnosis.hypotheses.one_mistake import (
    is_answered_alike,
    is_same,
    with_another,
)
from streamstate.oracle.diagnosis.hypotheses.op_wise import blamed_on, idle_ops
from streamstate.oracle.diagnosis.hypotheses.past import Past
from streamstate.oracle.diagnosis.late_cancels import has_cancels_last
from streamstate.oracle.diagnosis.localisation import Pool
from streamstate.oracle.diagnosis.views import localised
from streamstate.oracle.programs.program import Program
from streamstate.oracle.verdict.tally import Answered, Cause, Example, Group, PastAnswers

_MOST: Final = 12
"""At most so many mistakes are told apart."""

_LONGEST: Final = 40
"""Only programs with at most so many ops are looked at again."""

_LOOKED_AT: Final = 2_000
"""At most so many programs are looked at again for what the mistakes together leave unexplained."""

_ASKED: Final = 500
"""So many programs of each kind are held against a mistake."""

_PARTS: Final = 3
"""The next mistake may cost at most one of so many parts of the effort that is left."""

_COMPARED: Final = 100
"""In so many programs, the answers are compared up to the last one."""

_TRIED: Final = 8
"""So many mistakes are compared in that way."""

_T = TypeVar("_T")

LookInto: TypeAlias = Callable[[Runner, Sequence[Group]], Sequence[Case]]
"""The causes of groups of differences, found with that runner."""


class Composition:
    """Finds the mistakes behind cases. `past` holds what the plan has shown."""

    def __init__(
        self,
        runner: Runner,
        pool: Pool,
        past: Mapping[Limits | None, PastAnswers],
        look_into: LookInto,
        effort: Effort,
    ) -> None:
        self._plain: Final = runner
        self._pool: Final = pool
        self._outcomes: Final = past
        self._look_into: Final = look_into
        self._effort: Final = effort
        self._known: Final[Known] = {}
        self._made: tuple[Hypothesis, ...] = ()
        self._said: Final[list[Hypothesis]] = []
        self._runner = runner

    def told(self, cases: Sequence[Case], at_most: int = _MOST) -> list[Case]:
        """The cases, each blamed on the mistake that explains it, and those of one mistake made
        one; with them others that came to light. The mistake that explains most comes first, with
        all it explains. The search ends after so many mistakes."""
        told: list[Case] = []
        left = list(cases)
        left = self._left_by_idle_ops(told, left)
        while left and len(told) < at_most and not self._effort.is_spent:
            effort = self._effort.share(_PARTS)
            blaming = Blaming(self._runner, left, self._pool, self._past, effort, self._known)
            blamed = blaming.best()
            if blamed is None:
                left = localised(self._runner, left, self._pool)
                left = [blaming.blamed_on_its_push(each) for each in left]
                break
            self._tell(told, blamed)
            self._suppose(self._most_exactly(blamed))
            left = self._left(left, blamed.alike)
        rest = [each for each in left if not self._is_after_another(each)]
        told += map(self._as_the_model_sees, localised(self._runner, rest, self._pool))
        return sorted(told, key=lambda case: ops_of(case.deviation))

    def told_of_the_plan(self) -> list[Case]:
        """The mistakes behind what the plan has shown, found in the same way."""
        return self.told(self._hidden())

    def _left_by_idle_ops(self, told: list[Case], cases: Sequence[Case]) -> list[Case]:
        """What is left of the cases that no idle op, one that does nothing yet, explains."""
        left = list(cases)
        for idle in idle_ops(self._plain, self._outcomes):
            alike = [each for each in left if self._is_explained(idle, each)]
            if alike:
                self._said.append(idle)
                told.append(self._as_the_model_sees(blamed_on(idle, self._plain, alike)))
                self._suppose(idle)
                left = [each for each in left if each not in alike]
        return self._left(left, ()) if told else left

    def _is_explained(self, by: Hypothesis, case: Case) -> bool:
        finding = case.finding
        return finding is not None and explains(self._plain.model(finding.limits), by, finding)

    def _left(self, cases: Sequence[Case], alike: Sequence[Case]) -> list[Case]:
        """The cases of which something is left; if there are none, the cases that come to light."""
        others = (each for each in cases if each not in alike)
        left = [again for each in others if (again := self._seen_again(each)) is not None]
        return left or self._hidden()

    def _tell(self, told: list[Case], blamed: Blamed) -> None:
        """One more mistake. It is told together with an earlier one that is the same at other
        rules, and with one whose rules it breaks only after that one has shown."""
        said = blamed.said
        after = self._is_after_another(blamed.case)
        numbers = range(len(told))
        same = (each for each in numbers if is_same(self._said[each], said, after=after))
        alike = (each for each in numbers if is_answered_alike(told[each], blamed.case, after))
        at_rules = (each for each in numbers if after and said.rules <= self._said[each].rules)
        number = next(chain(same, alike, at_rules), None)
        if number is not None:
            told[number] = with_another(told[number], blamed)
            return
        self._said.append(said)
        told.append(self._as_the_model_sees(blamed.case))

    def _is_after_another(self, case: Case) -> bool:
        """Whether a mistake that is known already shows earlier in the case's program."""
        plain = self._plainly(case)
        if plain is None or case.finding is None:
            return False
        if plain.difference.at < case.finding.difference.at:
            return True
        return self._plain.shows_get() and self._is_seen_sooner(case.finding)

    def _is_seen_sooner(self, finding: Finding) -> bool:
        """Whether a look after an earlier op would show something wrong."""
        (looking,) = self._plain.recall_all((watched(finding.program),), finding.limits)
        if looking is None:
            return False
        return _ops_until(looking) < _ops_until(finding)

    def _most_exactly(self, blamed: Blamed) -> Hypothesis:
        """The mistake, in the variant that answers most programs as the implementation did up to
        their last op; as a vague one, if every variant goes wrong later in most programs that it
        explains at first."""
        best, most = blamed.vaguely, 0
        for each in blamed.exactly[:_TRIED]:
            whole, part = self._answers(each)
            if whole > most and whole >= part:
                best, most = each, whole
        return best

    def _answers(self, hypothesis: Hypothesis) -> tuple[int, int]:
        """Counts, among the programs that went wrong, those that a registry with this mistake too
        answers as the implementation did, and those that it follows for longer than a registry
        without it."""
        plain, made = self._plain, (*self._made, hypothesis)
        mutant = plain.expecting(lambda limits: Mutant(plain.model(limits), made))
        whole = part = 0
        for request, line in self._telling(hypothesis):
            before = self._runner.compared(request, line).difference
            after = mutant.compared(request, line).difference
            if before is not None:
                whole += after is None
                part += after is not None and after.at > before.at
        return whole, part

    def _telling(self, hypothesis: Hypothesis) -> Iterator[tuple[Request, bytes]]:
        """Some programs that went wrong and take one of the mistake's rules, with their answers."""
        for limits, outcomes in self._outcomes.items():
            model = self._plain.model(limits)
            telling = [
                each
                for each in _evenly(outcomes.answered, _LOOKED_AT)
                if len(each.program) <= _LONGEST
                and model.expect(each.program).rules & hypothesis.bits
            ]
            for each in _evenly(telling, _COMPARED):
                yield Request(each.seq, each.program, limits), each.line

    def _suppose(self, hypothesis: Hypothesis) -> None:
        self._made = made = (*self._made, hypothesis)
        plain = self._plain
        self._runner = plain.expecting(lambda limits: Mutant(plain.model(limits), made))

    def _seen_again(self, case: Case) -> Case | None:
        """The case as it looks now; None if nothing is left of it."""
        finding = case.finding
        if finding is None:
            return case
        (again,) = self._runner.recall_all((finding.program,), finding.limits)
        if again is None:
            return case if self._runner.is_over() else None
        return replace(case, finding=again)

    def _as_the_model_sees(self, case: Case) -> Case:
        """The case with its difference from the bare model, if that is at the same op."""
        deviation, plain = case.deviation, self._plainly(case)
        if plain is None or plain.difference.at != deviation.difference.at:
            return case
        return replace(case, deviation=replace(deviation, difference=plain.difference))

    def _hidden(self) -> list[Case]:
        """What the plan has shown, and all mistakes known so far do not explain."""
        groups: dict[Cause, Group] = {}
        for limits, outcomes in self._outcomes.items():
            for each in _evenly(outcomes.answered, _LOOKED_AT):
                if self._runner.is_over():
                    return []
                self._note(groups, each, limits)
        cases = self._look_into(self._runner, tuple(groups.values()))
        hidden = [case for case in cases if not self._is_said(case)]
        return list(
            {(case.deviation.program, case.deviation.limits): case for case in hidden}.values()
        )

    def _is_said(self, case: Case) -> bool:
        """Whether an explanation told earlier covers that op of its program, or nothing is wrong
        there but what is supposed."""
        plain, finding = self._plainly(case), case.finding
        if plain is None or finding is None:
            return finding is not None
        if plain.difference.at < finding.difference.at:
            return False
        model = self._plain.model(plain.limits)
        return any(explains(model, each, plain) for each in self._said)

    def _plainly(self, case: Case) -> Finding | None:
        """What its program shows if no mistake is supposed."""
        if case.finding is None:
            return None
        (plain,) = self._plain.recall_all((case.finding.program,), case.finding.limits)
        return plain

    def _note(self, groups: dict[Cause, Group], answered: Answered, limits: Limits | None) -> None:
        program = answered.program
        if len(program) > _LONGEST or not has_cancels_last(program):
            return
        request = Request(answered.seq, program, limits)
        expected, difference = self._runner.compared(request, answered.line)
        if difference is None:
            return
        rule, cause = cause_of(expected.links, program, difference)
        example = Example(program, limits, difference, rule)
        group = groups.get(cause)
        if group is None:
            groups[cause] = Group(example)
            return
        group.programs += 1
        if example.size < group.smallest.size:
            group.smallest = example

    def _past(self, limits: Limits | None) -> Past:
        outcomes = self._outcomes.get(limits) or PastAnswers()
        if not self._made:
            return Past(self._plain.model(limits), outcomes.right, outcomes.wrong)
        return self._past_of(limits, outcomes)

    def _past_of(self, limits: Limits | None, outcomes: PastAnswers) -> Past:
        model = self._runner.model(limits)
        right: list[Program] = []
        wrong: list[Program] = []
        for each in _evenly(outcomes.answered):
            request = Request(each.seq, each.program, limits)
            of = right if self._runner.compared(request, each.line).difference is None else wrong
            of.append(each.program)
        plain = self._plain.model(limits)
        right += (
            program
            for program in _evenly(outcomes.right)
            if model.expect(program).text == plain.expect(program).text
        )
        return Past(model, right, wrong)


def _ops_until(finding: Finding) -> int:
    """How many ops, looks left out, there are up to the difference."""
    shown = finding.program[: finding.difference.at + 1]
    return sum(not isinstance(each.op, Get) for each in shown)


def _evenly(each: Sequence[_T], most: int = _ASKED) -> Sequence[_T]:
    return each[:: -(-len(each) // most) or 1]
