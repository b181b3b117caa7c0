"""The dialect that an implementation comes nearest to."""

from __future__ import annotations

from dataclasses import dataclass

from streamstate.model import Dialect
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.difference import Kind
from streamstate.wire import agrees, trace


@dataclass(frozen=True, slots=True)
class Nearest:
    """A point of the lattice, and in how many of the programs tried an implementation deviates
    from it. It fits, as far as was tried, where that is 0."""

    dialect: Dialect
    deviating: int
    programs: int


def explains(dialect: Dialect, asked: Dialect, deviation: Deviation) -> bool:
    """Whether `dialect` answers as was observed, up to where that differs from the one asked.
    O(ops)."""
    difference = deviation.difference
    if difference.kind in {Kind.FAILED, Kind.LATE}:
        return False
    program = deviation.program[: difference.at + 1]
    theirs = [answered.json for answered in trace(program, dialect, deviation.limits)]
    before = [answered.json for answered in trace(program[:-1], asked, deviation.limits)]
    return all(map(agrees, theirs, [*before, difference.observed]))
