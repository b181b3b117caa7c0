"""The page of broken registries in which pushes wait has each once, and names its rule."""

from __future__ import annotations

from tests.oracle.test_waiting_starters import PAGE
from tests.oracle.waiting_groups import planted_faults
from tests.oracle.waiting_page import key_of, made, rows


def test_the_page_has_each_fault_once() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [key for key, _ in rows(page)] == list(map(key_of, planted_faults()))
    assert page == made(dict(rows(page)))


def test_the_rule_of_each_fault_is_named() -> None:
    lines = rows(PAGE.read_text(encoding="utf-8"))
    for (_, line), planted in zip(lines, planted_faults(), strict=True):
        _, _, broken, named, *_ = line.removeprefix("| ").split(" | ")
        assert broken.split(", ") == planted.fault.rules.split()
        assert named in broken.split(", "), line
