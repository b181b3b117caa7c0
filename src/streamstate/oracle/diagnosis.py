"""From groups of differences to deviations: shrunk, blamed on a rule, each distinct cause once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from streamstate.model import Create, Get, Limits, Op, Rule
from streamstate.oracle.campaign import Cause, Group
from streamstate.oracle.difference import Difference, Kind
from streamstate.oracle.laboratory import Finding, Laboratory
from streamstate.oracle.machine import Word, letter
from streamstate.oracle.shrink import shrink

MAX_SHRUNK: Final = 20
"""How many groups of differences are looked into; the others are counted."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One cause for which an implementation does not conform.

    `rule` is the one to blame, `seen_at` the rule of the op whose answer differs. `programs` is how
    many programs of the plan deviated so; `others` are the rules of merged groups. `repeatable` is
    false if the difference did not come again when its program ran alone.
    """

    rule: Rule
    seen_at: Rule
    program: tuple[Op, ...]
    limits: Limits | None
    difference: Difference
    programs: int
    repeatable: bool = True
    others: tuple[Rule, ...] = ()


def diagnose(laboratory: Laboratory, groups: dict[Cause, Group]) -> tuple[Deviation, ...]:
    """The deviations behind those groups, smallest first."""
    ordered = sorted(groups.values(), key=lambda group: group.smallest.size)
    looked_into = [_look_into(laboratory, group) for group in ordered[:MAX_SHRUNK]]
    if all(cause.kind is Kind.VIEW for cause in groups):
        looked_into = [_blamed_on_get(deviation) for deviation in looked_into]
    found = sorted(looked_into, key=lambda deviation: len(deviation.program))
    return _merged(found)


def _blamed_on_get(deviation: Deviation) -> Deviation:
    """For where nothing but views differs: what streams do is right, so it is get that is wrong."""
    unknown = deviation.difference.expected == [None, []]
    rule = Rule.GET_1 if unknown else Rule.GET_2
    return replace(deviation, rule=rule, seen_at=rule)


def _look_into(laboratory: Laboratory, group: Group) -> Deviation:
    example = group.smallest
    again = laboratory.try_one(example.program, example.limits)
    if again is None:
        ops = tuple(each.op for each in example.program)
        return Deviation(
            example.rule,
            example.rule,
            ops,
            example.limits,
            example.difference,
            group.programs,
            repeatable=False,
        )
    smallest = shrink(laboratory, again)
    seen_at = smallest.rule
    blamed = _seen_earlier(laboratory, smallest)
    ops = tuple(each.op for each in blamed.program)
    return Deviation(blamed.rule, seen_at, ops, blamed.limits, blamed.difference, group.programs)


def _seen_earlier(laboratory: Laboratory, finding: Finding) -> Finding:
    """The finding, or one on the way to it: where a view already shows that an op went wrong."""
    if finding.difference.kind is Kind.FAILED or not laboratory.shows_get():
        return finding
    watched = laboratory.try_one(_watched(finding.program), finding.limits)
    if watched is None or watched.difference.kind is not Kind.VIEW:
        return finding
    seen = watched.program[: watched.difference.at + 1]
    *before, look = seen
    short = (*(each for each in before if not isinstance(each.op, Get)), look)
    alone = laboratory.try_one(short, finding.limits)
    if alone is None or alone.difference.kind is not Kind.VIEW:
        return finding
    return shrink(laboratory, alone)


def _watched(program: Word) -> Word:
    """With a look at every stream made so far after each op."""
    watched: list[Op] = []
    made = 0
    for each in program:
        if isinstance(each.op, Get) and each.op.stream <= made:
            continue
        made += isinstance(each.op, Create)
        watched += [each.op, *(Get(stream) for stream in range(1, made + 1))]
    return tuple(map(letter, watched))


def _merged(deviations: Iterable[Deviation]) -> tuple[Deviation, ...]:
    """Those of one cause made one: the same rule in the same way, or a program that holds another
    one which shows the same kind of difference."""
    distinct: list[Deviation] = []
    for deviation in deviations:
        for index, known in enumerate(distinct):
            if _same_cause(known, deviation):
                distinct[index] = _merge(known, deviation)
                break
        else:
            distinct.append(deviation)
    return tuple(distinct)


def _same_cause(known: Deviation, other: Deviation) -> bool:
    if known.repeatable is not other.repeatable:
        return False
    if known.rule is other.rule:
        return _SHOWS_IN[known.difference.kind] == _SHOWS_IN[other.difference.kind]
    if known.difference.kind is not other.difference.kind or known.limits != other.limits:
        return False
    return _holds(other.program, known.program)


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
"""In which part of an answer a kind of difference shows."""


def _holds(ops: tuple[Op, ...], wanted: tuple[Op, ...]) -> bool:
    """Whether `wanted` is `ops` with some ops left out, whatever the chunks and messages, ending
    in the same op."""
    if _shape(ops[-1]) != _shape(wanted[-1]):
        return False
    rest = iter(ops)
    return all(any(_shape(op) == _shape(each) for op in rest) for each in wanted)


def _shape(op: Op) -> tuple[type[Op], int]:
    return type(op), getattr(op, "stream", 0)


def _merge(known: Deviation, other: Deviation) -> Deviation:
    others = known.others
    for rule in (other.rule, other.seen_at, *other.others):
        if rule is not known.rule and rule is not known.seen_at and rule not in others:
            others = (*others, rule)
    return replace(known, programs=known.programs + other.programs, others=others)
