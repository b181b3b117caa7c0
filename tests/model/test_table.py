"""The rows are a table, and what is no table is refused where it is read; the diagram is right."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, product
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias, get_args

import pytest

import streamstate
from streamstate.model import (
    OF_THE_TABLE,
    POLICIES,
    Action,
    Control,
    Dialect,
    Event,
    Level,
    Phase,
    Rule,
    clear_rule,
    delta,
    lattice,
    transition,
)
from streamstate.model.dialect import PushWhenFull
from streamstate.model.rows import ALONE, ALWAYS, Keeping, Row, Rows, When, checked, push_when_full
from streamstate.model.table import tabulate
from streamstate.model.transition import TABLE
from tests.model.table_page import diagram

ROWS: Final = tuple(chain.from_iterable(TABLE.values()))


def changed(event: Event, *rows: Row) -> Rows:
    return MappingProxyType({**TABLE, event: rows})


def without(rule: Rule, event: Event) -> Rows:
    return changed(event, *(one for one in TABLE[event] if one.rule is not rule))


def with_when(rule: Rule, event: Event, when: When) -> Rows:
    rows = (one._replace(when=when) if one.rule is rule else one for one in TABLE[event])
    return changed(event, *rows)


def test_table_is_complete() -> None:
    assert checked(TABLE)
    assert set(TABLE) == set(Event)


def test_every_rule_has_a_row_but_those_of_clear() -> None:
    clearing = {clear_rule(pull, push) for pull, push in product((False, True), repeat=2)}
    assert {one.rule for one in ROWS} == set(OF_THE_TABLE) - clearing


@pytest.mark.thorough
def test_each_cell_is_in_one_row_counted_one_by_one() -> None:
    """What `checked` reckons with sizes of sets, by looking at all of them."""
    for dialect, others in product(lattice(), (False, True)):
        for event, at in product(Event, Control):
            holding = [
                one
                for one in TABLE[event]
                if at in one.situations() and one.when.holds(dialect, others)
            ]
            assert len(holding) == 1, (dialect, others, event, at)


def test_a_policy_asked_for_has_every_value_and_its_name() -> None:
    assert {field: getattr(ALWAYS, field) for field in POLICIES} == dict(POLICIES)
    assert ALWAYS.limited() == {}
    assert push_when_full("refuse").limited() == {"push_when_full": ("refuse",)}
    assert get_args(PushWhenFull) == ALWAYS.push_when_full


BROKEN: Final = {
    "a gap": (
        without(Rule.PUSH_7, Event.PUSH),
        r"PUSH in OPEN_FULL in plan-01\+push_when_full=refuse, no others waiting: no row",
    ),
    "a gap where others wait": (
        with_when(
            Rule.CANCEL_PULL_2,
            Event.CANCEL_WAITING,
            push_when_full("accept")._replace(others=(True,)),
        ),
        r"CANCEL_WAITING in WAITING in plan-01\+push_when_full=refuse, others waiting: no row",
    ),
    "an overlap": (
        with_when(Rule.PULL_9, Event.PULL, ALWAYS),
        "PULL in WAITING in reference, no others waiting: several rows: PULL_9, PULL_10",
    ),
    "an overlap and a gap of one size": (
        with_when(Rule.PUSH_7, Event.PUSH, push_when_full("accept")),
        "PUSH in OPEN_FULL in reference, no others waiting: several rows: PUSH_6, PUSH_7",
    ),
    "an overlap of situations": (
        changed(
            Event.CLOSE,
            *TABLE[Event.CLOSE],
            Row(Rule.CLOSE_1, (Phase.OPEN,), (Level.SOME,), ALONE, Keeping.SAME),
        ),
        "CLOSE in OPEN_SOME in reference, no others waiting: several rows: CLOSE_3, CLOSE_1",
    ),
    "no rows of an event": (
        changed(Event.DELETE),
        "DELETE in ABSENT in reference, no others waiting: no row",
    ),
    "a value that a field does not have": (
        with_when(Rule.PUSH_7, Event.PUSH, push_when_full("decline")),  # type: ignore[arg-type]
        "PUSH_7: push_when_full cannot be 'decline', only accept, refuse, wait, wait_through_close",
    ),
    "a row about no situation": (
        changed(
            Event.PULL,
            *TABLE[Event.PULL],
            Row(Rule.PULL_3, (Phase.WAITING,), (Level.FULL,), ALWAYS, Keeping.SAME),
        ),
        "PULL_3: a row about no situation",
    ),
    "a rule without a row": (
        changed(Event.GET, Row(Rule.GET_2, tuple(Phase), tuple(Level), ALWAYS, Keeping.SAME)),
        "GET_1 has no row",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_table_is_refused_with_its_name(name: str) -> None:
    rows, complaint = BROKEN[name]
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        checked(rows)


def test_model_whose_table_has_a_gap_cannot_be_imported(tmp_path: Path) -> None:
    package = Path(streamstate.__file__).parent
    shutil.copytree(package, tmp_path / "streamstate", ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "streamstate" / "model" / "transition.py"
    source = table.read_text(encoding="utf-8")
    row = "        row(Rule.DELETE_3, WAITING, ANY, ALWAYS, Control.ABSENT, DELETE_WAITING),\n"
    assert source.count(row) == 1
    table.write_text(source.replace(row, ""), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "import streamstate.model"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "ValueError: DELETE in WAITING in reference, no others waiting: no row" in done.stderr


def test_short_names_in_the_table_are_those_of_what_they_stand_for() -> None:
    for name, value in vars(transition).items():
        if isinstance(value, Keeping | Action):
            assert value.name == name
        if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], Phase | Level):
            assert value[0].name == name


def test_others_are_asked_for_in_waiting_only_and_after_where_a_chunk_moves() -> None:
    moving = {Event.PUSH, Event.PULL, Event.CANCEL_HANDED}
    for dialect, at, event in product(lattice(), Control, Event):
        for after in Level:
            one, two = (delta(dialect, at, event, after, others) for others in (False, True))
            assert one == two or at.phase in {Phase.WAITING, Phase.PUSHES_WAITING, Phase.CLOSING}
        answers = {delta(dialect, at, event, after, False) for after in Level}
        assert len(answers) == 1 or event in moving


# The diagram of the docstring.

CAN_HAPPEN: Final = {
    Event.CREATE: {Phase.ABSENT},
    Event.CANCEL_WAITING: {Phase.WAITING},
    Event.CANCEL_WAITING_PUSH: {Phase.PUSHES_WAITING, Phase.CLOSING},
}
"""Where alone an event can happen; the others can anywhere."""


CANCELS: Final = {
    "cancel_pull": (Event.CANCEL_WAITING, Event.CANCEL_HANDED),
    "cancel_push": (Event.CANCEL_WAITING_PUSH,),
}
"""The events of cancels of what has something to do with a stream."""

Arrow: TypeAlias = tuple[str, str, str]
Cell: TypeAlias = tuple[Dialect, Control, bool]

NOTHING: Final = {Level.EMPTY, Level.UNBUFFERED}
CONDITIONS: Final[dict[str | None, Callable[[Cell], bool]]] = {
    None: lambda _: True,
    "for good: ids are never used again": lambda _: True,
    "where nothing is queued": lambda cell: cell[1].level in NOTHING,
    "where no other pull waits": lambda cell: not cell[2],
    "where no other push waits": lambda cell: not cell[2],
    "unless accept or refuse, if full": lambda cell: (
        cell[0].push_when_full not in ("accept", "refuse") and cell[1].level.full
    ),
    "unless wait_through_close": lambda cell: cell[0].push_when_full != "wait_through_close",
    "where push_when_full is wait_through_close": lambda cell: (
        cell[0].push_when_full == "wait_through_close"
    ),
    "unless ignore": lambda cell: cell[0].error_when_closed != "ignore",
    "unless ignore, or while_queued if empty": lambda cell: (
        cell[0].error_when_closed != "ignore"
        and (cell[0].error_when_closed != "while_queued" or cell[1].level not in NOTHING)
    ),
}
"""What the diagram says after an arrow, and when that holds."""


def drawn(text: str) -> Iterator[Arrow]:
    return (arrow for arrow, _ in drawn_where(text))


def drawn_where(text: str) -> Iterator[tuple[Arrow, str | None]]:
    for line in text.splitlines():
        found = re.fullmatch(r" *(.+?) +── (.+?) ─+► (\w+)(?:, (.*))?", line)
        assert found is not None, line
        sources = found[1].split(", ")
        if found[1] == "all but ABSENT":
            sources = [phase.name for phase in Phase if phase is not Phase.ABSENT]
        for source, op in product(sources, found[2].split(", ")):
            yield (source, op, found[3]), found[4]


@cache
def taken() -> frozenset[tuple[str, str, str]]:
    """The changes of phase that the table makes: from, op, to."""
    changes = set()
    cells = product(lattice(), Control, Event, Level, (False, True))
    for dialect, at, event, after, others in cells:
        if at.phase in CAN_HAPPEN.get(event, set(Phase)):
            entry = tabulate(dialect)[event][at][after][others]
            op = entry.rule.name.rpartition("_")[0].lower()
            changes.add((at.phase.name, op, entry.control.phase.name))
    return frozenset(change for change in changes if change[0] != change[2])


def wrongly_conditional(text: str) -> set[Arrow]:
    """The arrows that are not taken exactly where the diagram says; a cancel is that of a pull or
    push which has something to do with the stream."""
    wrong = set()
    cells = list(product(lattice(), Control, (False, True)))
    for (source, op, to), condition in drawn_where(text):
        events = CANCELS[op] if op in CANCELS else (Event[op.upper()],)
        for event, (dialect, at, others) in product(events, cells):
            if at.phase.name == source:
                goes = tabulate(dialect)[event][at][at.level][others].control.phase.name == to
                if goes != CONDITIONS[condition]((dialect, at, others)):
                    wrong.add((source, op, to))
    return wrong


def test_diagram_says_where_each_arrow_is_taken() -> None:
    assert wrongly_conditional(diagram()) == set()


@pytest.mark.parametrize(
    "condition", [", where nothing is queued", ", where no other pull waits", ", unless ignore.*"]
)
def test_diagram_that_leaves_out_a_condition_is_seen(condition: str) -> None:
    assert wrongly_conditional(re.sub(condition, "", diagram()))


def test_diagram_draws_each_change_of_phase_and_no_other() -> None:
    arrows = list(drawn(diagram()))
    assert len(arrows) == len(set(arrows))
    assert set(arrows) == taken()


@pytest.mark.parametrize(
    ("old", "new"),
    [("push, cancel_pull", "push"), ("OPEN, WAITING  ── close", "OPEN           ── close")],
)
def test_diagram_with_an_arrow_fewer_is_seen(old: str, new: str) -> None:
    assert set(drawn(diagram().replace(old, new))) < taken()
