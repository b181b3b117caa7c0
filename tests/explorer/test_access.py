"""The page by keyboard, by ear, small, in the dark, and without a network."""

from __future__ import annotations

import json
from typing import Final

import pytest

from tests.explorer.browser import Browser
from tests.explorer.shown import ERRORED, READ, visit

pytestmark = pytest.mark.needs_chromium


FOCUSED: Final = """(({id, name, value, textContent}) =>
  (id || name || value || textContent).trim())(document.activeElement)"""

CONTROLS: Final = """[...document.querySelectorAll("button, input, select, summary, pre")]
  .filter((each) => !each.disabled && each.checkVisibility()).length"""


def test_all_can_be_reached_by_keyboard_in_the_order_in_which_it_stands(page: Browser) -> None:
    visit(page, {"program": ERRORED})
    page.ask("document.getElementById('version').scrollIntoView()")
    reached: list[str] = []
    while len(reached) < 80:
        page.press("Tab")
        reached.append(page.ask(FOCUSED))
        if reached[-1] == "report":
            break
    marks = ["reference", "on-all-create", "stream", "chunk", "on-stream-push", "pull"]
    marks += ["on-pull-seen", "previous", "Why", "restart", "example", "report"]
    assert [each for each in reached if each in marks] == marks
    assert len(reached) == page.ask(CONTROLS)


def test_keys_press_and_what_was_pressed_keeps_the_focus(page: Browser) -> None:
    page.ask("document.getElementById('on-all-create').focus()")
    page.press("Enter")
    page.press(" ")
    assert [each["op"] for each in page.ask(READ)["steps"]] == [["create()"], ["create()"]]
    assert page.ask(FOCUSED) == "on-all-create"
    page.ask("document.querySelector('#steps button').focus()")
    page.press("Enter")
    assert page.ask(READ)["title"] == "1. create()"
    assert page.ask(FOCUSED).startswith("create()")


def tree(page: Browser) -> list[tuple[str, str]]:
    """What a screen reader finds: roles with names."""
    nodes = page.do("Accessibility.getFullAXTree")["nodes"]
    return [
        (each["role"]["value"], each.get("name", {}).get("value", "").strip())
        for each in nodes
        if not each.get("ignored") and "role" in each
    ]


def test_a_screen_reader_finds_what_is_there_by_role_and_name(page: Browser) -> None:
    visit(page, {"program": ERRORED, "dialects": "reference,whatwg"})
    found = tree(page)
    for wanted in (
        ("heading", "Press an op, see what it means"),
        ("region", "Ops"),
        ("region", "4. error(1, 'boom')"),
        ("region", "Program"),
        ("group", "Dialects side by side"),
        ("checkbox", "reference"),
        ("button", "pull(1) PULL_6"),
        ("combobox", "stream"),
        ("textbox", "chunk"),
        ("status", ""),
        ("alert", ""),
        ("article", "reference, whatwg"),
        ("heading", "ERROR_3"),
        ("combobox", "The example of a rule"),
    ):
        assert wanted in found, wanted
    controls = {"button", "checkbox", "combobox", "textbox", "spinbutton", "link"}
    assert [each for each in found if each[0] in controls and not each[1]] == []
    live = "document.getElementById('said').ariaLive ?? document.getElementById('said').role"
    assert page.ask(live) == "status"


MEASURE: Final = """(() => {
  const wide = document.documentElement.clientWidth;
  const all = [...document.body.querySelectorAll("*")].filter((e) => e.checkVisibility());
  const over = all.filter((e) => e.getBoundingClientRect().right > wide + 1)
    .map((e) => e.outerHTML.slice(0, 80));
  const shade = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).map((x) => x / 255).map((x) =>
    x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e)
    .backgroundColor; if (!/, 0\\)$/.test(c)) return c; } return "rgb(255, 255, 255)"; };
  const worn = (e) => { for (; e; e = e.parentElement)
    if (e.disabled || e.classList.contains("undone")) return true; return false; };
  const pale = all.filter((e) => !worn(e) && [...e.childNodes].some((n) => n.nodeType === 3
      && n.textContent.trim()))
    .filter((e) => { const [a, b] = [shade(getComputedStyle(e).color), shade(ground(e))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5; })
    .map((e) => e.outerHTML.slice(0, 80));
  const small = all.filter((e) => e.matches("button, summary"))
    .filter((e) => e.getBoundingClientRect().height < 20)
    .map((e) => e.outerHTML.slice(0, 80));
  return {wide, over, pale, small};
})()"""

SIZES: Final = ((360, False), (360, True), (768, False), (1200, True))


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_all_fits_and_nothing_is_pale(page: Browser, width: int, dark: bool) -> None:
    page.look(width, 900, dark=dark)
    wordy = '[["create"],["push",1,"YWJjZGVmZ2hpams="],["pull",1],["pull",1],["error",1,"%s"]]'
    several = "reference,plan-01,isolate,whatwg,whatwg+overlapping_pull=refuse"
    visit(page, {"program": wordy % ("w" * 100), "dialects": several})
    page.ask("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert page.ask(MEASURE) == {"wide": width, "over": [], "pale": [], "small": []}


@pytest.mark.parametrize(
    ("style", "what"),
    [("width:1500px", "over"), ("color:#ccc;background:#fff", "pale")],
)
def test_the_measuring_finds_what_is_wrong(page: Browser, style: str, what: str) -> None:
    page.ask(f"document.querySelector('h1').style.cssText = {json.dumps(style)}")
    assert page.ask(MEASURE)[what] != []


def test_the_page_asks_no_network_and_runs_no_script_but_its_own(
    page: Browser,
) -> None:
    assert page.ask("performance.getEntriesByType('resource').length") == 0
    assert page.ask("document.querySelectorAll('link, img, iframe, script[src]').length") == 0
    policy = page.ask("document.querySelector('meta[http-equiv]').content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    page.ask(
        """(() => { const inline = document.createElement("script");
        inline.text = "window.ran = 1"; document.body.append(inline); })()"""
    )
    assert page.ask("window.ran ?? null") is None
    assert any("Content Security Policy" in each for each in page.complaints)
    page.complaints.clear()
