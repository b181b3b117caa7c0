"""What comes of ops that are not done when they are answered: pulls that settle an op late.

The next op then finds what is not done yet, whatever it is. So an op that does nothing is put after
each of the late ones: what goes well then needs no other cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from streamstate.model import IsQueueFull, Op
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.clustering import Case, merge
from streamstate.oracle.programs.editing import inner_ops
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.verdict.deviation import Deviation, Kind
from streamstate.wire import Turn

_NOWHERE: Final = 2**31 - 1
"""A number that no stream has."""


def with_what_comes_of_it(runner: Runner, cases: Sequence[Case]) -> list[Case]:
    """The cases, and first the one of an op that is late, made one with those that go well once
    such ops are given time."""
    late = next((case for case in cases if case.deviation.difference.kind is Kind.LATE), None)
    if late is None:
        return [*cases]
    kind = _last_shown(late.deviation)
    deviation, left = late.deviation, []
    for case in cases:
        if case is late:
            continue
        if case.deviation.repeatable and _goes_well_in_time(runner, case.deviation, kind):
            deviation = merge(deviation, case.deviation)
        else:
            left.append(case)
    return [replace(late, deviation=deviation), *left]


def _goes_well_in_time(runner: Runner, deviation: Deviation, kind: type[Op]) -> bool:
    """Whether nothing but such ops is late where an op that does nothing comes after each."""
    turns: list[Turn] = []
    for turn in deviation.program[: deviation.difference.at + 1]:
        inner = inner_ops(turn)
        late = any(isinstance(op, kind) for op in inner)
        turns += _with_time(inner, kind) if late else (turn,)
    program = program_of(turns)
    found = runner.try_one(program, deviation.limits)
    return found is None or (
        found.difference.kind is Kind.LATE and isinstance(program[found.difference.at].op, kind)
    )


def _with_time(ops: Sequence[Op], kind: type[Op]) -> Iterator[Turn]:
    """The ops one after the other."""
    for op in ops:
        yield op
        if isinstance(op, kind):
            yield IsQueueFull(_NOWHERE)


def _last_shown(deviation: Deviation) -> type[Op]:
    return type(inner_ops(deviation.program[deviation.difference.at])[-1])
