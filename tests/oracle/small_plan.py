"""A plan that is through in a moment, for tests that are not about the plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from streamstate.oracle.machine import Machine
from streamstate.oracle.plan import Suite, suites

_LONG = 300
_SHORT = 150


def small_plan(machine: Machine, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """At most so many programs of each suite of the default plan, from all over it."""
    for suite in suites(machine, capabilities, seed):
        long = suite.name in {"structured", "random"}
        most, step = (_LONG, 1) if long else (_SHORT, 13)
        if suite.name == "cancelling":
            most, step = _LONG, 9
        yield suite._replace(programs=islice(suite.programs, 0, most * step, step))
