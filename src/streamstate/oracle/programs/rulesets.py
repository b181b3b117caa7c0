"""Sets of rules: as ints, and those that programs can fire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Final

from streamstate.model import (
    POLICIES,
    Action,
    Control,
    Dialect,
    Event,
    Level,
    Phase,
    Rule,
    Transition,
    clear_rule,
    levels,
    pushes_wait,
    tabulate,
)
from streamstate.model.table import Entries

RULES: Final = tuple(Rule)
"""Every rule, in order; sets of rules are ints in which bit n stands for `RULES[n]`."""

_BIT: Final = {rule.name: 1 << index for index, rule in enumerate(RULES)}


def bits_of(rules: Iterable[Rule]) -> int:
    """The set of those rules."""
    bits = 0
    for rule in rules:
        bits |= bit_of(rule)
    return bits


def rules_in(bits: int) -> Iterator[Rule]:
    """The rules of a set, in order. O(rules)."""
    return (rule for index, rule in enumerate(RULES) if bits >> index & 1)


def bit_of(rule: Rule) -> int:
    """The set that holds that rule only."""
    return _BIT[rule.name]


@cache
def reachable_rules(
    dialect: Dialect,
    *,
    cancels: bool = False,
    lacks: frozenset[str] = frozenset(),
    nothing: Level = Level.EMPTY,
) -> int:
    """The set of rules that programs can fire in `dialect`, those with cancels or only the others,
    without the ops that are lacking, which may be `cancel_pull` and `cancel_push`, where a queue
    with nothing in it is at the level `nothing`.

    What the data may answer is not looked at, so this is an upper bound; that each of these does
    fire is for a test to show.
    """
    table = tabulate(dialect, nothing)
    fired = 0
    if "clear" not in lacks:
        waits = product((False, True), {False, pushes_wait(dialect)})
        fired = bits_of(clear_rule(pull, push) for pull, push in waits)
    for event, control, after, others in _reached(dialect, nothing, cancels=cancels, lacks=lacks):
        fired |= bit_of(table[event][control][after][others].rule)
    return fired


@cache
def untold(dialect: Dialect, lacks: frozenset[str]) -> tuple[str, ...]:
    """The policy fields of which no program without those ops shows the value: whichever it is,
    what is reached of the table is the same."""
    return tuple(
        field
        for field, values in POLICIES.items()
        if len({_seen(replace(dialect, **{field: value}), lacks) for value in values}) == 1  # type: ignore[arg-type]  # a value of the field
    )


def _seen(dialect: Dialect, lacks: frozenset[str]) -> frozenset[tuple[object, ...]]:
    table = tabulate(dialect)
    return frozenset(
        (event, control, after, others, table[event][control][after][others])
        for event, control, after, others in _reached(
            dialect, Level.EMPTY, cancels=False, lacks=lacks
        )
    )


def _reached(
    dialect: Dialect, nothing: Level, *, cancels: bool, lacks: frozenset[str]
) -> Iterator[tuple[Event, Control, Level, bool]]:
    """The cells of the table that are reached, in a walk from a new stream over every op."""
    table = tabulate(dialect, nothing)
    ops = _OPS
    if cancels:
        ops += _CANCELS * ("cancel_pull" not in lacks)
        ops += _PUSH_CANCELS * ("cancel_push" not in lacks and pushes_wait(dialect))
    events = [event for event in ops if event.name.lower() not in lacks]
    met = {Control.ABSENT}
    to_visit = [Control.ABSENT]
    several = dict.fromkeys(_PUSHES_WAITING, (False, True))
    if _several_wait(dialect):
        several = dict.fromkeys(Control, (False, True))
    while to_visit:
        control = to_visit.pop()
        for event in events:
            if event is Event.CREATE and control is not Control.ABSENT:
                continue
            for after, others in product(levels(nothing), several.get(control, (False,))):
                transition = table[event][control][after][others]
                yield event, control, after, others
                if transition.control not in met:
                    met.add(transition.control)
                    to_visit.append(transition.control)


_PUSHES_WAITING: Final = tuple(
    each for each in Control if each.phase in (Phase.PUSHES_WAITING, Phase.CLOSING)
)
_OPS: Final = tuple(event for event in Event if event < Event.CANCEL_WAITING)
_CANCELS: Final = (Event.CANCEL_WAITING, Event.CANCEL_HANDED, Event.CANCEL_OTHER)
_PUSH_CANCELS: Final = (Event.CANCEL_WAITING_PUSH, Event.CANCEL_OTHER_PUSH)


def _several_wait(dialect: Dialect) -> bool:
    """Whether a pull can come to wait while another goes on waiting."""
    overlapping = tabulate(dialect)[Event.PULL][Control.WAITING][Level.EMPTY][False].actions
    return overlapping == (Action.WAIT,)


@cache
def differing_rules(dialect: Dialect, other: Dialect) -> int:
    """The set of rules of `dialect` whose transitions are not all the same in `other`.

    A program that fires none of them in `dialect` means the same in both.
    """
    differing = 0
    for row, other_row in zip(tabulate(dialect), tabulate(other), strict=True):
        for cell, other_cell in zip(_cells(row), _cells(other_row), strict=True):
            if cell != other_cell:
                differing |= bit_of(cell.rule)
    return differing


def _cells(row: Entries) -> Iterator[Transition]:
    for by_control in row:
        for by_level in by_control:
            yield from by_level


def op_of(rule: Rule) -> str:
    """The op that a rule is of, as its name begins."""
    return rule.name.rpartition("_")[0]


def op_family(rule: Rule) -> frozenset[str]:
    """The op that a rule is of, with that which is done by the same code: a clear deletes each
    stream."""
    op = op_of(rule)
    return _ENDING if op in _ENDING else frozenset({op})


_ENDING: Final = frozenset({"DELETE", "CLEAR"})
