"""Finds the one mistake with which the model answers as an implementation does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from streamstate.model import Rule
from streamstate.oracle.campaign.runner import Finding
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.evidence import Run
from streamstate.oracle.diagnosis.hypotheses.fitting import Runs, Score
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS, Guard, guards
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.operators import CHANGES, INEXACT
from streamstate.oracle.diagnosis.hypotheses.widening import Best, steps_in, widened
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program
from streamstate.oracle.programs.rulesets import bit_of, op_family, op_of, rules_in
from streamstate.oracle.verdict.deviation import Kind

_ENOUGH: Final = 3
"""A mistake has to explain at least so many wrong programs."""

_NEARLY_ALL: Final = 0.8
"""A mistake has to explain at least this share of the wrong programs that show the same thing.
Programs in which something else is known to be wrong do not count."""

_HALF: Final = 0.5
"""A mistake that shows only later, or is not always made, has to explain at least this share of all
wrong programs."""

_LOOKED_BACK: Final = 4
"""So many of the last applications of a rule are looked at for what was special."""

_ENOUGH_WHOLE: Final = 12
"""After so many conditional mistakes that explain everything, the search ends."""

_ENOUGH_FITTING: Final = 200
"""After so many conditional mistakes that nothing contradicts, the search ends."""

_UNTELLING: Final = (Kind.LATE, Kind.FAILED)
"""Answers that are late, or missing altogether: no mistake of a rule explains these."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A hypothesis that nothing contradicts. `rule` is the one that it breaks: that of its rules
    which the finding takes, or create's. `score` says which runs it explains."""

    rule: Rule
    hypothesis: Hypothesis
    score: Score


def explanations(
    model: CachedModel, finding: Finding, runs: Runs, effort: Effort, *, beside: bool = False
) -> list[Explanation]:
    """The explanations of a finding, best first; among those that explain most, the simplest. Once
    the effort is spent, those found until then."""
    if finding.difference.kind in _UNTELLING:
        return []
    seen_at = model.expect(finding.program).links[finding.difference.at].rule
    alike = runs.alike(seen_at, finding.difference.kind)

    def is_enough(each: Explanation) -> bool:
        if len(each.score.explained) < max(_ENOUGH, each.score.like):
            return False
        left = [run for run in alike if run.program not in each.score.explained]
        own = len(alike) - sum(map(runs.foreign(each.hypothesis), left))
        return len(alike) - len(left) >= _NEARLY_ALL * own

    found = [*filter(is_enough, _candidates(model, finding, runs, alike, effort))]
    most = [each for each in found if _is_plain(each.hypothesis) or each.score.share >= _HALF]
    return sorted(most or (found if beside else ()), key=preference)


def _is_plain(hypothesis: Hypothesis) -> bool:
    """Whether it says only that the answers of a rule are always wrong, in whatever way."""
    return hypothesis.change is None and hypothesis.guard is ALWAYS


def preference(each: Explanation) -> tuple[int, bool, bool, int, int, int, int]:
    """Sorts the preferred explanation first."""
    mutant = each.hypothesis
    exact = _is_exact(each)
    if mutant.change is not None:
        turn, change = 1, CHANGES.index(mutant.change)
    else:  # before a mistake made earlier only where it says what is answered
        turn, change = (0 if exact else 2), 0
    return (
        -len(each.score.explained),
        not mutant.guard.no_wonder,
        not exact,
        len({op_of(rule) for rule in mutant.rules}),
        turn,
        len(mutant.rules),
        change,
    )


def _is_exact(each: Explanation) -> bool:
    """Whether it says what the registry answers, and not only that it is wrong."""
    if each.hypothesis.change is None:
        return each.score.uniform
    return is_exact(each.hypothesis)


def is_exact(hypothesis: Hypothesis) -> bool:
    """Whether it says what the registry does instead."""
    change = hypothesis.change
    return change is not None and CHANGES.index(change) < INEXACT


def _candidates(
    model: CachedModel, finding: Finding, runs: Runs, alike: Sequence[Run], effort: Effort
) -> Iterator[Explanation]:
    """The mistakes that a registry always makes; conditional ones only if these leave something
    unexplained."""
    whole = False
    best = Best()
    doubtful: list[tuple[Rule, Hypothesis]] = []
    for rule in _rules_on_the_way(model, finding):
        for hypothesis in _always_or_naturally(model, finding, rule, effort):
            fitting = widened(model, finding, runs, hypothesis, effort, best.least)
            if fitting is not None:
                best.note(fitting[1])
                yield Explanation(_broken(model, finding, rule, fitting[0]), *fitting)
                if not fitting[1].open:
                    whole = True
                    if hypothesis.change is not None:
                        break  # those that follow would be as good
            elif hypothesis.guard is ALWAYS:
                doubtful.append((rule, hypothesis))
    if whole:
        return
    enough, fitting_at_all = _ENOUGH_WHOLE, 0
    guards_of: dict[tuple[Rule, frozenset[Rule], bool], tuple[Guard, ...]] = {}
    for rule, hypothesis in doubtful:
        at_most = replace(hypothesis, rules=_at_most(hypothesis))
        key = rule, at_most.rules, hypothesis.change is None
        if key not in guards_of:
            every = _guards(model, finding, hypothesis)
            guards_of[key] = tuple(
                each for each in every if _may_do(model, replace(at_most, guard=each), alike)
            )
        for guard in guards_of[key]:
            if effort.is_spent:
                return
            guarded = replace(hypothesis, guard=guard)
            fitting = widened(model, finding, runs, guarded, effort, best.least)
            if fitting is not None:
                best.note(fitting[1])
                yield Explanation(_broken(model, finding, rule, fitting[0]), *fitting)
                enough -= not fitting[1].open
                fitting_at_all += 1
                if not enough or fitting_at_all == _ENOUGH_FITTING:
                    return


def _broken(model: CachedModel, finding: Finding, rule: Rule, hypothesis: Hypothesis) -> Rule:
    """The rule that the mistake breaks. The rule of create says which numbers streams get, so
    whatever tampers with them breaks that one, except a clear, whose rule tells it to leave them,
    and an op that should do nothing at all. A clear is made of deletes, so a mistake that both make
    is one of delete."""
    tampers = hypothesis.change is not None and hypothesis.change.renumbers
    if tampers and op_of(rule) != "CLEAR" and _changes_something(model, finding.program, rule):
        return Rule.CREATE_1
    if op_of(rule) == "CLEAR":
        deletes = (each for each in rules_in(hypothesis.bits) if op_of(each) == "DELETE")
        return next(deletes, rule)
    return rule


def _changes_something(model: CachedModel, program: Program, rule: Rule) -> bool:
    links = model.expect(program).links
    nodes = (model.root, *(link.target for link in links))
    taken = bit_of(rule)
    return any(
        link.bit & taken and link.target is not before
        for before, link in zip(nodes, links, strict=False)
    )


def _always_or_naturally(
    model: CachedModel, finding: Finding, rule: Rule, effort: Effort
) -> Iterator[Hypothesis]:
    for change in (None, *CHANGES):
        hypothesis = Hypothesis(frozenset({rule}), change)
        if effort.is_spent:
            return
        effort.spend(steps_in(finding))
        if _departs(model, hypothesis, finding):
            yield hypothesis
            if change is None:
                guards = _guards(model, finding, hypothesis)
                yield from (replace(hypothesis, guard=each) for each in guards if each.natural)


def _rules_on_the_way(model: CachedModel, finding: Finding) -> Iterator[Rule]:
    links = model.expect(finding.program).links[: finding.difference.at + 1]
    yield from dict.fromkeys(rule for link in links for rule in rules_in(link.bit))


def _departs(model: CachedModel, hypothesis: Hypothesis, finding: Finding) -> bool:
    expected = model.expect(finding.program)
    until = finding.difference.at + 1
    return hypothesis.departure(model, finding.program, expected, until) is not None


def _guards(model: CachedModel, finding: Finding, hypothesis: Hypothesis) -> Iterable[Guard]:
    """What held at one of the last applications of its rules before the difference."""
    program = finding.program[: finding.difference.at + 1]
    applications = islice(hypothesis.applications(model, program), _LOOKED_BACK)
    special = (guard for application in applications for guard in guards(application))
    return {each.says: each for each in special}.values()


def _at_most(hypothesis: Hypothesis) -> frozenset[Rule]:
    """The further rules that may make the mistake, too; see `_more`."""
    if hypothesis.change is None or hypothesis.change.of_any_op:
        return frozenset(Rule)
    family = {op for rule in hypothesis.rules for op in op_family(rule)}
    return frozenset(rule for rule in Rule if op_of(rule) in family)


def _may_do(model: CachedModel, hypothesis: Hypothesis, alike: Sequence[Run]) -> bool:
    """Whether it may be the cause of nearly all of those runs, each of which deviates."""
    misses = (1 - _NEARLY_ALL) * len(alike)
    for run in alike:
        assert run.difference is not None
        if not hypothesis.may_show(model, run.program, run.expected, run.difference.at):
            misses -= 1
            if misses < 0:
                return False
    return True
