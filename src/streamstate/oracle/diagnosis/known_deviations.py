"""What a check comes to in view of the deviations that are known.

The program of each entry is run, so that an entry is in force only as long as it still deviates in
that way. One that does not is an error: else the file would come to excuse what nobody knows of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streamstate.model import Dialect
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.verdict.comparing import first_difference
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.difference import Kind
from streamstate.oracle.verdict.known import (
    Changed,
    Gone,
    Known,
    Reckoning,
    Standing,
    Stands,
    Unanswered,
)
from streamstate.wire import Turn


def applying(known: Iterable[Known], dialect: Dialect) -> tuple[Known, ...]:
    """Those that say nothing of another dialect."""
    return tuple(each for each in known if each.dialect in {None, dialect})


def try_known(runner: Runner, known: Iterable[Known]) -> tuple[Standing, ...]:
    """How each stands today: its program is run on the implementation."""
    return tuple(_try(runner, each) for each in known)


def _try(runner: Runner, known: Known) -> Standing:
    program = program_of(known.program)
    (reply,) = runner.replies((program,), known.limits)
    if reply is None:
        return Unanswered(known)
    expected = [link.json for link in runner.model(known.limits).expect(program).links]
    difference = first_difference(expected, reply, exact=runner.is_exact())
    if difference is None:
        return Gone(known)
    if difference.kind is Kind.FAILED or known.kind not in {None, difference.kind}:
        return Changed(known, difference)
    return Stands(known, difference.kind)


def reckon(deviations: Iterable[Deviation], standings: Sequence[Standing]) -> Reckoning:
    """Hold deviations against what is known. O(deviations · entries · length)."""
    left: list[Deviation] = []
    excused: list[tuple[Deviation, Known]] = []
    for deviation in deviations:
        entry = next((each.known for each in standings if _excuses(each, deviation)), None)
        if entry is None:
            left.append(deviation)
        else:
            excused.append((deviation, entry))
    return Reckoning(tuple(left), tuple(excused), tuple(standings))


def _excuses(standing: Standing, deviation: Deviation) -> bool:
    if not isinstance(standing, Stands) or standing.kind is not deviation.difference.kind:
        return False
    known = standing.known
    if known.limits != deviation.limits:
        return False
    shown_in = deviation.program[: deviation.difference.at + 1]
    return known.rule is deviation.rule or _holds(shown_in, known.program)


def _holds(ops: Sequence[Turn], wanted: Sequence[Turn]) -> bool:
    """Whether `wanted` is `ops` with some of them left out."""
    rest = iter(ops)
    return all(each in rest for each in wanted)


def listed(reckoning: Reckoning, dialect: Dialect) -> tuple[Known, ...]:
    """What to list of all that deviates now: entries in force as they are, and the rest without a
    reason. What does not come again cannot be listed, nor what the adapter itself fails at."""
    standing = [each.known for each in reckoning.standings if isinstance(each, Stands)]
    new = [_known(each, dialect) for each in reckoning.left if _can_be_listed(each)]
    return (*standing, *new)


def _can_be_listed(deviation: Deviation) -> bool:
    return deviation.repeatable and deviation.difference.kind is not Kind.FAILED


def _known(deviation: Deviation, dialect: Dialect) -> Known:
    return Known(
        where="",
        rule=deviation.rule,
        program=deviation.program,
        reason="",
        kind=deviation.difference.kind,
        dialect=dialect,
        limits=deviation.limits,
    )
