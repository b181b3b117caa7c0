"""Finds out from views at which op a stream went wrong, and whether the view itself is wrong.

A view shows what an op has done before any answer does, so diagnosis first follows a finding back
to the op after which a view is wrong. If nothing but views differs, it asks the ops: if they do
what they should, get is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from streamstate.model import (
    CancelPull,
    CancelPush,
    Close,
    Delete,
    Error,
    Get,
    Idle,
    IsQueueFull,
    Limits,
    Pull,
    Push,
    Rule,
    Waiting,
)
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis.clustering import Case
from streamstate.oracle.diagnosis.hypotheses.evidence import watched
from streamstate.oracle.diagnosis.localisation import MOST_RUNS, Pool, Suspicion, suspect
from streamstate.oracle.diagnosis.minimisation import alike_to, shrink
from streamstate.oracle.diagnosis.noninterference import interfering, mattering
from streamstate.oracle.diagnosis.shorter_ways import is_never_made
from streamstate.oracle.programs.program import Program, program_of, symbol
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind, OwnView
from streamstate.wire import Json, Together, Turn, is_array

MOST_OPS: Final = 500
"""If no program can be made smaller than this, each deviation is told as it is: the search for what
answers alike would go through such programs thousands of times."""

LOOKS: Final = (Rule.GET_1, Rule.GET_2)

_PULLS: Final = 5
_FEW: Final = 3
"""How many cases may each take the full number of runs to localise."""


def seen_first(runner: Runner, smallest: Finding) -> tuple[Finding, Suspicion | None]:
    """The finding to show: one in which a view is wrong already, if there is one; and the rule to
    blame, None if views do not tell."""
    too_long = len(smallest.program) > MOST_OPS
    if smallest.difference.kind is Kind.FAILED or too_long or runner.is_over():
        return smallest, Suspicion(_of_long(runner, smallest) if too_long else smallest.rule)
    smallest = _pulled_instead(runner, _without_looks(runner, smallest))
    looks = [each.op for each in smallest.program[: smallest.difference.at]]
    if any(isinstance(op, Get) for op in looks):  # nothing can be left out, so looking did it
        return smallest, Suspicion(Rule.GET_2)
    if runner.shows_get():
        earlier = _seen_earlier(runner, smallest)
        if earlier is not smallest or smallest.difference.kind is Kind.VIEW:
            return earlier, Suspicion(earlier.rule)
    return smallest, None


def _of_long(runner: Runner, finding: Finding) -> Rule:
    """The rule to blame for a long finding, by what takes a few runs to see."""
    if is_never_made(runner, finding):
        return Rule.CREATE_1
    return interfering(runner, finding) or finding.rule


def localised(runner: Runner, cases: Sequence[Case], pool: Pool) -> list[Case]:
    """The cases, blamed on rules by their spectra if nothing has told the rules yet. The more
    cases, the fewer runs for each."""
    most = MOST_RUNS // max(1, len(cases) // _FEW)
    return [_localised(runner, case, pool, most) for case in cases]


def _localised(runner: Runner, case: Case, pool: Pool, most: int) -> Case:
    finding = case.finding
    if case.suspicion is not None or finding is None or runner.is_over():
        return case
    elsewhere = interfering(runner, finding)
    if elsewhere is not None:
        deviation = replace(case.deviation, rule=elsewhere)
        return replace(case, deviation=deviation, suspicion=Suspicion(elsewhere))
    suspicion = suspect(runner, finding, pool, most)
    suspicion = replace(suspicion, elsewhere=mattering(runner, finding))
    if _is_at_the_op(runner, finding):
        suspicion = replace(suspicion, rule=finding.rule)
    deviation = replace(case.deviation, rule=suspicion.rule)
    return replace(case, deviation=deviation, suspicion=suspicion)


def _is_at_the_op(runner: Runner, finding: Finding) -> bool:
    """Whether the op itself is wrong: it gives up a pull or a push, or all that shows of its stream
    was right before. A view does not show which pull waits, nor what is left of an unknown
    stream."""
    at = finding.difference.at
    ops = [each.op for each in finding.program[: at + 1]]
    if isinstance(ops[at], CancelPull | CancelPush | Together):
        return True
    given_up = any(isinstance(op, CancelPull | CancelPush | Together) for op in ops)
    return runner.shows_get() and not given_up and _is_in_view(runner, finding)


def _is_in_view(runner: Runner, finding: Finding) -> bool:
    """Whether a view before the op whose answer differs could show all of that op's stream: none
    shows in which order pulls wait."""
    at = finding.difference.at
    stream = finding.program[at].stream
    if stream is None or at == 0:
        return False
    model = runner.model(finding.limits)
    before = model.expect(finding.program).links[at - 1].target
    found = model.state(before).find(stream)
    return found is not None and not (isinstance(found, Waiting) and found.others)


def _without_looks(runner: Runner, finding: Finding) -> Finding:
    """The finding; or that of a program that asks is_queue_full where it looks: if an op that does
    nothing shows it as well, looking is not the cause."""
    end = finding.difference.at
    program = tuple(
        symbol(IsQueueFull(each.op.stream)) if isinstance(each.op, Get) and at < end else each
        for at, each in enumerate(finding.program)
    )
    if program == finding.program:
        return finding
    asking = runner.try_one(program, finding.limits)
    return finding if asking is None or not alike_to(finding)(asking) else asking


def _pulled_instead(runner: Runner, finding: Finding) -> Finding:
    """The finding; or, if a queue is wrongly full or not and a pull brings a chunk of it in another
    length, that of the pull: the chunk was cut or grew, and what counts it may well be right."""
    at = finding.difference.at
    *before, last = finding.program[: at + 1]
    if not isinstance(last.op, IsQueueFull) or at == 0:
        return finding
    model = runner.model(finding.limits)
    stream = model.state(model.expect(finding.program).links[at - 1].target).find(last.op.stream)
    if not isinstance(stream, Idle):
        return finding
    pulls = program_of((Pull(last.op.stream),) * len(stream.queue))
    pulled = runner.try_one((*before, *pulls), finding.limits)
    if pulled is None or pulled.difference.at < at or not _is_of_another_length(pulled.difference):
        return finding
    return shrink(runner, pulled)


def _is_of_another_length(difference: Difference) -> bool:
    """Whether a pull brought a chunk that has more bytes than it should, or fewer."""
    match settled_in(difference.expected), settled_in(difference.observed):
        case [[_, "value", str(wanted)]], [[_, "value", str(got)]]:
            return (len(wanted), wanted.count("=")) != (len(got), got.count("="))
        case _:
            return False


def _seen_earlier(runner: Runner, finding: Finding) -> Finding:
    """The finding, or one on the way to it, at the first op after which a view is wrong."""
    shown = runner.try_one(watched(finding.program), finding.limits)
    if shown is None or shown.difference.kind is not Kind.VIEW:
        return finding
    seen = shown.program[: shown.difference.at + 1]
    *before, look = seen
    short = (*(each for each in before if not isinstance(each.op, Get)), look)
    alone = runner.try_one(short, finding.limits)
    if alone is None or alone.difference.kind is not Kind.VIEW:
        return finding
    return shrink(runner, alone)


def blamed_on_get(runner: Runner, case: Case, pool: Pool) -> Case:
    """The case if nothing but views differs: streams do what they should, so get is wrong, unless
    ops show it as well, or views of the same situation are right if it is reached in another
    way."""
    deviation = case.deviation
    if deviation.repeatable and _shows_in_ops(runner, deviation):
        return case
    looked = Rule.GET_1 if deviation.difference.expected == [None, []] else Rule.GET_2
    rule = looked
    finding: Finding | None = None
    if deviation.repeatable:
        program = tuple(map(symbol, deviation.program))
        finding = Finding(program, deviation.limits, deviation.difference, deviation.rule)
        rule = suspect(runner, finding, pool).rule
    blamed = replace(deviation, rule=rule, seen_at=looked)
    found = None if rule is looked else finding
    return replace(case, deviation=blamed, suspicion=Suspicion(rule), finding=found, seen=rule)


def _shows_in_ops(runner: Runner, deviation: Deviation) -> bool:
    """Whether ops, too, do something wrong after what a view shows to be wrong."""
    ops = [turn for turn in deviation.program if not isinstance(turn, Get)]
    look = deviation.program[deviation.difference.at]
    stream = look.stream if isinstance(look, Get) else 1
    pulls = (Pull(stream),) * _PULLS
    ends: tuple[tuple[Turn, ...], ...] = (
        pulls,
        (Push(stream, b"last"), *pulls),
        (Close(stream), *pulls),
        (IsQueueFull(stream), Delete(stream), IsQueueFull(stream)),
    )
    programs = [program_of((*ops, *end)) for end in ends]
    return any(runner.try_all(programs, deviation.limits))


def own_view(
    runner: Runner, program: Program, limits: Limits | None, difference: Difference
) -> OwnView | None:
    """What the implementation shows of the stream of the op whose answer differs. None if there is
    no such stream, if a view is what differs, or if the implementation shows none. One run."""
    op = program[difference.at].op
    told = difference.kind in {Kind.VIEW, Kind.FAILED}
    if not isinstance(op, _ON_A_STREAM) or told or not runner.shows_get():
        return None
    looking = (*program[: difference.at + 1], symbol(Get(op.stream)))
    (reply,) = runner.replies((looking,), limits)
    if reply is None or reply.failed is not None:
        return None
    expected = runner.model(limits).expect(looking).links[-1].json
    return OwnView(op.stream, _returned(expected), _returned(reply.trace[-1]))


_ON_A_STREAM: Final = (Push, Pull, Close, Error, IsQueueFull, Delete)


def _returned(answer: Json) -> Json:
    return answer[0] if is_array(answer) else None
