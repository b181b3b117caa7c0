"""Blames deviations on the mistake that explains them, and makes those with one cause one
deviation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Limits, Rule
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.clustering import Case, merge, ops_of
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.evidence import gathered, gives_up
from streamstate.oracle.diagnosis.hypotheses.fitting import Runs, Score, explains
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.observed import answers_instead
from streamstate.oracle.diagnosis.hypotheses.search import (
    Explanation,
    explanations,
    is_exact,
    preference,
)
from streamstate.oracle.diagnosis.hypotheses.widening import BEST
from streamstate.oracle.diagnosis.hypotheses.wording import rival_of, spoilt_in_the_queue, why
from streamstate.oracle.diagnosis.localisation import Pool, Suspicion
from streamstate.oracle.programs.program import Program
from streamstate.oracle.programs.rulesets import bit_of, op_of, rules_in

_AT_ONCE: Final = 3
"""So many cases are explained before one is chosen."""

_FEWER: Final = 3
"""With many findings, only one ordinary program in so many is run, and looked at again once a
mistake is expected: working out what to expect takes much longer then."""

_FEW: Final = 4
"""With up to so many findings, all ordinary programs are run."""

_MOST: Final = 0.5
"""An explanation found earlier stands if it still fits this share of the wrong answers."""

_BRINGING: Final = frozenset({Rule.PULL_2, Rule.PULL_4})
_QUEUEING: Final = frozenset({Rule.PUSH_5, Rule.PUSH_6})


class _Found(NamedTuple):
    """A case, and the mistakes that explain it, best first."""

    case: Case
    explanations: Sequence[Explanation]

    @property
    def best(self) -> Explanation | None:
        return self.explanations[0] if self.explanations else None


Known: TypeAlias = "dict[Program, Sequence[Explanation]]"
"""The explanations found for each minimal program, best first."""


class Blamed(NamedTuple):
    """Cases made one, and blamed on what explains them. `alike` are these cases. `exactly` are the
    mistakes that say what the registry answers, likeliest first. `said` is the explanation to
    tell."""

    case: Case
    alike: Sequence[Case]
    exactly: Sequence[Hypothesis]
    said: Hypothesis

    @property
    def vaguely(self) -> Hypothesis:
        """An explanation that says where the answer is wrong, and not what it is."""
        return replace(self.said, change=None)


class Blaming:
    """Finds the mistake that explains most of some cases, on top of what the runner expects.
    `known` holds what earlier searches found, when they expected less: it stands as long as nothing
    contradicts it."""

    def __init__(
        self,
        runner: Runner,
        cases: Sequence[Case],
        pool: Pool,
        effort: Effort,
        known: Known,
        *,
        beside: bool,
    ) -> None:
        self._runner: Final = runner
        self._effort: Final = effort
        self._known: Final = known
        self._beside: Final = beside
        self._cases: Final = tuple(cases)
        self._findings: Final = tuple(each.finding for each in cases if each.finding is not None)
        self._pool: Final = pool
        self._runs: Final[dict[Limits | None, Runs]] = {}

    def found(self) -> list[Blamed]:
        """The mistake that explains most, with the cases it explains, and others that explain what
        none before them does. Empty if no mistake explains any."""
        told: list[Blamed] = []
        explained: set[Program] = set()
        cases = [*self._cases]
        for found in sorted(self._searched(self._cases), key=_explained, reverse=True):
            best = found.best
            if best is None or found.case not in cases:
                continue
            if not explained.isdisjoint(best.score.explained):
                continue
            explained |= best.score.explained
            alike = [each for each in cases if each is found.case or self._is_explained(best, each)]
            cases = [each for each in cases if each not in alike]
            case = self._blamed(found, best, alike)
            told.append(Blamed(case, alike, tuple(_exactly(found)), best.hypothesis))
        return told

    def _searched(self, cases: Sequence[Case]) -> Iterator[_Found]:
        """Cases with their explanations, until there are enough. Cases with a known explanation
        come first, then those that most programs of the plan show. A case that was searched in vain
        is searched again if nothing else is explained; the search stops once one mistake explains
        most of all."""
        explained = 0
        unknown: list[Case] = []
        for case in cases:
            again = self._known_of(case)
            if again:
                explained += 1
                yield _Found(case, again)
            else:
                unknown.append(case)
        unknown.sort(key=lambda case: (self._is_in_vain(case), -case.deviation.programs))
        for number, case in enumerate(unknown):
            if explained >= _AT_ONCE or (explained and self._is_in_vain(case)):
                return
            effort = self._effort.share(len(unknown) - number)
            found = _Found(case, self._explanations(case, effort))
            yield found
            if found.best is not None:
                explained += 1
                if found.best.score.is_most:
                    return

    def _is_in_vain(self, case: Case) -> bool:
        return case.finding is not None and self._known.get(case.finding.program) == []

    def _known_of(self, case: Case) -> Sequence[Explanation]:
        """The known explanations of the case that still stand, and explain most of what they
        may."""
        if case.finding is None:
            return ()
        runs = self._runs_with(case.finding.limits)
        again: list[Explanation] = []
        for each in self._known.get(case.finding.program, ()):
            score = runs.score(each.hypothesis, self._effort)
            if isinstance(score, Score) and score.share >= _MOST:
                again.append(replace(each, score=score))
        return sorted(again, key=preference)

    def _blamed(self, chosen: _Found, best: Explanation, alike: Sequence[Case]) -> Case:
        """Makes the cases one, and shows it by the shortest."""
        shown, broken = self._shown(chosen, best, alike)
        deviation = shown.deviation
        for other in alike:
            if other is not shown:
                deviation = merge(deviation, other.deviation)
        others = tuple(rule for rule in deviation.others if rule is not broken)
        rival = rival_of(chosen.explanations)
        deviation = replace(
            deviation,
            rule=broken,
            others=others,
            or_else=() if rival is None else _in_order(rival.hypothesis.rules),
            same_at=_in_order(best.hypothesis.rules - {broken}),
            why=why(best, rival),
        )
        return replace(shown, deviation=deviation, suspicion=Suspicion(broken), explained=True)

    def _shown(self, chosen: _Found, best: Explanation, alike: Sequence[Case]) -> tuple[Case, Rule]:
        """The case to show, and the rule that the mistake breaks in it. Takes the shortest case in
        which another rule of that op goes wrong in the same way; if there is none, the first that
        takes the rule."""
        shown = next((each for each in alike if self._takes(each, best.rule)), chosen.case)
        for each in sorted(alike, key=lambda case: ops_of(case.deviation)):
            seen_at = each.deviation.seen_at
            if ops_of(each.deviation) >= ops_of(shown.deviation):
                break
            if seen_at in best.hypothesis.rules and op_of(seen_at) == op_of(best.rule):
                return each, seen_at
        return shown, best.rule

    def _takes(self, case: Case, rule: Rule) -> bool:
        finding = case.finding
        if finding is None:
            return False
        links = self._runner.model(finding.limits).expect(finding.program).links
        return any(link.bit & bit_of(rule) for link in links[: finding.difference.at + 1])

    def _explanations(self, case: Case, effort: Effort) -> list[Explanation]:
        """The mistakes that explain the case, best first. If a view has shown at which rule the
        state goes wrong, only mistakes at that rule count."""
        finding = case.finding
        if finding is None:
            return []
        runs = self._runs_with(finding.limits)
        model = self._runner.model(finding.limits)
        found = explanations(model, finding, runs, effort, beside=self._beside)
        fitting = [each for each in found if case.seen is None or each.rule is case.seen]
        self._known[finding.program] = best = fitting[:BEST]
        return best

    def blamed_on_its_push(self, case: Case) -> Case:
        """If pulls of several rules bring wrong chunks and nothing says why, the rule that queues
        them is to blame rather than each rule that takes them out."""
        finding, deviation = case.finding, case.deviation
        if finding is None or case.seen is not None or deviation.rule is not deviation.seen_at:
            return case
        if self._runner.shows_get() or gives_up(finding.program):
            return case  # the queue was seen to be right, or a chunk may have come back to it
        shown_at = self._runs_with(finding.limits).shown_at(finding.difference)
        links = self._runner.model(finding.limits).expect(finding.program).links
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
        model = self._runner.model(finding.limits)
        mutant = by.hypothesis
        if mutant.change is not None and mutant.change.of_any_op:
            fired = rules_in(model.expect(finding.program).rules)
            mutant = replace(mutant, rules=mutant.rules.union(fired))
        return finding.program in by.score.explained or explains(model, mutant, finding)

    def _runs_with(self, limits: Limits | None) -> Runs:
        known = self._runs.get(limits)
        if known is None:
            every = _FEWER if self._known or len(self._findings) > _FEW else 1
            runs = gathered(self._runner, self._findings, self._pool, limits, every)
            minimal = [each for each in self._findings if each.limits == limits]
            known = self._runs[limits] = Runs(self._runner.model(limits), runs, minimal)
        return known


def _explained(found: _Found) -> int:
    return len(found.best.score.explained) if found.best else -1


def _exactly(found: _Found) -> Iterator[Hypothesis]:
    """Of the best mistakes, those that say what the registry answers, each with the answer at the
    op where it shows, if it shows at once."""
    best, finding = found.explanations[0], found.case.finding
    for each in found.explanations:
        if each.score.explained == best.score.explained and is_exact(each.hypothesis):
            yield each.hypothesis
    if best.hypothesis.change is None and finding is not None:
        for change in answers_instead(finding.difference):
            yield replace(best.hypothesis, change=change)


def _in_order(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(rule for rule in Rule if rule in set(rules))
