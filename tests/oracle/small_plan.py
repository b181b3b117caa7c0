"""A plan that is through in a moment, for tests that are not about the plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from itertools import islice

from streamstate.model import Dialect
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program
from streamstate.oracle.suites.plan import Suite, default_plan

_LONG = 300
_SHORT = 150


def small_plan(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """At most so many programs of each suite of the default plan, from all over it."""
    for suite, programs in _planned(machine.dialect, frozenset(capabilities), seed):
        yield suite._replace(programs=iter(programs))


@cache
def _planned(
    dialect: Dialect, capabilities: frozenset[str], seed: int
) -> tuple[tuple[Suite, tuple[Program, ...]], ...]:
    planned = default_plan(CachedModel(dialect), capabilities, seed)
    return tuple((suite, tuple(_some(suite))) for suite in planned)


def _some(suite: Suite) -> Iterator[Program]:
    long = suite.interleaved or suite.name == "random"
    most, step = (_LONG, 1) if long else (_SHORT, 13)
    if suite.name == "cancelling":
        most, step = _LONG, 9
    return islice(suite.programs, 0, most * step, step)
