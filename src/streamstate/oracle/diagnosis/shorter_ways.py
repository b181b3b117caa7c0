"""Which rule to blame for a long finding: one that a shorter way to the same state does without.

The state of a stream says all that an op on it may depend on. So one or two ops are left out of the
finding. If the rest leads to the same state and is answered rightly, none of its rules is to blame.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations
from typing import Final

from streamstate.model import (
    Close,
    Create,
    Delete,
    Error,
    Idle,
    IsQueueFull,
    Pull,
    Push,
    PushesWaiting,
    Rule,
    Waiting,
)
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Expected
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rulesets import bit_of
from streamstate.oracle.suites.races import may_be_asked
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.oracle.verdict.deviation import Difference
from streamstate.wire import is_array


def is_out_of_turn(difference: Difference) -> bool:
    """Whether another pull is settled than the one that waits for the longest. Which one that is
    was decided where they began to wait."""
    settled = [settled_in(each)[:1] for each in (difference.expected, difference.observed)]
    pulls = [each[0] for answer in settled for each in answer if is_array(each)]
    return len(pulls) == 2 and pulls[0] != pulls[1]


def wait_in_turn(runner: Runner, finding: Finding) -> bool:
    """Whether an op of another kind settles the pulls that wait there in turn: then they wait as
    they should, and the op that does not is to blame. Runs four programs at most."""
    *before, last = finding.program[: finding.difference.at + 1]
    stream = last.stream
    if stream is None:
        return False
    pulls = sum(each.pulls for each in before)
    pushes = tuple(Push(stream, bytes([place])) for place in range(pulls))
    ways = (pushes, (Close(stream),), (Delete(stream),), (Error(stream, "e"),))
    others = [way for way in ways if type(way[0]) is not type(last.op)]
    programs = [(*before, *program_of(way)) for way in others]
    return None in runner.try_all(programs, finding.limits)


def is_never_made(runner: Runner, finding: Finding) -> bool:
    """Whether ops of every kind on its stream are wrong, where nothing but creates came before:
    then the stream was not made. Runs three programs of at most as many ops as the number says."""
    number = finding.program[finding.difference.at].stream
    if number is None:
        return False
    made = (Create(),) * sum(isinstance(each.op, Create) for each in finding.program)
    looks = (Push(number, b"a"), Pull(number), IsQueueFull(number))
    programs = [program_of((*made, look)) for look in looks]
    return None not in runner.try_all(programs, finding.limits)


def uncleared(
    runner: Runner, model: CachedModel, finding: Finding, before: Sequence[Rule]
) -> Sequence[Rule]:
    """Those of the rules before a finding that no right way takes. Empty if there is no such way,
    or the finding is very long."""
    program = finding.program[: finding.difference.at + 1]
    expected, last = model.expect(program), len(program) - 1
    here = _exactly(model, expected, last, program[last].stream)
    if last > _NOT_LONG:
        return []
    shorter = [
        tuple(each for place, each in enumerate(program) if place not in gone)
        for gone in chain(combinations(range(last), 1), combinations(range(last), 2))
    ]
    ways = [
        each
        for each in dict.fromkeys(shorter)
        if may_be_asked(model, [turn.op for turn in each])
        and here == _exactly(model, model.expect(each), len(each) - 1, each[-1].stream)
    ]
    shown = runner.try_all(ways, finding.limits)
    right = [way for way, found in zip(ways, shown, strict=True) if found is None]
    cleared = 0
    for way in right:
        cleared |= model.expect(way[:-1]).rules
    return [rule for rule in before if not cleared & bit_of(rule)] if right else []


_NOT_LONG: Final = 40
"""Ops of a program from which any two are left out."""


def _exactly(model: CachedModel, expected: Expected, at: int, number: int | None) -> object:
    """All that op `at` finds on its stream."""
    state = model.state(expected.links[at - 1].target if at else model.root)
    match None if number is None else state.find(number):
        case Waiting(_, _, others):
            return len(others)
        case Idle(_, status, queue):
            return status, queue.chunks()
        case PushesWaiting(_, queue, _, others, closed):
            return queue.chunks(), len(others), closed
        case None:
            return None
