"""The page in use: ops pressed and undone, and what stands in its address."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from streamstate.cli.commands import cli
from streamstate.model import Dialect, Rule
from streamstate.wire import parse_turns
from streamstate.wire.in_words import ops_in_words
from tests.explorer.browser import Browser
from tests.explorer.shown import ERRORED, READ, click, said, visit

pytestmark = pytest.mark.needs_chromium


def test_ops_are_pressed_undone_and_done_again(page: Browser) -> None:
    click(page, "on-all-create")
    click(page, "on-stream-pull")
    shown = click(page, "on-stream-push")
    assert [each["rules"] for each in shown["steps"]] == [["CREATE_1"], ["PULL_3"], ["PUSH_4"]]
    assert shown["outcomes"][0]["state"][-1] == (
        "pull 1 was handed 1 byte 61 and nobody has looked yet"
    )
    assert "PUSH_4. returns true; pull 1 gets 1 byte 61." in said(page)
    undone = click(page, "undo")
    assert len(undone["steps"]) == 2
    assert undone["outcomes"][0]["state"] == ["stream 1: open, waited on by pull 1"]
    assert click(page, "redo") == shown
    seen = click(page, "on-pull-seen")
    assert seen["outcomes"][0]["rules"] == ["SEEN_1"]
    assert seen["outcomes"][0]["state"] == ["stream 1: open, nothing queued"]
    assert click(page, "restart")["steps"] == []
    assert len(click(page, "undo")["steps"]) == 4


def test_an_op_says_beforehand_which_rule_it_will_take(page: Browser) -> None:
    promised = "document.querySelector('#on-stream-pull .ids').textContent"
    assert page.ask(promised) == "PULL_1"
    visit(page, {"program": ERRORED, "dialects": "reference,isolate"})
    assert page.ask(promised) == "PULL_6"
    visit(page, {"program": '[["create"],["pull",1]]', "dialects": "reference,plan-01"})
    assert page.ask(promised) == "PULL_10, 9"


def test_from_an_earlier_step_the_program_goes_another_way(page: Browser) -> None:
    visit(page, {"program": ERRORED})
    page.ask("document.querySelectorAll('#steps button')[1].click()")
    assert page.ask(READ)["title"] == "2. push(1, 1 byte 61)"
    assert click(page, "previous")["title"] == "1. create()"
    assert click(page, "next")["title"] == "2. push(1, 1 byte 61)"
    shown = click(page, "on-stream-close")
    assert [each["op"] for each in shown["steps"]][-1] == ["close(1)"]
    assert len(shown["steps"]) == 3


def test_the_address_holds_all_that_is_shown(page: Browser, address: str) -> None:
    dialect = Dialect.parse("whatwg+overlapping_pull=refuse")
    parts = {"program": ERRORED, "dialects": f"plan-01,{dialect}", "limits": "3,1", "at": "2"}
    shown = visit(page, parts)
    assert [each["dialects"] for each in shown["outcomes"]] == [[f"plan-01, {dialect}"]]
    fragment = page.ask("location.hash")
    page.open(address + fragment)
    assert page.ask(READ) == shown
    assert page.ask("location.hash") == fragment


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"program": '[["create"],["pusk",1]]'}, 'program[1] is ["pusk",1]; expected an array'),
        ({"program": '[["push",1,"YQ="]]'}, 'expected ["push", stream, base64]'),
        ({"program": '[["pull",-1]]'}, 'program[0] is ["pull",-1]; expected ["pull", stream]'),
        ({"program": '[["together",["seen",1]]]'}, "at least one op and no seen"),
        ({"program": "nonsense"}, "Cannot read the program: it is not JSON"),
        ({"program": "7"}, "The program must be a JSON array of ops, not 7"),
        ({"dialects": "whatever"}, "Unknown dialect 'whatever'; the named ones are reference"),
        ({"dialects": "reference+errored_backlog=lose"}, "expected one of overlapping_pull="),
        ({"limits": "-1,1"}, "high_water_mark is -1; expected a whole number from 0 on"),
    ],
)
def test_what_is_wrong_in_an_address_is_said(
    page: Browser, parts: dict[str, str], problem: str
) -> None:
    shown = visit(page, parts)
    assert problem in shown["problem"]
    assert shown["title"] == "Before the first op"


@pytest.mark.parametrize("ops", [ERRORED, '[["create"],["together",["pull",1],["close",1]]]'])
def test_the_command_line_says_where_a_program_is_shown(
    page: Browser, tmp_path: Path, ops: str
) -> None:
    said = CliRunner().invoke(cli, ["explore", "-o", str(tmp_path / "page.html"), ops]).output
    page.open(said.removeprefix("Open in a browser: ").strip())
    shown = page.ask(READ)
    assert shown["problem"] == ""
    assert [each["op"][0] for each in shown["steps"]] == list(ops_in_words(parse_turns(ops)))


def test_in_a_small_window_what_an_op_means_stands_at_its_lower_edge(page: Browser) -> None:
    page.look(360, 700, dark=False)
    click(page, "on-all-create")
    brief = page.ask("document.getElementById('brief').getBoundingClientRect().toJSON()")
    assert 0 < brief["top"] < brief["bottom"] <= 700
    assert (
        page.ask("document.getElementById('brief').textContent")
        == "1. create(). CREATE_1. returns 1."
    )
    click(page, "brief")
    assert page.ask("document.getElementById('now-title').getBoundingClientRect().top") < 350
    page.look(1200, 900, dark=False)
    assert page.ask("document.getElementById('brief').checkVisibility()") is False


def test_every_rule_can_be_looked_up(page: Browser) -> None:
    options = "[...document.getElementById('example').options].slice(1).map(({ value }) => value)"
    assert page.ask(options) == [rule.name for rule in Rule]
