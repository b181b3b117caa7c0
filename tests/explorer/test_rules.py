"""On every rule, in every named dialect, the page shows what the model says."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

from streamstate.model import NAMED, OF_MEMORY, Dialect, Limits, Op, Rule, advance, initial
from streamstate.semantics import passages
from streamstate.wire import parse_program
from tests.explorer.browser import Browser
from tests.explorer.shown import READ, changes_of, expected, parts_of, visit, visits
from tests.thorough import one_in

pytestmark = pytest.mark.needs_chromium


def require_shown(
    shown: Any, program: Sequence[Op], dialect: Dialect, limits: Limits, at: int
) -> None:
    """Fail where the page shows something else than the model says."""
    (outcome,) = shown["outcomes"]
    changes = {each for each in outcome.pop("changes") if "→" in each}
    assert shown == expected(program, dialect, limits, at)
    state = before = initial(dialect, limits)
    for op in program[:at]:
        before, state = state, advance(state, op).state
    assert changes == changes_of(before, state)


@pytest.mark.parametrize("rule", one_in(4, Rule), ids=lambda rule: rule.name)
def test_of_the_example_of_a_rule_the_page_shows_what_the_model_says(
    page: Browser, rule: Rule
) -> None:
    passage = passages()[rule]
    program, limits = parse_program(passage.program), passage.limits
    wanted = tuple(product(NAMED, range(1, len(program) + 1)))
    shown = visits(page, [parts_of(program, limits, at, name) for name, at in wanted])
    for (name, at), each in zip(wanted, shown, strict=True):
        require_shown(each, program, NAMED[name], limits, at)


@pytest.mark.parametrize("rule", one_in(4, Rule), ids=lambda rule: rule.name)
def test_who_chooses_a_rule_sees_its_example_where_it_applies(page: Browser, rule: Rule) -> None:
    page.ask(
        f"""(() => {{ const select = document.getElementById("example");
        select.value = "{rule.name}";
        select.dispatchEvent(new Event("change")); }})()"""
    )
    passage = passages()[rule]
    program = parse_program(passage.program)
    shown = page.ask(READ)
    require_shown(shown, program, passage.dialect, passage.limits, passage.about + 1)
    if rule not in OF_MEMORY:
        assert shown["outcomes"][0]["rules"] == [rule.name]


def test_an_action_that_is_done_wrongly_shows(page: Browser) -> None:
    program, limits = parse_program('[["create"],["pull",1],["close",1]]'), Limits()
    dialect = Dialect()
    at = parts_of(program, limits, 3)
    require_shown(visit(page, at), program, dialect, limits, 3)
    page.ask("ACTIONS.FINISH_WAITING = ({ stream }) => stream.pulls.splice(0)")
    with pytest.raises(AssertionError, match="outcomes"):
        require_shown(visit(page, at), program, dialect, limits, 3)


def test_dialects_stand_side_by_side_where_they_part(page: Browser) -> None:
    program = parse_program('[["create"],["push",1,"YQ=="],["error",1,"boom"],["pull",1]]')
    several = ",".join(NAMED)
    together = visit(page, parts_of(program, Limits(), 2, several))
    assert [each["dialects"] for each in together["outcomes"]] == [[", ".join(NAMED)]]
    parted = visit(page, parts_of(program, Limits(), 3, several))
    assert [(each["dialects"], each["rules"]) for each in parted["outcomes"]] == [
        (["reference, plan-01"], ["ERROR_4"]),
        (["isolate"], ["ERROR_5"]),
        (["whatwg"], ["ERROR_6"]),
    ]
    said = page.ask("document.getElementById('said').textContent")
    assert "In isolate: ERROR_5." in said
    parting = (
        "[...document.querySelectorAll('#steps .parts')].map((e) => e.parentElement.innerText)"
    )
    (parted_at,) = page.ask(parting)
    assert parted_at.startswith("error(1, 'boom')")
