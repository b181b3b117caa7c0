"""Which one mistake, made on top of the model, answers as an implementation does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice
from typing import Final

from streamstate.model import Rule
from streamstate.oracle.campaign.laboratory import Finding
from streamstate.oracle.diagnosis.hypotheses.changes import CHANGES, INEXACT
from streamstate.oracle.diagnosis.hypotheses.evidence import Run
from streamstate.oracle.diagnosis.hypotheses.fitting import Runs, Score, explains
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS, Guard, guards
from streamstate.oracle.diagnosis.hypotheses.supposition import Supposition
from streamstate.oracle.diagnosis.hypotheses.uniform import is_uniform
from streamstate.oracle.programs.cached_model import Machine
from streamstate.oracle.programs.program import Word
from streamstate.oracle.programs.rulesets import bit_of, op_family, op_of, rules_in
from streamstate.oracle.verdict.difference import Difference, Kind

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

_MOST_OPS: Final = 300_000
"""Ops that are followed, at most, to see whether mistakes explain a finding."""

_ENOUGH_FITTING: Final = 200
"""Mistakes that nothing speaks against, made now and then, after which no more are looked for."""

_UNTELLING: Final = (Kind.LATE, Kind.FAILED)
"""What is late, or no answer at all, no mistake of a rule explains."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A supposition that nothing speaks against. `rule` is the one that it breaks: the one of its
    rules that is taken in the finding, or create's; `score` says what it explains of the runs."""

    rule: Rule
    supposition: Supposition
    score: Score


def explanations(machine: Machine, finding: Finding, runs: Runs) -> list[Explanation]:
    """Those of a finding, the best first: of those that explain the most, the simplest."""
    if finding.difference.kind in _UNTELLING:
        return []
    seen_at = machine.expect(finding.program).links[finding.difference.at].rule
    alike = runs.alike(seen_at, finding.difference.kind)
    programs = frozenset(run.program for run in alike)
    found = [
        each
        for each in _candidates(machine, finding, runs, alike)
        if len(each.score.explained) >= _ENOUGH
        and len(each.score.explained & programs) >= _NEARLY_ALL * len(programs)
        and (_is_plain(each.supposition) or each.score.share >= _HALF)
    ]
    return sorted(found, key=_preference)


def _is_plain(supposition: Supposition) -> bool:
    """Whether it says of a rule that it is always answered wrongly, in whatever way."""
    return supposition.change is None and supposition.guard is ALWAYS


def _preference(each: Explanation) -> tuple[int, bool, bool, bool, int, int, int, int]:
    supposed = each.supposition
    exact = _is_exact(each)
    if supposed.change is not None:
        turn, change = 1, CHANGES.index(supposed.change)
    else:  # before a mistake made earlier only where it says what is answered
        turn, change = (0 if exact else 2), 0
    return (
        -len(each.score.explained),
        not supposed.guard.no_wonder,
        supposed.guard.looks_back,
        not exact,
        len({op_of(rule) for rule in supposed.rules}),
        turn,
        len(supposed.rules),
        change,
    )


def _is_exact(each: Explanation) -> bool:
    """Whether it says what is answered, and not only that it is wrong."""
    if each.supposition.change is None:
        return each.score.uniform
    return is_exact(each.supposition)


def is_exact(supposition: Supposition) -> bool:
    """Whether it says what is done instead."""
    change = supposition.change
    return change is not None and CHANGES.index(change) < INEXACT


def _candidates(
    machine: Machine, finding: Finding, runs: Runs, alike: Sequence[Run]
) -> Iterator[Explanation]:
    """Mistakes that are always made; those made now and then only where these leave something
    unexplained."""
    whole = False
    doubtful: list[tuple[Rule, Supposition]] = []
    tries = count(_MOST_OPS // len(finding.program), -1)
    for rule in _rules_on_the_way(machine, finding):
        for supposition in _always_or_naturally(machine, finding, rule, tries):
            fitting = _fitted(machine, finding, runs, supposition)
            if fitting is not None:
                yield Explanation(_broken(machine, finding, rule, fitting[0]), *fitting)
                if not fitting[1].open:
                    whole = True
                    if supposition.change is not None:
                        break  # those that follow would be as good
            elif supposition.guard is ALWAYS:
                doubtful.append((rule, supposition))
    if whole:
        return
    enough, fitting_at_all = _ENOUGH_WHOLE, 0
    guards_of: dict[tuple[Rule, frozenset[Rule], bool], tuple[Guard, ...]] = {}
    for rule, supposition in doubtful:
        at_most = replace(supposition, rules=_at_most(supposition))
        key = rule, at_most.rules, supposition.change is None
        if key not in guards_of:
            every = _guards(machine, finding, supposition)
            guards_of[key] = tuple(
                each for each in every if _may_do(machine, replace(at_most, guard=each), alike)
            )
        for guard in guards_of[key]:
            if next(tries) < 0:
                return
            fitting = _fitted(machine, finding, runs, replace(supposition, guard=guard))
            if fitting is not None:
                yield Explanation(_broken(machine, finding, rule, fitting[0]), *fitting)
                enough -= not fitting[1].open
                fitting_at_all += 1
                if not enough or fitting_at_all == _ENOUGH_FITTING:
                    return


def _broken(machine: Machine, finding: Finding, rule: Rule, supposition: Supposition) -> Rule:
    """The rule that the mistake breaks. Which numbers streams get is said by the rule of create:
    whoever tampers with them breaks that one, but for a clear, which is told to leave them, and for
    what is told to do nothing at all. A clear is made of deletes, so what both do wrongly is a
    mistake of the delete."""
    tampers = supposition.change is not None and supposition.change.renumbers
    if tampers and op_of(rule) != "CLEAR" and _changes_something(machine, finding.program, rule):
        return Rule.CREATE_1
    if op_of(rule) == "CLEAR":
        deletes = (each for each in rules_in(supposition.bits) if op_of(each) == "DELETE")
        return next(deletes, rule)
    return rule


def _changes_something(machine: Machine, program: Word, rule: Rule) -> bool:
    links = machine.expect(program).links
    nodes = (machine.root, *(link.target for link in links))
    taken = bit_of(rule)
    return any(
        link.bit & taken and link.target is not before
        for before, link in zip(nodes, links, strict=False)
    )


def _always_or_naturally(
    machine: Machine, finding: Finding, rule: Rule, tries: Iterator[int]
) -> Iterator[Supposition]:
    for change in (None, *CHANGES):
        supposition = Supposition(frozenset({rule}), change)
        if next(tries) < 0:
            return
        if _departs(machine, supposition, finding):
            yield supposition
            if change is None:
                guards = _guards(machine, finding, supposition)
                yield from (replace(supposition, guard=each) for each in guards if each.natural)


def _rules_on_the_way(machine: Machine, finding: Finding) -> Iterator[Rule]:
    links = machine.expect(finding.program).links[: finding.difference.at + 1]
    yield from dict.fromkeys(rule for link in links for rule in rules_in(link.bit))


def _departs(machine: Machine, supposition: Supposition, finding: Finding) -> bool:
    expected = machine.expect(finding.program)
    until = finding.difference.at + 1
    return supposition.departure(machine, finding.program, expected, until) is not None


def _guards(machine: Machine, finding: Finding, supposition: Supposition) -> Iterable[Guard]:
    """What was so one of the last times before the difference that its rules were applied."""
    program = finding.program[: finding.difference.at + 1]
    occasions = islice(supposition.occasions(machine, program), _LOOKED_BACK)
    special = (guard for occasion in occasions for guard in guards(occasion))
    return {each.says: each for each in special}.values()


def _at_most(supposition: Supposition) -> frozenset[Rule]:
    """The rules that may come to make the mistake, too; see `_more`."""
    if supposition.change is None or supposition.change.of_any_op:
        return frozenset(Rule)
    family = {op for rule in supposition.rules for op in op_family(rule)}
    return frozenset(rule for rule in Rule if op_of(rule) in family)


def _may_do(machine: Machine, supposition: Supposition, alike: Sequence[Run]) -> bool:
    """Whether it may be behind nearly all of those runs, of which each deviates."""
    if supposition.guard.counts:
        return True  # how often depends on which rules make it
    misses = (1 - _NEARLY_ALL) * len(alike)
    for run in alike:
        assert run.difference is not None
        if not supposition.may_show(machine, run.program, run.expected, run.difference.at):
            misses -= 1
            if misses < 0:
                return False
    return True


def _fitted(
    machine: Machine, finding: Finding, runs: Runs, supposition: Supposition
) -> tuple[Supposition, Score] | None:
    """The supposition with as many rules as fit best, None where nothing fits.

    Other rules make the same mistake where a run shows that one does, or where more is explained
    then.
    """
    if not explains(machine, supposition, finding):
        return None
    best: tuple[Supposition, Score] | None = None
    tried = set(supposition.rules)
    while True:
        result = runs.score(supposition)
        if isinstance(result, Score) and (best is None or result.explains_more(best[1])):
            best = supposition, result
        if best is not None:
            supposition, more = best[0], _more(best[0], finding, best[1].open, tried)
        elif isinstance(result, Run) and result.difference is not None:
            more = _more(supposition, finding, (result,), tried)
        else:
            more = []
        if not more:
            return best
        tried.add(more[0])
        supposition = replace(supposition, rules=supposition.rules | {more[0]})


def _more(
    supposition: Supposition, finding: Finding, runs: tuple[Run, ...], tried: set[Rule]
) -> list[Rule]:
    """The rules not tried that may make the same mistake: taken in those runs, of the same op;
    where it is the answer that is wrong, those at which it is so, too."""
    family = {op for rule in supposition.rules for op in op_family(rule)}
    anywhere = supposition.change is not None and supposition.change.of_any_op
    if supposition.change is None:
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
