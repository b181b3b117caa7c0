"""The page of broken implementations: it has every fault, adds up, and what it says is so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import islice

import pytest

from streamstate.model import REFERENCE, Rule
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.plan import Suite
from tests.broken.shells import LOOP_FAULTS, SHELL_FAULTS
from tests.broken.steps import STEP_FAULTS
from tests.broken.tables import TABLE_FAULTS
from tests.faults.asyncio_registry import registry
from tests.faults.catalogue import faults
from tests.faults.fault import Group, Mode
from tests.faults.judging import ops_in, said_of
from tests.faults.page import PAGE, WRONG, written
from tests.faults.rows import read_rows
from tests.faults.sound import sound_implementations
from tests.faults.summary import WANTED, add_up, asked
from tests.faults.unseen import NOT_ASKED, ONLY_IN_VIEWS
from tests.oracle.small_plan import small_plan
from tests.thorough import one_in

ROWS = read_rows()
TEXT = PAGE.read_text(encoding="utf-8")

AGAIN = [
    pytest.param("javascript/close_empties_the_queue", Mode.GET, marks=pytest.mark.needs_node),
    pytest.param("javascript/queue_is_a_stack", Mode.BLACK_BOX, marks=pytest.mark.needs_node),
    pytest.param("javascript/empty_chunk_is_the_end", Mode.BLACK_BOX, marks=pytest.mark.needs_node),
    pytest.param(
        "typescript/clear_goes_newest_first", Mode.BLACK_BOX, marks=pytest.mark.needs_node
    ),
    ("python/newest_chunk_first", Mode.BLACK_BOX),
    pytest.param("table/second_close_opens", Mode.GET, marks=pytest.mark.needs_pure),
    pytest.param("table/pull_on_closed_waits", Mode.BLACK_BOX, marks=pytest.mark.needs_pure),
    pytest.param("table/error_after_the_end_counts", Mode.BLACK_BOX, marks=pytest.mark.needs_pure),
    pytest.param("step/get_counts_chunks_for_bytes", Mode.GET, marks=pytest.mark.needs_pure),
    pytest.param("shell/close_finishes_one_pull", Mode.BLACK_BOX, marks=pytest.mark.needs_pure),
    ("harness/HandsTwice", Mode.GET),
    ("harness/DeleteForgets", Mode.BLACK_BOX),
]
"""Faults of every kind, for a look at whether the page still says what is so."""


def test_every_fault_and_every_correct_implementation_is_on_the_page_and_no_other() -> None:
    assert list(ROWS.faults) == list(faults())
    assert all(tuple(row) == faults()[key].modes for key, row in ROWS.faults.items())
    assert list(ROWS.sound) == list(sound_implementations())
    assert set(re.findall(r"^\| `(\w+)`", _after("## Each fault"), re.MULTILINE)) == {
        fault.name for fault in faults().values()
    }


def test_the_page_says_what_was_found() -> None:
    assert written(TEXT, ROWS) == TEXT
    key = "javascript/queue_is_a_stack"
    lost = replace(ROWS, faults={**ROWS.faults, key: dict.fromkeys(ROWS.faults[key])})
    assert written(TEXT, lost) != TEXT


def test_the_summary_is_what_the_rows_of_the_page_add_up_to() -> None:
    lines = [line[2:-2] for line in _after("## Each fault").splitlines() if line.startswith("| `")]
    named = [[cell for cell in line.split(" | ")[2::4] if RULE.search(cell)] for line in lines]
    caught = sum(map(len, named))
    right = caught - sum(cell.startswith(WRONG) for cells in named for cell in cells)
    (total,) = re.findall(r"^\| all \| (.*) \|$", TEXT, re.MULTILINE)
    numbers = [int(cell.partition(" ")[0]) for cell in total.split(" | ")[:5]]
    assert numbers[0] == len(lines)
    assert numbers[1] + numbers[3] == caught
    assert numbers[2] + numbers[4] == right


RULE = re.compile(r"[A-Z]_\d")


def _after(heading: str) -> str:
    return TEXT.partition(f"\n{heading}\n")[2]


def test_all_are_caught_but_those_of_which_the_page_says_why_not() -> None:
    missed = {
        (each.fault.key, each.mode) for each in asked(faults(), ROWS.faults) if not each.judged
    }
    assert missed == {(key, Mode.BLACK_BOX) for key in ONLY_IN_VIEWS}


def test_what_is_left_out_is_a_fault_of_tests_broken() -> None:
    every = {each.name for each in (*TABLE_FAULTS, *STEP_FAULTS, *SHELL_FAULTS, *LOOP_FAULTS)}
    known = {each.name for each in faults().values() if each.group.language == "Python"}
    assert set(NOT_ASKED) == every - known


@pytest.mark.parametrize("mode", Mode)
def test_a_hundred_faults_and_more_are_caught_and_nine_of_ten_rightly_named(mode: Mode) -> None:
    sums = add_up(asked(faults(), ROWS.faults))
    assert sums.caught[mode].part >= 100
    assert sums.right[mode].ratio >= WANTED


def test_the_programs_shown_are_hardly_longer_than_the_shortest() -> None:
    sums = add_up(asked(faults(), ROWS.faults))
    assert min(sums.over) >= 0
    assert sums.mean_over < 1


def test_no_correct_implementation_is_refused() -> None:
    assert all(each.deviating == 0 for each in ROWS.sound.values())
    assert all(each.programs > 10_000 for each in ROWS.sound.values())


def test_every_fault_says_what_is_wrong_and_shows_where_that_may_show() -> None:
    assert all(fault.causes for fault in faults().values())
    listed = [fault for fault in faults().values() if fault.group is Group.JAVASCRIPT]
    assert all(fault.causes <= fault.shown_at for fault in listed)


def few(machine: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """A part of the small plan."""
    for suite in small_plan(machine, capabilities, seed):
        yield suite._replace(programs=islice(suite.programs, 0, None, 2))


@pytest.mark.parametrize(("key", "mode"), one_in(4, AGAIN))
def test_what_the_page_says_of_a_fault_is_so(key: str, mode: Mode) -> None:
    row = ROWS.faults[key][mode]
    assert row is not None
    with faults()[key].plant(mode) as opener:
        first, *_ = said_of(opener, faults()[key], few)
    assert first.rule.name == row.rule
    assert ops_in(first.program) >= row.shortest


def test_without_a_fault_there_is_nothing_to_say() -> None:
    fault = faults()["table/second_close_opens"]
    assert said_of(registry(REFERENCE), fault, few) == ()
    assert Rule.CLOSE_4 in fault.causes


def test_no_fault_shows_in_a_random_program_first() -> None:
    """So there are no more of them than the plan's budget of time has room for."""
    judged = [each for modes in ROWS.faults.values() for each in modes.values() if each]
    assert "random" not in {each.first.suite for each in judged}
    assert len(judged) > 400
