"""If awaiters notice a cancel only when they run, moves the cancel to the end of what is done
together.

Otherwise the rule of an earlier cancel would be blamed, since the model takes it. So togethers in a
program that deviates are put in the order in which such awaiters notice, and diagnosis goes on with
what that shows. If the implementation notices at once, the order asked for stays, unless it
deviates in both.
"""

from __future__ import annotations

from streamstate.model import CancelPull
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.programs.program import Program, Symbol, symbol
from streamstate.oracle.suites.races import may_be_asked
from streamstate.wire import Together


def with_cancels_last(runner: Runner, finding: Finding) -> Finding:
    """The finding; or that of the same program with the cancels of each together put last, if it
    deviates in the same way. One run at most."""
    program = tuple(map(_cancels_last, finding.program))
    if program == finding.program:
        return finding
    if not may_be_asked(runner.model(finding.limits), [each.op for each in program]):
        return finding
    moved = runner.try_one(program, finding.limits)
    if moved is None or moved.difference.kind is not finding.difference.kind:
        return finding
    return moved


def has_cancels_last(program: Program) -> bool:
    """Whether it means the same to awaiters that notice at once and to those that notice late."""
    return all(_cancels_last(each) == each for each in program)


def _cancels_last(each: Symbol) -> Symbol:
    turn = each.op
    if not isinstance(turn, Together):
        return each
    return symbol(Together(tuple(sorted(turn.ops, key=lambda op: isinstance(op, CancelPull)))))
