"""Where nothing but views differs: whether what streams do is right, so that get is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from streamstate.model import Close, Delete, Get, IsQueueFull, Pull, Push, Rule
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis.clustering import Case
from streamstate.oracle.diagnosis.localisation import Pool, Suspicion, suspect
from streamstate.oracle.programs.program import program_of, symbol
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.wire import Turn

_PULLS: Final = 5


def blamed_on_get(runner: Runner, case: Case, pool: Pool) -> Case:
    """For where nothing but views differs: what streams do is right, so it is get that is wrong,
    unless ops show it as well, or views of the same situation are right where it was reached in
    another way."""
    deviation = case.deviation
    if deviation.repeatable and _shows_in_ops(runner, deviation):
        return case
    looked = Rule.GET_1 if deviation.difference.expected == [None, []] else Rule.GET_2
    rule = looked
    finding: Finding | None = None
    if deviation.repeatable:
        program = tuple(map(symbol, deviation.program))
        finding = Finding(program, deviation.limits, deviation.difference, deviation.rule)
        rule = suspect(runner, finding, pool).rule
    blamed = replace(deviation, rule=rule, seen_at=looked)
    found = None if rule is looked else finding
    return replace(case, deviation=blamed, suspicion=Suspicion(rule), finding=found, seen=rule)


def _shows_in_ops(runner: Runner, deviation: Deviation) -> bool:
    """Whether something is wrong with what ops do, too, after what a view shows to be wrong."""
    ops = [turn for turn in deviation.program if not isinstance(turn, Get)]
    look = deviation.program[deviation.difference.at]
    stream = look.stream if isinstance(look, Get) else 1
    pulls = (Pull(stream),) * _PULLS
    ends: tuple[tuple[Turn, ...], ...] = (
        pulls,
        (Push(stream, b"last"), *pulls),
        (Close(stream), *pulls),
        (IsQueueFull(stream), Delete(stream), IsQueueFull(stream)),
    )
    programs = [program_of((*ops, *end)) for end in ends]
    return any(runner.try_all(programs, deviation.limits))
