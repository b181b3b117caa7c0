"""Finds several mistakes, one after the other. Once one is known, the oracle expects it, and looks
at what is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, TypeAlias

from streamstate.model import Get, Limits
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis.clustering import Case, ops_of
from streamstate.oracle.diagnosis.hypotheses.answers import Answers
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
from streamstate.oracle.diagnosis.localisation import Pool
from streamstate.oracle.diagnosis.views import localised
from streamstate.oracle.verdict.tally import Group, PastAnswers

_MOST: Final = 12
"""At most so many mistakes are told apart."""

_PARTS: Final = 3
"""The next mistake may cost at most one of so many parts of the effort that is left."""

_TRIED: Final = 4
"""So many mistakes are compared in that way."""


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
        self._answered: Final = Answers(past)
        self._look_into: Final = look_into
        self._effort: Final = effort
        self._known: Final[Known] = {}
        self._made: tuple[Hypothesis, ...] = ()
        self._looked_at = 0
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
            blaming = Blaming(
                self._runner,
                left,
                self._pool,
                effort,
                self._known,
                beside=bool(self._made),
            )
            found = blaming.found()[: at_most - len(told)]
            if not found and (more := self._not_among(left)):
                left += more
                continue
            if not found:
                left = localised(self._runner, left, self._pool)
                left = [blaming.blamed_on_its_push(each) for each in left]
                break
            for blamed in found:
                self._tell(told, blamed)
                self._suppose(self._most_exactly(blamed))
            left = self._left(left, [each for blamed in found for each in blamed.alike])
        rest = [each for each in left if not self._is_after_another(each)]
        told += map(self._as_the_model_sees, localised(self._runner, rest, self._pool))
        return sorted(told, key=lambda case: ops_of(case.deviation))

    def told_of_the_plan(self) -> list[Case]:
        """The mistakes behind what the plan has shown, found in the same way."""
        return self.told(self._hidden())

    def _left_by_idle_ops(self, told: list[Case], cases: Sequence[Case]) -> list[Case]:
        """What is left of the cases that no idle op, one that does nothing yet, explains."""
        left = list(cases)
        for idle in idle_ops(self._plain, self._answered.outcomes):
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

    def _not_among(self, left: Sequence[Case]) -> list[Case]:
        """The cases that come to light beside those left, once for all that is supposed."""
        if self._looked_at == len(self._made):
            return []
        self._looked_at = len(self._made)
        programs = {each.deviation.program for each in left}
        return [each for each in self._hidden() if each.deviation.program not in programs]

    def _tell(self, told: list[Case], blamed: Blamed) -> None:
        """One more mistake. It is told together with an earlier one that is the same at other
        rules, and with one whose rules it breaks only after that one has shown."""
        said = blamed.said
        after = self._is_after_another(blamed.case)
        numbers = range(len(told))
        same = (each for each in numbers if is_same(self._said[each], said, after=after))
        alike = (each for each in numbers if is_answered_alike(told[each], blamed.case, after))
        rule = blamed.case.deviation.rule
        at_rules = (each for each in numbers if after and rule in self._said[each].rules)
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
        for request, line in self._answered.telling(self._plain, hypothesis):
            before = self._runner.compared(request, line).difference
            after = mutant.compared(request, line).difference
            if before is not None:
                whole += after is None
                part += after is not None and after.at > before.at
        return whole, part

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
        cases = self._look_into(self._runner, self._answered.groups(self._runner))
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


def _ops_until(finding: Finding) -> int:
    """How many ops, looks left out, there are up to the difference."""
    shown = finding.program[: finding.difference.at + 1]
    return sum(not isinstance(each.op, Get) for each in shown)
