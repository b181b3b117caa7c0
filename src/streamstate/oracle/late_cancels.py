"""Where a cancel is noticed only when its awaiter runs, it comes last of what is done together.

Then the rule of a cancel that was asked for earlier is not the one at fault, though the model takes
it. So a together that deviates is put in the order in which such awaiters notice, and what that
shows is gone on with. Of an implementation that notices at once, the order asked for stays, unless
it deviates in both.
"""

from __future__ import annotations

from streamstate.model import CancelPull
from streamstate.oracle.laboratory import Finding, Laboratory
from streamstate.oracle.letters import Word, letter
from streamstate.oracle.plan.cancelling import is_asked_for
from streamstate.wire import Together


def with_cancels_last(laboratory: Laboratory, finding: Finding) -> Finding:
    """The finding, or that of the same program with the cancels of the turn that differs put last,
    if it deviates in the same way. One run at most."""
    program = _cancels_last(finding.program, finding.difference.at)
    if program == finding.program:
        return finding
    if not is_asked_for(laboratory.machine(finding.limits), [each.op for each in program]):
        return finding
    moved = laboratory.try_one(program, finding.limits)
    if moved is None or moved.difference.kind is not finding.difference.kind:
        return finding
    return moved


def _cancels_last(program: Word, at: int) -> Word:
    turn = program[at].op
    if not isinstance(turn, Together):
        return program
    ops = tuple(sorted(turn.ops, key=lambda op: isinstance(op, CancelPull)))
    return (*program[:at], letter(Together(ops)), *program[at + 1 :])
