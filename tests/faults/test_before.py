"""What the oracle of before says of the faults for which suites were added: the table is of many,
in several languages, and what it says is so."""

from __future__ import annotations

import io
from contextlib import closing

import pytest

from streamstate.oracle.adapters.child import ChildImplementation
from tests.faults import before_page
from tests.faults.before import earlier_oracle, is_in_history, of_new_kinds, read_before, told_by
from tests.faults.catalogue import faults
from tests.faults.fault import Mode
from tests.faults.page import WRONG
from tests.faults.rows import read_rows
from tests.faults.served import answers

COMPARED = before_page.compared(read_rows().faults)


def test_forty_faults_and_more_in_three_languages_were_put_before_both() -> None:
    assert set(read_before()) == set(of_new_kinds())
    assert len(COMPARED) == len(of_new_kinds()) > 80
    assert len({each.fault.group.language for each in COMPARED}) > 3


def test_what_conformed_is_told_now_and_nothing_that_was_told_conforms() -> None:
    conformed = [each for each in COMPARED if each.before is None]
    assert len(conformed) >= 40
    assert all(each.now is not None for each in COMPARED)
    assert sum(each.rightly_now for each in conformed) / len(conformed) > 0.9


def test_no_fault_is_named_worse_than_before() -> None:
    worse = {each.fault.key for each in COMPARED if each.rightly_before and not each.rightly_now}
    assert worse == set()


def test_the_last_line_is_the_sum_of_those_above() -> None:
    *each, total = before_page.lines(read_rows().faults, WRONG)
    for column in (3, 4):
        cells = [line[column] for line in each]
        conform = sum(cell == "conforms" for cell in cells)
        wrong = sum(cell.startswith(WRONG) for cell in cells)
        right = len(cells) - conform - wrong
        assert total[column] == f"{conform} conform, {wrong} named by another rule, {right} rightly"


def test_a_fault_in_python_is_served_as_an_adapter() -> None:
    with faults()["kept/WholeWords"].plant(Mode.BLACK_BOX) as opener:
        lines = io.StringIO(
            '{"cmd":"start","protocol":1}\n'
            '{"cmd":"run","seq":1,"program":[["create"],["push",1,"YQ=="],["pull",1]]}\n'
            '{"cmd":"stop"}\n'
            '{"cmd":"run","seq":2,"program":[["create"]]}\n'
        )
        with closing(opener()) as implementation:
            hello, answer = answers(implementation, lines)
    assert '"capabilities":[' in hello
    assert answer == ('{"seq":1,"trace":[[1,[]],[true,[]],[null,[[1,"value","YQ=="]]]],"late":[]}')


@pytest.mark.thorough
@pytest.mark.skipif(not is_in_history(), reason="the commit is not in this clone")
@pytest.mark.parametrize(
    "key",
    [
        "kept/Kilobytes",
        pytest.param("memory/push_keeps_the_reference", marks=pytest.mark.needs_node),
    ],
)
def test_what_the_oracle_of_before_said_it_says_again(key: str) -> None:
    with earlier_oracle() as oracle:
        assert told_by(oracle, key) == read_before()[key]


@pytest.mark.needs_node
def test_what_starts_an_adapter_is_known() -> None:
    with faults()["memory/push_keeps_the_reference"].plant(Mode.BLACK_BOX) as opener:
        implementation = opener()
        implementation.close()
    assert isinstance(implementation, ChildImplementation)
    assert "variant.mjs" in " ".join(implementation.command)
