"""The comparison of the whole table finds a fault in one cell of any dialect, and names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from streamstate.model import Action, Control, Dialect, Event, Level, Rule, Transition, delta
from tests.spec.compare import CELLS, DIALECTS
from tests.spec.extracted import DifferenceError, printed
from tests.spec.table import compare_tables
from tests.thorough import one_in

pytestmark = pytest.mark.needs_rocq

UNUSUAL: Final = Dialect("refuse", "drain", "while_queued", "keep", "refuse")

Change: TypeAlias = Callable[[Transition], Transition]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table with `change` made to it."""

    name: str
    change: Change
    control: Control = Control.CLOSED_ERRORED_SOME
    event: Event = Event.CANCEL_HANDED
    after: Level = Level.FULL
    others: bool = False
    dialect: Dialect = UNUSUAL
    nothing: Level = Level.EMPTY

    def delta(
        self,
        dialect: Dialect,
        control: Control,
        event: Event,
        after: Level,
        others: bool,
        nothing: Level,
    ) -> Transition:
        asked = (dialect, control, event, after, others, nothing)
        transition = delta(*asked)
        mine = (self.dialect, self.control, self.event, self.after, self.others, self.nothing)
        return self.change(transition) if asked == mine else transition


FAULTS: Final = (
    Cell("another rule", lambda cell: replace(cell, rule=Rule.CANCEL_PULL_5)),
    Cell("another situation", lambda cell: replace(cell, control=Control.CLOSED_ERRORED_SOME)),
    Cell("an action missing", lambda cell: replace(cell, actions=())),
    Cell(
        "actions in another order",
        lambda cell: replace(cell, actions=cell.actions[::-1]),
        Control.OPEN_FULL,
        Event.PULL,
        Level.SOME,
    ),
    Cell("something returned", lambda cell: replace(cell, returned=False)),
    Cell(
        "nothing returned for false",
        lambda cell: replace(cell, returned=None),
        Control.OPEN_FULL,
        Event.PUSH,
        others=True,
    ),
    Cell(
        "where a limit is zero only",
        lambda cell: replace(cell, control=Control.OPEN_EMPTY),
        Control.WAITING,
        Event.CANCEL_WAITING,
        nothing=Level.UNBUFFERED,
    ),
    Cell(
        "what cannot happen in a dialect that is explored",
        lambda cell: replace(cell, actions=(Action.DROP_QUEUED,)),
        Control.CLOSED_FULL,
        Event.CREATE,
        dialect=Dialect(),
    ),
)


def test_every_cell_is_compared(extracted: Path) -> None:
    assert compare_tables(printed(extracted, "table")) == CELLS


def test_the_dialect_of_the_faults_is_not_one_that_is_explored() -> None:
    assert UNUSUAL not in map(Dialect.parse, DIALECTS)


@pytest.mark.parametrize("fault", one_in(8, FAULTS), ids=lambda fault: fault.name)
def test_a_fault_in_one_cell_is_found(extracted: Path, fault: Cell) -> None:
    with pytest.raises(DifferenceError) as found:
        compare_tables(printed(extracted, "table"), fault.delta)
    first, where, *_ = str(found.value).splitlines()
    assert first == f"1 of {CELLS:,} cells of the table differ"
    assert where.startswith(f"in {fault.dialect}, {fault.event.name} in {fault.control.name}, ")


@pytest.mark.thorough
def test_the_cell_is_named_in_words(extracted: Path) -> None:
    with pytest.raises(DifferenceError) as found:
        compare_tables(printed(extracted, "table"), FAULTS[3].delta)
    assert str(found.value) == (
        f"1 of {CELLS:,} cells of the table differ\n"
        "in whatwg+overlapping_pull=refuse+errored_backlog=drain+push_when_full=refuse,"
        " PULL in OPEN_FULL, SOME after it, no other waits, EMPTY where nothing is queued:\n"
        "  the specification  takes PULL_2, does HAND_QUEUED, UNBLOCK, goes to OPEN_SOME,"
        " returns nothing\n"
        "  the model          takes PULL_2, does UNBLOCK, HAND_QUEUED, goes to OPEN_SOME,"
        " returns nothing"
    )


@pytest.mark.thorough
def test_of_many_differences_the_first_are_shown(extracted: Path) -> None:
    def nothing_done(*asked: Any) -> Transition:
        return replace(delta(*asked), actions=())

    with pytest.raises(DifferenceError, match=rf"^\d+ of {CELLS:,} cells") as found:
        compare_tables(printed(extracted, "table"), nothing_done)
    assert len(str(found.value).splitlines()) == 1 + 3 * 5


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines[:-1],
        pytest.param(lambda lines: [*lines, lines[-1]], marks=pytest.mark.thorough),
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: lines[:0],
    ],
    ids=["a row missing", "a row twice", "rows in another order", "no row"],
)
def test_rows_are_those_of_the_model(
    extracted: Path, change: Callable[[list[str]], list[str]]
) -> None:
    with pytest.raises(DifferenceError, match="has the row"):
        compare_tables(change(list(printed(extracted, "table"))))
