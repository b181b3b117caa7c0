"""What a row of the table is, and what makes rows a table: every cell is in exactly one of them.

The rows themselves are in `transition`. A cell is an event in a situation, in a dialect, where
others wait or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, unique
from itertools import combinations, product
from math import prod
from typing import Final, NamedTuple, TypeAlias, get_args

from streamstate.model.control import Action, Control, Event, Level, Phase
from streamstate.model.dialect import (
    REFERENCE,
    Dialect,
    ErroredBacklog,
    ErrorWhenClosed,
    OverlappingPull,
    PushWhenFull,
    RepeatedError,
    lattice,
)
from streamstate.model.rules import OF_THE_TABLE, Rule


class When(NamedTuple):
    """What has to hold for a row: the values that each policy field may have, and whether a pull
    or push may wait besides those that this op would settle or remove."""

    overlapping_pull: tuple[OverlappingPull, ...] = get_args(OverlappingPull)
    errored_backlog: tuple[ErroredBacklog, ...] = get_args(ErroredBacklog)
    error_when_closed: tuple[ErrorWhenClosed, ...] = get_args(ErrorWhenClosed)
    repeated_error: tuple[RepeatedError, ...] = get_args(RepeatedError)
    push_when_full: tuple[PushWhenFull, ...] = get_args(PushWhenFull)
    others: tuple[bool, ...] = (False, True)

    def holds(self, dialect: Dialect, others: bool) -> bool:
        """Whether it does in `dialect`, where others wait or not. O(1)."""
        return (
            dialect.overlapping_pull in self.overlapping_pull
            and dialect.errored_backlog in self.errored_backlog
            and dialect.error_when_closed in self.error_when_closed
            and dialect.repeated_error in self.repeated_error
            and dialect.push_when_full in self.push_when_full
            and others in self.others
        )

    def excludes(self, other: When) -> bool:
        """Whether the two never hold at once: they have no value of some field in common."""
        return any(set(one).isdisjoint(two) for one, two in zip(self, other, strict=True))

    def limited(self) -> dict[str, tuple[str | bool, ...]]:
        """The fields that have not every value, each with the values that it has."""
        fields = zip(self._fields, self, ALWAYS, strict=True)
        return {field: values for field, values, every in fields if values != every}


ALWAYS: Final = When()
ALONE: Final = When(others=(False,))
OTHERS: Final = When(others=(True,))


def overlapping_pull(*values: OverlappingPull) -> When:
    """When `overlapping_pull` is one of these."""
    return When(overlapping_pull=values)


def errored_backlog(*values: ErroredBacklog) -> When:
    """When `errored_backlog` is one of these."""
    return When(errored_backlog=values)


def error_when_closed(*values: ErrorWhenClosed) -> When:
    """When `error_when_closed` is one of these."""
    return When(error_when_closed=values)


def repeated_error(*values: RepeatedError) -> When:
    """When `repeated_error` is one of these."""
    return When(repeated_error=values)


def push_when_full(*values: PushWhenFull) -> When:
    """When `push_when_full` is one of these."""
    return When(push_when_full=values)


@unique
class Keeping(Enum):
    """Where a row leads that does not change the phase."""

    SAME = "the situation as it was"
    AFTER = "the phase as it was, at the level after the op"
    OPEN_AFTER = "open, at the level after the op"
    CLOSED_AFTER = "closed, at the level after the op"


Next: TypeAlias = Control | Phase | Keeping
"""Where a row leads: to a situation in which nothing is queued (at whatever level that is: a limit
may be zero), to a phase at the level that it was, or see `Keeping`."""


class Row(NamedTuple):
    """One rule in one case: in these phases, at these levels, when that holds, it leads there.

    `returned` is what a push that does not wait, is_queue_full or cancel_push returns; None for
    the other ops.
    """

    rule: Rule
    phases: tuple[Phase, ...]
    levels: tuple[Level, ...]
    when: When
    to: Next
    do: tuple[Action, ...] = ()
    returned: bool | None = None

    def situations(self) -> tuple[Control, ...]:
        """The situations that it is about."""
        return tuple(c for c in Control if c.phase in self.phases and c.level in self.levels)


def row(
    rule: Rule,
    phases: tuple[Phase, ...],
    levels: tuple[Level, ...],
    when: When,
    to: Next,
    *do: Action,
    returned: bool | None = None,
) -> Row:
    """A row, as the table writes it."""
    return Row(rule, phases, levels, when, to, do, returned)


Rows: TypeAlias = Mapping[Event, tuple[Row, ...]]
"""The rows of each event."""

Cells: TypeAlias = tuple[tuple[tuple[Row, ...], ...], ...]
"""The rows that are about an event and a situation, indexed by these two."""

_EVERY: Final = prod(map(len, ALWAYS))


def checked(rows: Rows) -> Cells:
    """The rows by event and situation. Raises `ValueError` naming a value that its field does not
    have, a row about no situation, a rule that has no row, or a cell that is in no row or in
    several. O(rows²) for each cell."""
    found: dict[tuple[Event, Control], list[Row]] = {}
    for event, group in rows.items():
        for one in group:
            _require_known_values(one)
            situations = one.situations()
            if not situations:
                raise ValueError(f"{one.rule.name}: a row about no situation")
            for at in situations:
                found.setdefault((event, at), []).append(one)
    for event, at in product(Event, Control):
        _require_one_row_each(event, at, found.get((event, at), []))
    taken = {one.rule for group in found.values() for one in group}
    for rule in OF_THE_TABLE:
        if rule not in taken and not rule.name.startswith("CLEAR_"):
            raise ValueError(f"{rule.name} has no row")
    return tuple(tuple(tuple(found[event, at]) for at in Control) for event in Event)


def _require_known_values(one: Row) -> None:
    for field, values in one.when.limited().items():
        known: Sequence[object] = getattr(ALWAYS, field)
        for value in values:
            if value not in known:
                expected = ", ".join(map(str, known))
                raise ValueError(f"{one.rule.name}: {field} cannot be {value!r}, only {expected}")


def _require_one_row_each(event: Event, at: Control, rows: list[Row]) -> None:
    apart = all(one.when.excludes(two.when) for one, two in combinations(rows, 2))
    if apart and sum(prod(map(len, one.when)) for one in rows) == _EVERY:
        return
    for dialect, others in product((REFERENCE, *lattice()), (False, True)):
        holding = [one.rule.name for one in rows if one.when.holds(dialect, others)]
        if len(holding) != 1:
            waiting = "others waiting" if others else "no others waiting"
            there = f"{event.name} in {at.name} in {dialect}, {waiting}"
            found = f"several rows: {', '.join(holding)}" if holding else "no row"
            raise ValueError(f"{there}: {found}")
