"""The default plan, made once for all implementations of a dialect."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from streamstate.model import Dialect
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program
from streamstate.oracle.suites.plan import Suite, default_plan


def remembered(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """The suites of `suites`, with the same programs."""
    for suite, programs in _planned(machine.dialect, frozenset(capabilities), seed):
        yield suite._replace(programs=iter(programs))


@lru_cache(maxsize=4)
def _planned(
    dialect: Dialect, capabilities: frozenset[str], seed: int
) -> tuple[tuple[Suite, tuple[Program, ...]], ...]:
    planned = default_plan(CachedModel(dialect), capabilities, seed)
    return tuple((suite, tuple(suite.programs)) for suite in planned)
