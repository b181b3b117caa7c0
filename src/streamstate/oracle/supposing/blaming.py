"""Deviations blamed on the mistake that explains them, and those of one mistake made one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from streamstate.model import CancelPull, Limits, Rule
from streamstate.oracle.laboratory import Finding, Laboratory
from streamstate.oracle.late_cancels import has_cancels_last
from streamstate.oracle.letters import Word
from streamstate.oracle.merging import Case, merge
from streamstate.oracle.supposing.evidence import ordinary_programs, run_all, watched
from streamstate.oracle.supposing.fitting import Runs, explains
from streamstate.oracle.supposing.search import Explanation, explanations
from streamstate.oracle.supposing.telling import rival_of, spoilt_in_the_queue, why
from streamstate.oracle.suspicion import Pool, Suspicion
from streamstate.wire import Together

_GIVING_UP: Final = 600
"""Programs with cancels that are run, where a finding has one."""


_MOST: Final = 0.5
"""The share of wrong answers that an explanation fits, at least, for it to be said."""

_BRINGING: Final = frozenset({Rule.PULL_2, Rule.PULL_4})
_QUEUEING: Final = frozenset({Rule.PUSH_5, Rule.PUSH_6})


class Blaming:
    """Finds the mistakes behind findings. What is run to tell them apart is run once for each pair
    of limits."""

    def __init__(self, laboratory: Laboratory, findings: Iterable[Finding], pool: Pool) -> None:
        self._laboratory: Final = laboratory
        self._findings: Final = tuple(findings)
        self._pool: Final = pool
        self._runs: Final[dict[Limits | None, Runs]] = {}

    def blame(self, cases: Sequence[Case]) -> list[Case]:
        """Those cases, the ones of one mistake made one, each blamed on its mistake where one
        explains it."""
        blamed: list[Case] = []
        left = list(cases)
        while left:
            case, *left = left
            found = self._explanations(case)
            if not found:
                blamed.append(self._blamed_on_its_push(case))
                continue
            best, *_ = found
            alike = [other for other in left if self._is_explained(best, other)]
            left = [other for other in left if other not in alike]
            deviation = case.deviation
            for other in alike:
                deviation = merge(deviation, other.deviation)
            others = tuple(rule for rule in deviation.others if rule is not best.rule)
            rival = rival_of(found)
            deviation = replace(
                deviation,
                rule=best.rule,
                others=others,
                or_else=() if rival is None else _in_order(rival.supposition.rules),
                why=why(best, rival) if best.score.share >= _MOST else "",
            )
            blamed.append(replace(case, deviation=deviation, suspicion=Suspicion(best.rule)))
        return blamed

    def _explanations(self, case: Case) -> list[Explanation]:
        """The mistakes that explain it, the best first; of those alone that are at the rule which a
        view has shown to be wrong, where one has."""
        finding = case.finding
        if finding is None:
            return []
        runs = self._runs_with(finding.limits)
        found = explanations(self._laboratory.machine(finding.limits), finding, runs)
        return [each for each in found if case.seen is None or each.rule is case.seen]

    def _blamed_on_its_push(self, case: Case) -> Case:
        """Where pulls of several rules bring chunks that are not theirs, and nothing says why, they
        are more often spoilt where they are queued than wherever they are taken out."""
        finding, deviation = case.finding, case.deviation
        if finding is None or case.seen is not None or deviation.rule is not deviation.seen_at:
            return case
        shown_at = self._runs_with(finding.limits).shown_at(finding.difference)
        links = self._laboratory.machine(finding.limits).expect(finding.program).links
        pushes = [link.rule for link in links[: finding.difference.at] if link.rule in _QUEUEING]
        if not (shown_at >= _BRINGING and pushes):
            return case
        rule, pulls = pushes[-1], _in_order(_BRINGING)
        blamed = replace(deviation, rule=rule, or_else=pulls, why=spoilt_in_the_queue(rule, pulls))
        return replace(case, deviation=blamed)

    def _is_explained(self, by: Explanation, case: Case) -> bool:
        finding = case.finding
        if finding is None:
            return False
        machine = self._laboratory.machine(finding.limits)
        return finding.program in by.score.explained or explains(machine, by.supposition, finding)

    def _runs_with(self, limits: Limits | None) -> Runs:
        known = self._runs.get(limits)
        if known is None:
            shows = self._laboratory.shows_get()
            found = [each.program for each in self._findings if each.limits == limits]
            programs = [
                *found,
                *(watched(program) for program in found if shows),
                *ordinary_programs(get=shows),
                *self._giving_up(limits),
            ]
            machine = self._laboratory.machine(limits)
            known = self._runs[limits] = Runs(machine, run_all(self._laboratory, programs, limits))
        return known

    def _giving_up(self, limits: Limits | None) -> Sequence[Word]:
        if not any(map(_gives_up, (finding.program for finding in self._findings))):
            return ()
        programs = [
            program
            for program in self._pool(limits)
            if _gives_up(program) and has_cancels_last(program)
        ]
        return programs[:: -(-len(programs) // _GIVING_UP) or 1]


def _in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in Rule if rule in set(rules))


def _gives_up(program: Word) -> bool:
    return any(isinstance(each.op, CancelPull | Together) for each in program)
