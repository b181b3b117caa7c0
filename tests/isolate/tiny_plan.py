"""A plan for a slow implementation: a few programs of each suite of the default plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from streamstate.oracle.machine import Machine
from streamstate.oracle.plan import Planner, Suite
from tests.oracle.small_plan import small_plan


def tiny_plan(most: int) -> Planner:
    """At most so many programs of each suite, those about large chunks left out."""

    def planned(machine: Machine, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
        for suite in small_plan(machine, capabilities, seed):
            if suite.name != "large":
                yield suite._replace(programs=islice(suite.programs, most))

    return planned



