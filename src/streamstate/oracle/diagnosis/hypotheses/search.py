"""Which one mistake, made on top of the model, answers as an implementation does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from streamstate.model import Rule
from streamstate.oracle.campaign.runner import Finding
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.evidence import Run
from streamstate.oracle.diagnosis.hypotheses.fitting import Runs, Score, explains
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS, Guard, guards
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.operators import CHANGES, INEXACT
from streamstate.oracle.diagnosis.hypotheses.uniform import is_uniform
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program
from streamstate.oracle.programs.rulesets import bit_of, op_family, op_of, rules_in
from streamstate.oracle.verdict.deviation import Difference, Kind

_ENOUGH: Final = 2
"""Wrong programs that a mistake explains, at least."""

_NEARLY_ALL: Final = 0.8
"""Of the wrong programs that show the same thing, the share that a mistake explains, at least."""

_HALF: Final = 0.5
"""Of all wrong programs, the share that a mistake explains, at least, that is made earlier or not
always."""

_LOOKED_BACK: Final = 4
"""How many of the last times that a rule was applied are looked at for what was special."""

_ENOUGH_WHOLE: Final = 12
"""Mistakes that explain everything, made now and then, after which no more are looked for."""

_ORDINARY: Final = 12
"""Ops of a program that takes one unit of effort."""

_ENOUGH_FITTING: Final = 200
"""Mistakes that nothing speaks against, made now and then, after which no more are looked for."""

_UNTELLING: Final = (Kind.LATE, Kind.FAILED)
"""What is late, or no answer at all, no mistake of a rule explains."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A hypothesis that nothing speaks against. `rule` is the one that it breaks: the one of its
    rules that is taken in the finding, or create's; `score` says what it explains of the runs."""

    rule: Rule
    hypothesis: Hypothesis
    score: Score


def explanations(
    model: CachedModel, finding: Finding, runs: Runs, effort: Effort
) -> list[Explanation]:
    """Those of a finding, the best first: of those that explain the most, the simplest. Where the
    effort is spent, those found by then."""
    if finding.difference.kind in _UNTELLING:
        return []
    seen_at = model.expect(finding.program).links[finding.difference.at].rule
    alike = runs.alike(seen_at, finding.difference.kind)
    programs = frozenset(run.program for run in alike)
    found = [
        each
        for each in _candidates(model, finding, runs, alike, effort)
        if len(each.score.explained) >= _ENOUGH
        and len(each.score.explained & programs) >= _NEARLY_ALL * len(programs)
        and (_is_plain(each.hypothesis) or each.score.share >= _HALF)
    ]
    return sorted(found, key=_preference)


def _is_plain(hypothesis: Hypothesis) -> bool:
    """Whether it says of a rule that it is always answered wrongly, in whatever way."""
    return hypothesis.change is None and hypothesis.guard is ALWAYS


def _preference(each: Explanation) -> tuple[int, bool, bool, bool, int, int, int, int]:
    mutant = each.hypothesis
    exact = _is_exact(each)
    if mutant.change is not None:
        turn, change = 1, CHANGES.index(mutant.change)
    else:  # before a mistake made earlier only where it says what is answered
        turn, change = (0 if exact else 2), 0
    return (
        -len(each.score.explained),
        not mutant.guard.no_wonder,
        mutant.guard.looks_back,
        not exact,
        len({op_of(rule) for rule in mutant.rules}),
        turn,
        len(mutant.rules),
        change,
    )


def _is_exact(each: Explanation) -> bool:
    """Whether it says what is answered, and not only that it is wrong."""
    if each.hypothesis.change is None:
        return each.score.uniform
    return is_exact(each.hypothesis)


def is_exact(hypothesis: Hypothesis) -> bool:
    """Whether it says what is done instead."""
    change = hypothesis.change
    return change is not None and CHANGES.index(change) < INEXACT


def _candidates(
    model: CachedModel, finding: Finding, runs: Runs, alike: Sequence[Run], effort: Effort
) -> Iterator[Explanation]:
    """Mistakes that are always made; those made now and then only where these leave something
    unexplained."""
    whole = False
    doubtful: list[tuple[Rule, Hypothesis]] = []
    for rule in _rules_on_the_way(model, finding):
        for hypothesis in _always_or_naturally(model, finding, rule, effort):
            fitting = _fitted(model, finding, runs, hypothesis, effort)
            if fitting is not None:
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
            fitting = _fitted(model, finding, runs, replace(hypothesis, guard=guard), effort)
            if fitting is not None:
                yield Explanation(_broken(model, finding, rule, fitting[0]), *fitting)
                enough -= not fitting[1].open
                fitting_at_all += 1
                if not enough or fitting_at_all == _ENOUGH_FITTING:
                    return


def _followed(finding: Finding) -> float:
    """What it takes to see whether a mistake shows in a finding."""
    return len(finding.program) / _ORDINARY


def _broken(model: CachedModel, finding: Finding, rule: Rule, hypothesis: Hypothesis) -> Rule:
    """The rule that the mistake breaks. Which numbers streams get is said by the rule of create:
    whoever tampers with them breaks that one, but for a clear, which is told to leave them, and for
    what is told to do nothing at all. A clear is made of deletes, so what both do wrongly is a
    mistake of the delete."""
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
        effort.spend(_followed(finding))
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
    """What was so one of the last times before the difference that its rules were applied."""
    program = finding.program[: finding.difference.at + 1]
    applications = islice(hypothesis.applications(model, program), _LOOKED_BACK)
    special = (guard for application in applications for guard in guards(application))
    return {each.says: each for each in special}.values()


def _at_most(hypothesis: Hypothesis) -> frozenset[Rule]:
    """The rules that may come to make the mistake, too; see `_more`."""
    if hypothesis.change is None or hypothesis.change.of_any_op:
        return frozenset(Rule)
    family = {op for rule in hypothesis.rules for op in op_family(rule)}
    return frozenset(rule for rule in Rule if op_of(rule) in family)


def _may_do(model: CachedModel, hypothesis: Hypothesis, alike: Sequence[Run]) -> bool:
    """Whether it may be behind nearly all of those runs, of which each deviates."""
    if hypothesis.guard.counts:
        return True  # how often depends on which rules make it
    misses = (1 - _NEARLY_ALL) * len(alike)
    for run in alike:
        assert run.difference is not None
        if not hypothesis.may_show(model, run.program, run.expected, run.difference.at):
            misses -= 1
            if misses < 0:
                return False
    return True


def _fitted(
    model: CachedModel, finding: Finding, runs: Runs, hypothesis: Hypothesis, effort: Effort
) -> tuple[Hypothesis, Score] | None:
    """The hypothesis with as many rules as fit best, None where nothing fits.

    Other rules make the same mistake where a run shows that one does, or where more is explained
    then.
    """
    effort.spend(_followed(finding))
    if not explains(model, hypothesis, finding):
        return None
    best: tuple[Hypothesis, Score] | None = None
    tried = set(hypothesis.rules)
    while True:
        result = runs.score(hypothesis, effort)
        if isinstance(result, Score) and (best is None or result.explains_more(best[1])):
            best = hypothesis, result
        if best is not None:
            hypothesis, more = best[0], _more(best[0], finding, best[1].open, tried)
        elif isinstance(result, Run) and result.difference is not None:
            more = _more(hypothesis, finding, (result,), tried)
        else:
            more = []
        if not more:
            return best
        tried.add(more[0])
        hypothesis = replace(hypothesis, rules=hypothesis.rules | {more[0]})


def _more(
    hypothesis: Hypothesis, finding: Finding, runs: tuple[Run, ...], tried: set[Rule]
) -> list[Rule]:
    """The rules not tried that may make the same mistake: taken in those runs, of the same op;
    where it is the answer that is wrong, those at which it is so, too."""
    family = {op for rule in hypothesis.rules for op in op_family(rule)}
    anywhere = hypothesis.change is not None and hypothesis.change.of_any_op
    if hypothesis.change is None:
        like = (run.seen_at for run in runs if _is_wrong_alike(run, finding.difference, family))
        shown = {rule for rule in like if rule is not None}
        return [rule for rule in Rule if rule in shown and rule not in tried]
    fired = 0
    for run in runs:
        fired |= run.expected.rules
    return [
        rule
        for rule in rules_in(fired)
        if rule not in tried and (op_of(rule) in family or anywhere)
    ]


def _is_wrong_alike(run: Run, difference: Difference, family: set[str]) -> bool:
    """Whether a run is wrong in the way of a difference: at a rule of the same op in a like kind of
    way, at another one exactly so."""
    own, seen_at = run.difference, run.seen_at
    if own is None or seen_at is None:
        return False
    if op_of(seen_at) in family:
        return (own.kind in _RETURNS) is (difference.kind in _RETURNS) and (
            own.kind is difference.kind or own.kind not in _RETURNS
        )
    return run.is_like(difference) and (
        difference.kind not in _RETURNS or is_uniform((own, difference))
    )


_RETURNS: Final = frozenset({Kind.RETURNED, Kind.THREW, Kind.VIEW})
"""Kinds of wrong answers by the op itself, which have each their own reason."""
