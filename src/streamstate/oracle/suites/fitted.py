"""Fits a plan to an implementation that lacks ops, or has fixed limits.

A library may lack ops. Programs then run without these, and complete suites make claims only about
the other inputs. If nobody can set its limits, all programs are for the limits that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from streamstate.oracle.adapters.implementation import Hello
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, names_of, without
from streamstate.oracle.suites.complete import CompleteSuite
from streamstate.oracle.suites.plan import PlanError, Suite
from streamstate.oracle.suites.races import may_be_asked
from streamstate.oracle.verdict.verdict import SINGLE


def fitted(planned: Iterable[Suite], hello: Hello, model: CachedModel) -> Iterator[Suite]:
    """The suites of a plan as that implementation can run them. `model` is the dialect's.

    Raises `PlanError` where a single program was asked for that it cannot run.
    """
    with_limits = CachedModel(model.dialect, hello.limits)
    for suite in planned:
        if suite.limits not in {None, hello.limits} and "limits" not in hello.capabilities:
            raise PlanError("the adapter does not offer limits, so the program cannot have any")
        if not hello.lacks and hello.limits is None:
            yield suite
            continue
        limits = hello.limits if suite.limits is None else suite.limits
        fitting = _complete(suite, hello, with_limits) if suite.complete else suite
        if fitting is not None:
            if fitting.complete is None:
                programs = _without(fitting, hello.lacks, with_limits)
                fitting = fitting._replace(programs=programs)
            yield fitting._replace(limits=limits)


def _without(suite: Suite, lacks: frozenset[str], model: CachedModel) -> Iterator[Program]:
    """The suite's programs without those ops, each once."""
    seen: Final[set[Program]] = set()
    for program in suite.programs:
        left = without(program, lacks)
        if left is program:
            yield program
            continue
        if suite.name == SINGLE:
            raise PlanError(f"the adapter lacks {', '.join(sorted(lacks))}, and the program has it")
        if left not in seen and may_be_asked(model, [each.op for each in left]):
            seen.add(left)
            yield left


def _complete(suite: Suite, hello: Hello, model: CachedModel) -> Suite | None:
    """The complete suite for the remaining inputs; None if its setup needs others, or if only the
    others tell its states apart."""
    whole = suite.complete
    assert whole is not None
    abstraction = whole.abstraction
    if any(names_of(op) & hello.lacks for op in abstraction.setup):
        return None
    inputs = tuple(op for op in abstraction.inputs if not names_of(op) & hello.lacks)
    named = frozenset().union(*map(names_of, abstraction.inputs))
    left_out = ", ".join(sorted(named & hello.lacks))
    says = f"{abstraction.says}, without {left_out}" if left_out else abstraction.says
    limits = hello.limits if abstraction.limits is None else abstraction.limits
    fitting = replace(abstraction, inputs=inputs, says=says, limits=limits)
    complete = CompleteSuite(fitting, model, whole.extra_states)
    if not complete.exists:
        return None
    return suite._replace(says=says, programs=complete.programs(), complete=complete)
