"""Makes deviations that one fault explains one, so that each distinct cause comes once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from streamstate.model import IsQueueFull, Pull, Rule
from streamstate.oracle.campaign.runner import Finding
from streamstate.oracle.diagnosis.localisation import Suspicion
from streamstate.oracle.programs.editing import inner_ops
from streamstate.oracle.programs.rulesets import op_family, op_of
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind
from streamstate.oracle.verdict.tally import Example
from streamstate.wire import Turn


@dataclass(frozen=True, slots=True)
class Case:
    """A deviation, and what the runs say about its cause, None until somebody asks. `finding` is
    its finding, None if the deviation did not come again; `seen` the rule after which a view was
    wrong, if one was; `example` the program of the plan that it began with."""

    deviation: Deviation
    suspicion: Suspicion | None
    finding: Finding | None = None
    seen: Rule | None = None
    example: Example | None = None
    explained: bool = False
    """Whether a mistake was found that answers so."""
    in_one_turn: bool = False
    """Whether it shows only where ops are done together."""


def merged(cases: Sequence[Case], *, by_op: bool = True) -> list[Case]:
    """Make the cases of one cause one, in the order given: by what the runs say first, then by what
    the programs look like, and by the op to blame unless `by_op` is false."""
    return _by_likeness(_by_blame(cases), by_op=by_op)


def _by_blame(cases: Sequence[Case]) -> list[Case]:
    """Blame cases on one rule if the runs allow it: on the rule to blame for another case, on what
    spoilt a queue, as both ways to look at a queue show it, or on the op of another stream without
    which ops of several kinds go well."""
    blamed = [each.rule for each in map(_deviation, cases) if _is_blamed_earlier(each)]
    blamed = [*_touching_other_streams(cases), *_spoiling_queues(cases), *blamed]
    blamed = list(dict.fromkeys(blamed))
    return [_blamed_on_one_of(case, blamed) for case in cases]


def _deviation(case: Case) -> Deviation:
    return case.deviation


def _is_blamed_earlier(deviation: Deviation) -> bool:
    return deviation.rule is not deviation.seen_at and not deviation.why


def _blamed_on_one_of(case: Case, blamed: Sequence[Rule]) -> Case:
    """Blame a case on the first of the rules that the runs do not clear; or, if it is blamed on one
    of these, on an earlier one."""
    own = case.deviation.rule
    before = blamed[: blamed.index(own)] if own in blamed else blamed
    suspicion = case.suspicion or Suspicion(own)
    possible = {*suspicion.possible, suspicion.elsewhere}
    fitting = next((rule for rule in before if rule in possible), own)
    if fitting is own:
        return case
    return replace(case, deviation=replace(case.deviation, rule=fitting, or_else=(), why=""))


def _touching_other_streams(cases: Sequence[Case]) -> list[Rule]:
    """The rules of ops on other streams, each to blame for what several kinds of op answer."""
    shown: dict[Rule, set[frozenset[str]]] = {}
    for case in cases:
        rule = case.suspicion.elsewhere if case.suspicion else None
        if rule is not None:
            shown.setdefault(rule, set()).add(op_family(case.deviation.rule))
    return [rule for rule, ops in shown.items() if len(ops) > 1]


def _spoiling_queues(cases: Sequence[Case]) -> list[Rule]:
    """The rules that are likely both for wrong pulls and for wrong answers of is_queue_full."""
    likely: dict[type[Turn], set[Rule]] = {Pull: set(), IsQueueFull: set()}
    for case in cases:
        shown_by = type(case.deviation.program[case.deviation.difference.at])
        likely.get(shown_by, set()).update(case.suspicion.likely if case.suspicion else ())
    common = likely[Pull] & likely[IsQueueFull]
    return [rule for rule in Rule if rule in common][-1:]


def _by_likeness(cases: Sequence[Case], *, by_op: bool) -> list[Case]:
    distinct: list[Case] = []
    for case in cases:
        for index, known in enumerate(distinct):
            if _same_cause(known, case, by_op=by_op):
                distinct[index] = _as_one(known, case)
                break
        else:
            distinct.append(case)
    return distinct


def _as_one(known: Case, other: Case) -> Case:
    """The cases as one, shown by the first; a clear gives way to another op, since it is made of
    deletes."""
    if op_of(known.deviation.rule) == "CLEAR" and op_of(other.deviation.rule) == "DELETE":
        known, other = other, known
    if other.deviation.why and not known.deviation.why and known.deviation.repeatable:
        known, other = other, known
    one, more = known.deviation, other.deviation
    or_else = one.or_else
    if more.rule in {one.rule, *one.same_at}:  # what else may be to blame for the one or the other
        or_else = tuple(dict.fromkeys((*or_else, *more.or_else)))
    return replace(known, deviation=replace(merge(one, more), or_else=or_else))


def _same_cause(one: Case, another: Case, *, by_op: bool) -> bool:
    known, other = one.deviation, another.deviation
    if not (known.repeatable and other.repeatable):
        return known.repeatable is other.repeatable  # nothing more is known of the cause
    if by_op and _leave_alike(known, other):
        return True
    if by_op and (known.why or other.why or one.explained or another.explained):
        # What is known of the one does not explain the other, but one rule is to be mended once.
        return other.rule in {known.rule, *known.same_at} and _shows_alike(known, other)
    if known.rule is other.rule and known.rule is not known.seen_at:
        return True
    if by_op and _are_related(known, other):
        return True
    if known.rule is other.rule:
        return _shows_alike(known, other)
    if known.difference.kind is not other.difference.kind or known.limits != other.limits:
        return False
    return _holds(other.program, known.program)


def _leave_alike(known: Deviation, other: Deviation) -> bool:
    """Whether two ops, in the same situation, settle those that wait in a wrong order, or only some
    of them: what ends waits is probably one piece of code."""
    before, after = known.program[:-1], other.program[:-1]
    return (
        known.difference.kind is other.difference.kind
        and _settles_some(known.difference)
        and _settles_some(other.difference)
        and [*map(_shape, before)] == [*map(_shape, after)]
    )


def _settles_some(difference: Difference) -> bool:
    several = len(settled_in(difference.expected)) > 1
    return several and bool(settled_in(difference.observed)) and difference.kind in _OF_A_LOOP


_OF_A_LOOP: Final = frozenset({Kind.ORDER, Kind.MISSING})


def _are_related(known: Deviation, other: Deviation) -> bool:
    """Whether they are of one op, so that what is known about at most one of them may be the cause
    of both; or whether both bring wrong chunks."""
    spoilt = all(
        each.difference.kind is Kind.OUTCOME and each.difference.detail == "value became value"
        for each in (known, other)
    )
    return spoilt or op_family(known.rule) == op_family(other.rule)


def _shows_alike(known: Deviation, other: Deviation) -> bool:
    return _SHOWS_IN[known.difference.kind] == _SHOWS_IN[other.difference.kind]


_SHOWS_IN: Final = {
    Kind.RETURNED: "returned",
    Kind.THREW: "returned",
    Kind.VIEW: "view",
    Kind.MISSING: "settled",
    Kind.LATE: "settled",
    Kind.EXTRA: "settled",
    Kind.OUTCOME: "settled",
    Kind.ORDER: "settled",
    Kind.FAILED: "failed",
}
"""The part of an answer in which a kind of difference shows."""


def _holds(ops: tuple[Turn, ...], wanted: tuple[Turn, ...]) -> bool:
    """Whether `wanted` is `ops` with some ops left out, whatever the chunks and messages, ending
    in the same op."""
    if _shape(ops[-1]) != _shape(wanted[-1]):
        return False
    rest = iter(ops)
    return all(any(_shape(op) == _shape(each) for op in rest) for each in wanted)


def _shape(op: Turn) -> tuple[type[Turn], int]:
    return type(op), getattr(op, "stream", 0)


def ops_of(deviation: Deviation) -> int:
    """How many ops the program has, with those done together counted one by one."""
    return sum(len(inner_ops(turn)) for turn in deviation.program)


def merge(known: Deviation, other: Deviation) -> Deviation:
    """The two cases as one, shown by the first."""
    others = known.others
    for rule in (other.rule, other.seen_at, *other.others):
        if rule is not known.rule and rule is not known.seen_at and rule not in others:
            others = (*others, rule)
    return replace(known, programs=known.programs + other.programs, others=others)
