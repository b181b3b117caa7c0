"""Other people's implementations still do what the page says of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from streamstate.model import Create, Dialect, IsQueueFull, Pull, Push
from tests.conftest import MISSING
from tests.oracle import foreign_cancel
from tests.oracle.foreign import find
from tests.oracle.foreign_cancel import Fate, fate_of_a_handed_chunk
from tests.oracle.foreign_page import FOREIGN, PAGE, Foreign, on_page, rows, said, written
from tests.thorough import one_in


def _must_be_there(foreign: Foreign) -> None:
    if foreign.there:
        return
    if os.environ.get("STREAMSTATE_FORBID_SKIPS") == "1" and not foreign.extra:
        pytest.fail(f"{MISSING}{foreign.install} (STREAMSTATE_FORBID_SKIPS=1)", pytrace=False)
    pytest.skip(MISSING + foreign.install)


@pytest.mark.parametrize("foreign", one_in(3, FOREIGN), ids=lambda foreign: foreign.name)
def test_it_follows_the_dialect_and_leaves_the_lattice_as_the_page_says(foreign: Foreign) -> None:
    _must_be_there(foreign)
    measured, told = rows(foreign), on_page(PAGE.read_text(), foreign.name)
    assert measured.dialect == told.dialect
    assert measured.differences == told.differences


def test_the_page_tells_of_each_of_them_and_of_nobody_else() -> None:
    page = PAGE.read_text()
    assert all(on_page(page, foreign.name).dialect for foreign in FOREIGN)
    assert written(page, {}) == page


def _reference(dialect: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "streamstate", "reference", "--dialect", dialect)


@pytest.mark.parametrize("dialect", ["whatwg", "isolate+push_when_full=refuse"])
def test_what_is_a_point_of_the_lattice_is_found_there_and_nowhere_else(dialect: str) -> None:
    finding = find(_reference(dialect))
    assert finding.nearest == Dialect.parse(dialect)
    assert all(len(fitting) == 1 for fitting in finding.fields.values())
    assert (finding.misfit, finding.differences, finding.unordered) == ((0, 0), (), ())


def test_a_chunk_that_comes_late_or_not_at_all_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def answered(*settled: list[Any]) -> dict[str, Any]:
        return {"trace": [[None, [entry]] for entry in settled]}

    def fate(*answers: dict[str, Any]) -> Fate:
        def replies(_command: Sequence[str], _programs: object) -> list[dict[str, Any]]:
            return list(answers)

        monkeypatch.setattr(foreign_cancel, "replies", replies)
        return fate_of_a_handed_chunk(())

    one = answered([2, "value", "YQ=="])
    two = answered([2, "value", "YQ=="], [3, "value", "Yg=="])
    swapped = answered([2, "value", "Yg=="], [3, "value", "YQ=="])
    assert fate(one, two, one, one) is Fate.NEXT
    assert fate(one, swapped, one, one) is Fate.OUT_OF_ORDER
    assert fate(one, two, one, answered()) is Fate.LOST
    assert fate(answered([1, "value", "YQ=="]), two, one, one) is Fate.SETTLES


def test_a_program_is_said_in_short() -> None:
    looks = (Push(1, b"a"), IsQueueFull(1)) * 3
    assert said((Create(), *looks, Pull(1), Pull(1))) == (
        "create, 3 times (push 1, is_queue_full), pull, pull"
    )
