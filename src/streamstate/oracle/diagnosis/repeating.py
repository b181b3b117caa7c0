"""Tells whether a deviation comes again if its program runs alone, and what it means if not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from streamstate.model import Limits
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.clustering import Case
from streamstate.oracle.diagnosis.localisation import Pool, Suspicion
from streamstate.oracle.programs.program import Program, symbol
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.tally import Example

_BEFORE: Final = 400
"""How many earlier programs of the plan may run to find out whether they show in a program."""


def confirmed(runner: Runner, case: Case) -> Case:
    """The case, if its program deviates where nothing ran before it; else the case as it was
    found."""
    deviation = case.deviation
    if not deviation.repeatable or runner.is_over():
        return case
    program = tuple(map(symbol, deviation.program))
    if runner.try_fresh(program, deviation.limits) is not None or runner.is_over():
        return case
    if case.example is None:
        return replace(case, deviation=replace(deviation, repeatable=False))
    return as_found(case.example, deviation.programs, repeatable=False)


def as_found(example: Example, programs: int, *, repeatable: bool) -> Case:
    """A deviation as the plan has shown it, with nothing known of its cause."""
    end = len(example.program) if not repeatable else example.difference.at + 1
    ops = tuple(each.op for each in example.program[:end])
    deviation = Deviation(
        example.rule,
        example.rule,
        ops,
        example.limits,
        example.difference,
        programs,
        repeatable=repeatable,
        minimal=False,
    )
    return Case(deviation, Suspicion(example.rule), example=example)


def leaks(runner: Runner, case: Case, pool: Pool) -> bool:
    """Whether its program gets right answers where it runs first, and wrong ones, twice, after
    others: those of the plan, or one without limits if it has limits."""
    example = case.example
    if case.deviation.repeatable or example is None:
        return False
    programs = pool(example.limits)
    at = programs.index(example.program) if example.program in programs else 0
    before = programs[max(0, at - _BEFORE) : at]

    def is_wrong_after(others: Sequence[Program], limits: Limits | None) -> bool:
        if runner.try_fresh(example.program, example.limits) is not None:
            return False
        runner.close()
        runner.try_all(others, limits)
        return runner.try_one(example.program, example.limits) is not None

    if all(is_wrong_after(before, example.limits) for _ in range(2)):
        return True
    has_limits = example.limits is not None
    return has_limits and all(is_wrong_after((example.program,), None) for _ in range(2))
