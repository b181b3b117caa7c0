"""Applies a list of known deviations to the result of a check.

The program of each entry runs, so an entry is in force only as long as its program still deviates
in that way. One that does not is an error: otherwise the file would come to excuse what nobody
knows about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from streamstate.model import Dialect
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.verdict.comparing import first_difference
from streamstate.oracle.verdict.deviation import Deviation, Kind
from streamstate.oracle.verdict.known import Changed, Gone, Known, KnownStatus, Stands, Unanswered
from streamstate.oracle.verdict.verdict import Excused, Verdict
from streamstate.wire import Turn


def applying(known: Iterable[Known], dialect: Dialect) -> tuple[Known, ...]:
    """The entries that do not name another dialect."""
    return tuple(each for each in known if each.dialect in {None, dialect})


def try_known(runner: Runner, known: Iterable[Known]) -> tuple[KnownStatus, ...]:
    """The outcome of each entry, whose program runs on the implementation."""
    return tuple(_try(runner, each) for each in known)


def _try(runner: Runner, known: Known) -> KnownStatus:
    program = program_of(known.program)
    (reply,) = runner.replies((program,), known.limits)
    if reply is None:
        return Unanswered(known)
    expected = [link.json for link in runner.model(known.limits).expect(program).links]
    difference = first_difference(expected, reply, exact=runner.is_exact())
    if difference is None:
        return Gone(known)
    if difference.kind is Kind.FAILED or known.kind not in {None, difference.kind}:
        return Changed(known, difference.kind)
    return Stands(known, difference.kind)


def excuse(verdict: Verdict, known: Sequence[KnownStatus]) -> Verdict:
    """The verdict, with the deviations excused for which entries in force account. O(deviations ·
    entries · length)."""
    left: list[Deviation] = []
    excused: list[Excused] = []
    for deviation in verdict.deviations:
        entry = next((each.known for each in known if _excuses(each, deviation)), None)
        if entry is None:
            left.append(deviation)
        else:
            excused.append(Excused(deviation, entry))
    return replace(verdict, deviations=tuple(left), excused=tuple(excused), known=tuple(known))


def _excuses(status: KnownStatus, deviation: Deviation) -> bool:
    if not isinstance(status, Stands) or status.kind is not deviation.difference.kind:
        return False
    known = status.known
    if known.limits != deviation.limits:
        return False
    shown_in = deviation.program[: deviation.difference.at + 1]
    return known.rule is deviation.rule or _holds(shown_in, known.program)


def _holds(ops: Sequence[Turn], wanted: Sequence[Turn]) -> bool:
    """Whether `wanted` is `ops` with some of them left out."""
    rest = iter(ops)
    return all(each in rest for each in wanted)


def listed(verdict: Verdict) -> tuple[Known, ...]:
    """What to list of all that deviates now: entries in force as they are, and the rest without a
    reason. It cannot list what nobody can reproduce, nor what the adapter itself fails at."""
    in_force = [each.known for each in verdict.known or () if isinstance(each, Stands)]
    found = (each for each in verdict.deviations if _can_be_listed(each))
    return (*in_force, *(_known(each, verdict.dialect) for each in found))


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
