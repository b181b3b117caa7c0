"""Turns groups of differences into deviations: shrunk, blamed on a rule, each distinct cause
once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

from streamstate.model import Dialect, Rule
from streamstate.oracle.adapters.garbage import seldom_collected
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis import in_one_turn
from streamstate.oracle.diagnosis.clustering import Case, merge, merged, ops_of
from streamstate.oracle.diagnosis.followed import followed
from streamstate.oracle.diagnosis.hypotheses.composition import Composition
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.late_answers import with_what_comes_of_it
from streamstate.oracle.diagnosis.late_cancels import with_cancels_last
from streamstate.oracle.diagnosis.localisation import Pool
from streamstate.oracle.diagnosis.minimisation import alike_to, shrink
from streamstate.oracle.diagnosis.nearest_dialect import nearest
from streamstate.oracle.diagnosis.policies import by_policy
from streamstate.oracle.diagnosis.repeating import as_found, confirmed, leaks
from streamstate.oracle.diagnosis.shortest import Shorter, is_shortest
from streamstate.oracle.diagnosis.views import (
    LOOKS,
    MOST_OPS,
    blamed_on_get,
    localised,
    own_view,
    seen_first,
)
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import symbol
from streamstate.oracle.programs.rulesets import RULES
from streamstate.oracle.verdict.deviation import Deviation, Kind
from streamstate.oracle.verdict.tally import Group, Tally
from streamstate.oracle.verdict.verdict import Nearest, explains

MAX_SHRUNK: Final = 20
"""How many groups of differences diagnosis looks into; it counts the others."""

MAX_COME: Final = 6
"""How many groups it looks into of those that come to light once a mistake is known."""

_EFFORT: Final = 0.06
"""Units of effort for each op of the plan that was run."""

_LEAST: Final = 15_000
"""Units of effort for a few programs."""


class Diagnosis(NamedTuple):
    """The deviations behind groups of differences, in the order in which to mend them. `leaks` says
    that programs see what earlier ones left; `cut`, that the budget ran out before the end.
    `follows` is another dialect, some of whose policies explain the first deviations; the others
    are told as that dialect sees them."""

    deviations: tuple[Deviation, ...] = ()
    leaks: bool = False
    cut: bool = False
    follows: Dialect | None = None


def diagnose(runner: Runner, tally: Tally, pool: Pool) -> Diagnosis:
    """The causes of the differences that a campaign found. Runs nothing if there are none."""
    if not tally.groups:
        return Diagnosis()
    runner.hello()  # it starts the implementation, so that it is known where it runs
    with seldom_collected(here=runner.is_here()):
        return _diagnosed(runner, tally, pool)


def _diagnosed(runner: Runner, tally: Tally, pool: Pool) -> Diagnosis:
    """The causes of the differences, at least one."""
    looked_into = with_what_comes_of_it(runner, _looked_into(runner, tally.groups.values()))
    looked_into.sort(key=_size)  # where a clear is as short as a delete, the delete tells more
    bursts = in_one_turn.told(case for case in looked_into if case.in_one_turn)
    cases = [case for case in looked_into if not case.in_one_turn]
    quiet = _of_quiet(runner, tally, pool, cases) if cases else Diagnosis()
    again = (_with_own_view(runner, confirmed(runner, case).deviation) for case in bursts)
    return quiet._replace(deviations=(*quiet.deviations, *again), cut=runner.is_over())


def _of_quiet(runner: Runner, tally: Tally, pool: Pool, cases: list[Case]) -> Diagnosis:
    """The causes of cases that do not depend on ops being done together."""
    if not any(_shows_in_an_op(each) for each in cases):
        cases = [blamed_on_get(runner, case, pool) for case in cases]
    cases.sort(key=_size)
    if runner.is_over() or _size(cases[0])[0] > MOST_OPS:
        return _told(runner, cases, pool)
    if _are_of_another_dialect(runner, cases):
        return _told(runner, cases, pool, by_op=False)  # each policy is one
    asked = runner.model(None).dialect
    follows = followed(asked, tally.past, [case.deviation for case in cases])
    of_policies = [case for case in cases if explains(follows, asked, case.deviation)]
    effort = Effort(max(_LEAST, tally.ops * _EFFORT), runner.is_over)
    plain = Composition(runner, pool, tally.past, _come_to_light, effort)
    if not of_policies:
        return _told(runner, plain.told(cases), pool)
    told = plain.told(cases, at_most=1)
    if len(told) == 1:
        return _told(runner, told, pool)  # one cause says more than a policy beside others
    first = _told(runner, of_policies, pool, by_op=False)
    under = runner.expecting(partial(CachedModel, follows))
    cases = Composition(under, pool, tally.past, _come_to_light, effort).told_of_the_plan()
    rest = _told(runner, list(_as_asked(runner, cases)), pool)
    deviations = by_policy(first.deviations, asked, Nearest(follows, 0, 0)) + rest.deviations
    return Diagnosis(deviations, first.leaks or rest.leaks, rest.cut, follows)


def _shows_in_an_op(case: Case) -> bool:
    """Whether it is something else than a view that is wrong, or was in the plan."""
    shown = case.deviation.difference, *(() if case.example is None else (case.example.difference,))
    return any(each.kind is not Kind.VIEW for each in shown)


def _told(runner: Runner, cases: Sequence[Case], pool: Pool, *, by_op: bool = True) -> Diagnosis:
    """The cases as deviations, with those of one cause made one."""
    cases = localised(runner, cases, pool)
    again = [confirmed(runner, case) for case in merged(cases, by_op=by_op)]
    cases = merged(again, by_op=by_op)
    cut = runner.is_over()
    leaking = any(leaks(runner, case, pool) for case in cases)
    cases.sort(key=_hides)
    shown = (_seen_where_it_shows(runner, case.deviation) for case in cases)
    return Diagnosis(tuple(_with_own_view(runner, each) for each in shown), leaking, cut)


def _as_asked(runner: Runner, cases: Iterable[Case]) -> Iterator[Case]:
    """Cases of another dialect, as the dialect asked for sees them, if it deviates at the same op.
    The others show once somebody asks for that other dialect."""
    for case in cases:
        deviation = case.deviation
        program = tuple(map(symbol, deviation.program))
        (plain,) = runner.recall_all((program,), deviation.limits)
        if plain is not None and plain.difference.at == deviation.difference.at:
            yield replace(case, deviation=replace(deviation, difference=plain.difference))


def _looked_into(runner: Runner, groups: Iterable[Group]) -> list[Case]:
    """A case for each group. The one with the smallest program comes first: diagnosis tries that
    program where nothing ran before it, and so the others if it is not wrong then."""
    ordered = sorted(groups, key=lambda group: group.smallest.size)
    shorter = Shorter(runner)
    cases: list[Case] = []
    for group in ordered[:MAX_SHRUNK]:
        fresh = not (cases and cases[-1].deviation.repeatable)
        _join(cases, _look_into(runner, group, shorter, fresh=fresh))
    return cases


def _join(cases: list[Case], case: Case) -> None:
    """Add a case, or count it with the one that the same program shows."""
    shown = case.deviation.program, case.deviation.limits
    for place, each in enumerate(cases):
        if (each.deviation.program, each.deviation.limits) == shown:
            cases[place] = replace(each, deviation=merge(each.deviation, case.deviation))
            return
    cases.append(case)


def _come_to_light(runner: Runner, groups: Sequence[Group]) -> list[Case]:
    """The smallest group that nothing known explains."""
    ordered = sorted(groups, key=lambda group: group.smallest.size)
    shorter = Shorter(runner)
    found = (_look_into(runner, each, shorter, fresh=False) for each in ordered[:MAX_COME])
    return [case for case in found if not case.in_one_turn]


def _are_of_another_dialect(runner: Runner, cases: Sequence[Case]) -> bool:
    """Whether one dialect explains them all, so that no mistake needs to be looked for."""
    found = nearest(runner)
    asked = runner.model(None).dialect
    return (
        found is not None
        and not found.deviating
        and all(explains(found.dialect, asked, case.deviation) for case in cases)
    )


def _seen_where_it_shows(runner: Runner, deviation: Deviation) -> Deviation:
    """The deviation, seen at the op before its view if its program ends in one. The rule at which
    the difference showed first may not be in that program."""
    at, first = deviation.difference.at, deviation.seen_at
    if deviation.difference.kind is not Kind.VIEW or first in LOOKS or not at:
        return deviation
    program = tuple(map(symbol, deviation.program))
    seen_at = runner.model(deviation.limits).expect(program).links[at - 1].rule
    others = tuple(dict.fromkeys((*deviation.others, first)))
    others = tuple(rule for rule in others if rule not in (deviation.rule, seen_at))
    return replace(deviation, seen_at=seen_at, others=others)


def _with_own_view(runner: Runner, deviation: Deviation) -> Deviation:
    if not deviation.repeatable:
        return deviation
    program, limits = tuple(map(symbol, deviation.program)), deviation.limits
    shown = own_view(runner, program, limits, deviation.difference)
    threw = deviation.difference.kind is Kind.THREW
    until = program[: deviation.difference.at + 1]
    traceback = runner.traceback(until, limits) if threw else ()
    return replace(deviation, own_view=shown, traceback=traceback)


def _hides(case: Case) -> tuple[bool, int]:
    """Sorts first what hides most: an adapter that fails, then what most programs show."""
    return case.deviation.difference.kind is not Kind.FAILED, -case.deviation.programs


def _size(case: Case) -> tuple[int, int]:
    return ops_of(case.deviation), RULES.index(case.deviation.seen_at)


def _look_into(runner: Runner, group: Group, shorter: Shorter, *, fresh: bool) -> Case:
    example = group.smallest
    try_it = runner.try_fresh if fresh else runner.try_one
    again = try_it(example.program, example.limits)
    if again is None:
        return as_found(example, group.programs, repeatable=runner.is_over())
    again = in_one_turn.one_by_one(runner, with_cancels_last(runner, again))
    smallest = _shortest(shrink(runner, again), shorter)
    if (burst := in_one_turn.case_of(runner, smallest, group)) is not None:
        return burst
    blamed, suspicion = seen_first(runner, smallest)
    if blamed is not smallest:
        blamed = _shortest(blamed, shorter, blamed.rule)
    by_view = blamed.difference.kind is Kind.VIEW
    rule = blamed.rule if suspicion is None else suspicion.rule
    ops = tuple(each.op for each in blamed.program)
    seen_at = smallest.rule if by_view else blamed.rule
    deviation = Deviation(
        rule,
        seen_at,
        ops,
        blamed.limits,
        blamed.difference,
        group.programs,
        others=tuple({smallest.rule} - {seen_at, rule}),
        shortest=is_shortest(blamed) and not runner.is_over(),
        minimal=blamed.minimal,
    )
    seen = rule if by_view or rule in LOOKS else None
    return Case(deviation, suspicion, blamed, seen, example)


def _shortest(finding: Finding, shorter: Shorter, rule: Rule | None = None) -> Finding:
    """The finding, or a like one with fewer ops (and of `rule`, if given), if so few are left that
    all of those can run."""
    if not is_shortest(finding):
        return finding
    alike = alike_to(finding)
    return next(
        (
            each
            for each in shorter.than(len(finding.program), finding.limits)
            if alike(each) and rule in (None, each.rule)
        ),
        finding,
    )
