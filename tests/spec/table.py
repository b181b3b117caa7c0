"""Every cell of the table, the extracted specification against the model's `delta`.

A cell is a transition: rule, next situation, actions in order, and what is returned. There is one
for each dialect, event, situation, level that the queue has after the op, for whether others wait,
and for the level of a queue with nothing in it: 288 x 15 x 22 x 4 x 2 x 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product, zip_longest
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Control, Dialect, Event, Level, Transition, delta, lattice
from tests.spec.extracted import DifferenceError, point

Delta: TypeAlias = Callable[[Dialect, Control, Event, Level, bool, Level], Transition]

NOTHING: Final = (Level.EMPTY, Level.UNBUFFERED)
"""The levels that a queue with nothing in it can have, in the order of the program."""

READ: Final = tuple(product(Level, (False, True)))
"""What the cells of one row are asked for, in the order of the program."""

SHOWN: Final = 5
"""How many differences a message shows."""


class Row(NamedTuple):
    """The cells of one dialect, level of nothing, event and situation, as text."""

    dialect: str
    nothing: str
    event: str
    situation: str
    cells: tuple[str, ...]

    @classmethod
    def parse(cls, line: str) -> Row:
        dialect, nothing, event, situation, *cells = line.split("\t")
        told = tuple(cells * len(READ) if len(cells) == 1 else cells)
        return cls(dialect, nothing, event, situation, told)


def rows(delta: Delta = delta) -> Iterator[Row]:
    """The model's table."""
    texts: dict[Transition, str] = {}

    def cell(transition: Transition) -> str:
        if transition not in texts:
            texts[transition] = show(transition)
        return texts[transition]

    for dialect, nothing, event, control in product(lattice(), NOTHING, Event, Control):
        asked = (delta(dialect, control, event, *read, nothing) for read in READ)
        yield Row(point(dialect), nothing.name, event.name, control.name, tuple(map(cell, asked)))


def show(transition: Transition) -> str:
    """A cell as the program prints it."""
    actions = ",".join(action.name for action in transition.actions) or "-"
    returned = "-" if transition.returned is None else str(transition.returned).lower()
    return f"{transition.rule.name} {transition.control.name} {actions} {returned}"


def compare_tables(lines: Iterable[str], delta: Delta = delta) -> int:
    """How many cells there are. Raises `DifferenceError` if one differs, or if the program printed
    other rows than there are."""
    cells = 0
    differing: list[str] = []
    for line, row in zip_longest(lines, rows(delta)):
        specified = None if line is None else Row.parse(line)
        if specified is None or row is None or specified[:-1] != row[:-1]:
            raise DifferenceError(f"the specification has the row {specified}, the model {row}")
        cells += len(row.cells)
        if specified.cells != row.cells:
            differing += differences(specified, row)
    if differing:
        shown = "\n".join(differing[:SHOWN])
        raise DifferenceError(f"{len(differing)} of {cells:,} cells of the table differ\n{shown}")
    return cells


def differences(specified: Row, modelled: Row) -> Iterator[str]:
    """Each cell of one row that differs, in words."""
    dialect = Dialect(*specified.dialect.split(","))  # type: ignore[arg-type]  # checked there
    for (after, others), ours, theirs in zip(READ, specified.cells, modelled.cells, strict=True):
        if ours != theirs:
            yield (
                f"in {dialect}, {specified.event} in {specified.situation}, {after.name} after it,"
                f" {'others wait' if others else 'no other waits'},"
                f" {specified.nothing} where nothing is queued:\n"
                f"  the specification  {in_words(ours)}\n"
                f"  the model          {in_words(theirs)}"
            )


def in_words(cell: str) -> str:
    rule, situation, actions, returned = cell.split(" ")
    done = "does nothing" if actions == "-" else f"does {actions.replace(',', ', ')}"
    answered = "returns nothing" if returned == "-" else f"returns {returned}"
    return f"takes {rule}, {done}, goes to {situation}, {answered}"
