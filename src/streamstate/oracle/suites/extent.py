"""How large a plan is, and which shard has how much of it, with no more made than needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from streamstate.oracle.suites.complete import Spelt
from streamstate.oracle.suites.plan import Suite, at_once, in_order


class Extent(NamedTuple):
    """Programs and ops of a plan; for each of its shards, from the first, how many programs of each
    suite are in it."""

    programs: int
    ops: int
    shards: tuple[Counter[str], ...]


def extent(planned: Iterable[Suite], shards: int = 1) -> Extent:
    """Of a plan in so many shards. Words of complete suites are counted and not made."""
    programs = ops = 0
    parts = tuple(Counter[str]() for _ in range(shards))
    for suites in at_once(planned):
        spelt = of_spelt(suites[0])
        if spelt is not None:
            for number, part in enumerate(parts):
                first = (number - programs) % shards
                part[suites[0].name] += max(0, -(-(spelt.programs - first) // shards))
            programs += spelt.programs
            ops += spelt.ops
            continue
        for suite, program in in_order(suites):
            parts[programs % shards][suite.name] += 1
            programs += 1
            ops += len(program)
    return Extent(programs, ops, tuple(+part for part in parts))


class Size(NamedTuple):
    """Programs and ops."""

    programs: int
    ops: int


def of_spelt(suite: Suite) -> Size | None:
    """Of a complete suite; None for any other."""
    if suite.complete is None or not isinstance(suite.programs, Spelt):
        return None
    words, inputs = suite.programs.size
    return Size(words, inputs + words * len(suite.complete.abstraction.setup))
