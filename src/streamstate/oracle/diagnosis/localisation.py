"""Finds the rule to blame for a difference that shows at another one.

An op may answer rightly and do the wrong thing, which only a later op shows. If nobody can look
inside, diagnosis compares runs that reach the same situation in different ways: those in which the
rule at the difference answers rightly there, and those in which it does not. A rule that nearly all
wrong runs took on their way, and the right ones did not, is to blame. If every way to the situation
ends wrongly, the rule at the difference itself is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Idle,
    Limits,
    Op,
    Pull,
    Push,
    PushesWaiting,
    Rule,
    State,
    Waiting,
)
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis.sampling import evenly
from streamstate.oracle.diagnosis.shorter_ways import (
    is_never_made,
    is_out_of_turn,
    uncleared,
    wait_in_turn,
)
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Expected
from streamstate.oracle.programs.program import Program, program_of, symbol
from streamstate.oracle.programs.rulesets import bit_of
from streamstate.oracle.suites.races import may_be_asked
from streamstate.wire import Together, Turn

MOST_RUNS: Final = 400
"""How many programs may run to find the rule to blame for one difference."""

_TELLING: Final = 0.5
"""By how much the share of wrong runs that took a rule must exceed that of right ones."""

_MOST: Final = 0.8

_ENOUGH: Final = 3
"""How many right runs are needed before what they lack means anything."""

_Situation: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The evidence for a rule as the cause of a difference.

    `rule` is the one to blame: that at which the difference shows, unless the runs point to an
    earlier one. `likely` has the earlier rules that the runs point to, `possible` those that they
    do not clear; both are empty if there is no doubt. `elsewhere` is that of an op on another
    stream without which the difference is gone.
    """

    rule: Rule
    likely: frozenset[Rule] = frozenset()
    possible: frozenset[Rule] = frozenset()
    elsewhere: Rule | None = None


class _Run(NamedTuple):
    """One application of the rule at the difference: the set of rules taken before, the situation,
    and whether the answer was that of the finding, wrong in another way, or right."""

    taken: int
    situation: _Situation
    wrong: bool


Pool: TypeAlias = Callable[[Limits | None], Sequence[Program]]
"""The programs of the plan with those limits."""


def suspect(runner: Runner, finding: Finding, pool: Pool, most: int = MOST_RUNS) -> Suspicion:
    """The rule to blame for a finding, found with at most so many runs that take the rule at which
    it shows: of all short programs that end in that op; or, if the finding is long, of those of
    `pool`. O(length) for each."""
    model = runner.model(finding.limits)
    expected = model.expect(finding.program)
    at = finding.difference.at
    shown_at = expected.links[at].rule
    if shown_at is Rule.CREATE_1:
        return Suspicion(shown_at)  # whatever came before: numbers are its own affair
    before = tuple(dict.fromkeys(_rules_before(finding.program, expected, at)))
    if is_out_of_turn(finding.difference) and Rule.PULL_12 in before:
        return Suspicion(shown_at if wait_in_turn(runner, finding) else Rule.PULL_12)
    if at > _SHORT and is_never_made(runner, finding):
        return Suspicion(Rule.CREATE_1)
    if at > _SHORT:
        left = uncleared(runner, model, finding, before)
        if left and left[0] is not shown_at:  # which has to be on the way, and tells nothing
            return Suspicion(left[0])
    here = _situation(model, finding.program, expected, at)
    programs = _short_ways(finding) if at <= _SHORT else pool(finding.limits)
    runs = tuple(_runs(runner, model, finding, programs, most))
    alike = tuple(run for run in runs if run.situation == here)
    earlier = tuple(rule for rule in before if rule is not Rule.CREATE_1)  # all ways begin with it
    if sum(not run.wrong for run in alike) >= _ENOUGH:
        for rule in earlier:
            tells = _tells(alike, rule) > _TELLING or _suffices(alike, rule)
            if tells and _share(alike, rule, wrong=True) >= _MOST:
                return Suspicion(rule, frozenset(), _in_most_wrong(runs, earlier))
    likely = frozenset(rule for rule in earlier if _tells(runs, rule) > _TELLING)
    return Suspicion(shown_at, likely, _in_most_wrong(runs, earlier))


_SHORT: Final = 6
"""Up to so many ops before a difference, all short programs tell enough."""


def _short_ways(finding: Finding) -> Iterator[Program]:
    """All programs of up to four ops on the finding's stream that end in its op. They make the
    stream first or not; never, if its number takes long to reach. Chunks are as long as the longest
    one of the finding, and no two are alike."""
    op = finding.program[finding.difference.at].op
    number = getattr(op, "stream", 1)
    turns = [symbol.op for symbol in finding.program]
    chunks = [each.chunk for each in _ops(turns) if isinstance(each, Push)]
    giving_up = [each for each in turns if isinstance(each, CancelPull | CancelPush | Together)]
    longest = max(chunks, key=len, default=b"")
    alphabet: tuple[Turn, ...] = (
        Push(number, longest),
        Pull(number),
        Close(number),
        Error(number, "e"),
        Error(number, "f"),
        Delete(number),
        Create(),
        Clear(),
        *dict.fromkeys(giving_up),
    )
    last = symbol(op)
    firsts = [(symbol(Create()),) * made for made in _creates(number)]
    places = [
        program_of(_marked(turn, place) for turn in alphabet)
        for place in range(1, _LONGEST_WAY + 1)
    ]
    for length in range(_LONGEST_WAY + 1):
        step = _SOME if length == _LONGEST_WAY else 1
        for way in islice(product(*places[:length]), None, None, step):
            for first in firsts:
                yield (*first, *way, last)


def _creates(number: int) -> tuple[int, ...]:
    """How often to create so that the stream of that number exists, or is the next one."""
    return (number, number - 1) if number <= _NEAR else (1,)


def _marked(turn: Turn, place: int) -> Turn:
    """A push with its place in the chunk's first byte; any other op as it is."""
    return Push(turn.stream, bytes([place]) + turn.chunk[1:]) if isinstance(turn, Push) else turn


_LONGEST_WAY: Final = 4
_SOME: Final = 5
"""One in so many of the longest programs is taken."""

_NEAR: Final = 40
"""Programs reach a stream number up to this by creating so many streams."""


def _in_most_wrong(runs: Sequence[_Run], rules: Iterable[Rule]) -> frozenset[Rule]:
    return frozenset(rule for rule in rules if _share(runs, rule, wrong=True) > _TELLING)


def _suffices(runs: Sequence[_Run], rule: Rule) -> bool:
    """Whether what came after the rule was nearly always wrong."""
    after = [run.wrong for run in runs if run.taken & bit_of(rule)]
    return len(after) >= _ENOUGH and sum(after) >= _MOST * len(after)


def _tells(runs: Sequence[_Run], rule: Rule) -> float:
    """How much more often the rule was taken before a wrong answer than before a right one."""
    return _share(runs, rule, wrong=True) - _share(runs, rule, wrong=False)


def _share(runs: Sequence[_Run], rule: Rule, *, wrong: bool) -> float:
    of = [run.taken for run in runs if run.wrong is wrong]
    return sum(1 for taken in of if taken & bit_of(rule)) / len(of) if of else 0.0


def _rules_before(program: Program, expected: Expected, at: int) -> Iterator[Rule]:
    """The rules on the way to op `at`, the latest first."""
    op = program[at].op
    for index in range(at - 1, -1, -1):
        if _matters(program[index].op, op):
            yield expected.links[index].rule


def _runs(
    runner: Runner,
    model: CachedModel,
    finding: Finding,
    programs: Iterable[Program],
    most: int,
) -> Iterator[_Run]:
    shown_at = model.expect(finding.program).links[finding.difference.at].rule
    bit = bit_of(shown_at)
    taking = [each for each in programs if model.expect(each).rules & bit]
    askable = [
        each for each in evenly(taking, most) if may_be_asked(model, [turn.op for turn in each])
    ]
    chosen = (finding.program, *askable)
    for program, shown in zip(chosen, runner.try_all(chosen, finding.limits), strict=True):
        expected = model.expect(program)
        end = len(expected.links) if shown is None else shown.difference.at
        for at in range(end):
            if expected.links[at].rule is shown_at:
                yield _run(model, program, expected, at, wrong=False)
        if (
            shown is not None
            and expected.links[end].rule is shown_at
            and shown.difference.kind is finding.difference.kind
        ):
            yield _run(model, program, expected, end, wrong=True)


def _run(model: CachedModel, program: Program, expected: Expected, at: int, *, wrong: bool) -> _Run:
    op = program[at].op
    taken = 0
    for index in range(at):
        if _matters(program[index].op, op):
            taken |= expected.links[index].bit
    return _Run(taken, _situation(model, program, expected, at), wrong)


def _ops(turns: Iterable[Turn]) -> Iterator[Op]:
    for turn in turns:
        yield from turn.ops if isinstance(turn, Together) else (turn,)


def _matters(earlier: Turn, op: Turn) -> bool:
    """Whether an op can have mattered to another: those on its stream, and those that name none."""
    stream = getattr(op, "stream", None)
    unnamed = isinstance(earlier, (Create, Clear, CancelPull, CancelPush, Together))
    return unnamed or stream is None or getattr(earlier, "stream", None) == stream


def _situation(model: CachedModel, program: Program, expected: Expected, at: int) -> _Situation:
    """What an op finds: the phase of its stream, and whether one or several pulls wait or chunks
    are queued."""
    state = model.state(expected.links[at - 1].target if at else model.root)
    return _seen_by(state, getattr(program[at].op, "stream", None))


def _seen_by(state: State, number: int | None) -> _Situation:
    if number is None:
        return tuple(_seen_by(state, each) for each, _ in state.streams)
    match dict(state.streams).get(number):
        case None:
            return ()
        case Waiting(_, _, others):
            return ("waiting", bool(others))
        case PushesWaiting(_, queue, _, others) as crowded:
            return (crowded.phase, bool(others), min(len(queue), 2))
        case Idle(_, status, queue):
            return (type(status), getattr(status, "closed", False), min(len(queue), 2))
