"""The page in use: by mouse, by keyboard, by ear, small, in the dark, from an address, from a
report."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from streamstate.model import ISOLATE, PLAN_01, REFERENCE, Dialect, Rule
from streamstate.oracle import as_json, check
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.plan import only
from streamstate.registry import StreamStateRegistry
from streamstate.wire import parse_turns
from tests.explorer.browser import Browser
from tests.explorer.shown import READ, visit

pytestmark = pytest.mark.needs_chromium

ERRORED: Final = '[["create"],["push",1,"YQ=="],["pull",1],["error",1,"boom"]]'


def click(page: Browser, name: str) -> Any:
    """Press that, and what the page shows then."""
    page.ask(f"document.getElementById({json.dumps(name)}).click()")
    return page.ask(READ)


def said(page: Browser) -> str:
    """What a screen reader is told of."""
    told: str = page.ask("document.getElementById('said').textContent")
    return told


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
    assert page.ask(promised) == "PULL_10 / PULL_9"


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
        ({"limits": "0,1"}, "high_water_mark is 0; expected a whole number from 1 on"),
    ],
)
def test_what_is_wrong_in_an_address_is_said(
    page: Browser, parts: dict[str, str], problem: str
) -> None:
    shown = visit(page, parts)
    assert problem in shown["problem"]
    assert shown["title"] == "Before the first op"


def report_on(program: str, dialect: Dialect) -> str:
    """The report on a registry of `dialect` that should be of the reference one."""
    verdict = check(
        lambda: InProcessImplementation(
            lambda limits: StreamStateRegistry(limits=limits, dialect=dialect), "mine", "1"
        ),
        REFERENCE,
        planner=only(program_of(parse_turns(program))),
    )
    assert verdict.deviations
    return json.dumps(as_json(verdict, "1.2.3"))


CHOOSE: Final = """(async (text) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], "report.json"));
  const field = document.getElementById("report");
  field.files = carried.files;
  field.dispatchEvent(new Event("change"));
  await new Promise((done) => setTimeout(done));
  while (document.getElementById("deviations").length === 0
    && document.getElementById("problem").textContent === "") {
    await new Promise((done) => setTimeout(done));
  }
})(%s)"""

DROP: Final = """(async (text) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], "report.json"));
  document.body.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true}));
  while (document.getElementById("deviations").length === 0) {
    await new Promise((done) => setTimeout(done));
  }
})(%s)"""

OVERLAPPING: Final = '[["create"],["pull",1],["pull",1],["close",1]]'
CONTRAST: Final = (
    "[...document.querySelectorAll('#deviation-now td')].map((each) => each.textContent)"
)


@pytest.mark.parametrize("way", [CHOOSE, DROP], ids=["chosen", "dropped"])
def test_a_deviation_is_replayed_expected_beside_observed(page: Browser, way: str) -> None:
    page.ask(way % json.dumps(report_on(OVERLAPPING, PLAN_01)))
    shown = page.ask(READ)
    assert shown["title"] == "3. pull(1) as pull 2"
    assert shown["outcomes"][0]["rules"] == ["PULL_10"]
    assert page.ask(CONTRAST) == ["pull 1 is rejected with 'Pull superseded'", "the pull waits"]
    assert "Deviates: " in said(page)
    assert click(page, "previous")["title"] == "2. pull(1) as pull 1"
    assert page.ask(CONTRAST) == []
    click(page, "next")
    assert len(page.ask(CONTRAST)) == 2


def test_a_deviation_may_be_of_ops_done_together(page: Browser) -> None:
    backlog = '[["create"],["push",1,"YQ=="],["error",1,"boom"],["together",["pull",1],["get",1]]]'
    page.ask(CHOOSE % json.dumps(report_on(backlog, ISOLATE)))
    shown = page.ask(READ)
    last = page.ask("document.querySelector('#deviations').selectedOptions[0].textContent")
    assert last.startswith("1. ")
    assert shown["outcomes"][0]["dialects"] == ["reference"]
    assert len(page.ask(CONTRAST)) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "Cannot read the report: it is not JSON"),
        ('{"dialect":"reference"}', "This is no report of streamstate check --json, version 1."),
        ("[]", "Unknown dialect"),
        (
            '{"report":1,"dialect":"reference","deviations":[null],"excused":[]}',
            "This is no report",
        ),
        (
            '{"report":1,"dialect":"reference","deviations":[],"excused":[]}',
            "Nothing deviates in this report.",
        ),
    ],
)
def test_what_is_no_report_is_said_to_be_none(page: Browser, text: str, problem: str) -> None:
    page.ask(CHOOSE % json.dumps(text))
    assert problem in page.ask("document.getElementById('problem').textContent")


def test_the_program_at_which_an_exchange_broke_is_replayed(page: Browser) -> None:
    report = json.loads(report_on(OVERLAPPING, PLAN_01))
    report["deviations"] = []
    program = json.loads(ERRORED)
    report["broken"] = {"program": program, "message": "it died", "rule": "ERROR_4"}
    page.ask(CHOOSE % json.dumps(json.dumps(report)))
    assert page.ask(READ)["title"] == "4. error(1, 'boom')"
    assert page.ask(CONTRAST) == ["nothing to see", "the adapter failed: 'it died'"]


def test_a_report_that_expects_what_the_model_does_not_is_said_to_be_old(page: Browser) -> None:
    stale = "document.querySelectorAll('#deviation-now .stale').length"
    report = json.loads(report_on(OVERLAPPING, PLAN_01))
    page.ask(CHOOSE % json.dumps(json.dumps(report)))
    assert page.ask(stale) == 0
    report["deviations"][0]["expected"] = [None, [[1, "done"]]]
    page.ask(CHOOSE % json.dumps(json.dumps(report)))
    page.ask("new Promise((done) => setTimeout(done, 0))")
    assert page.ask(CONTRAST)[0] == "pull 1 is done"
    assert page.ask(stale) == 1


def test_what_a_report_says_stays_text(page: Browser) -> None:
    report = json.loads(report_on(OVERLAPPING, PLAN_01))
    nasty = "<img src=x onerror=alert(1)>"
    report["deviations"][0]["observed"] = [None, [[1, "error", nasty]]]
    report["deviations"][0]["explanation"] = nasty
    page.ask(CHOOSE % json.dumps(json.dumps(report)))
    assert page.ask(CONTRAST)[1] == f"pull 1 is rejected with '{nasty}'"
    assert page.ask("document.images.length") == 0


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


def test_every_rule_can_be_looked_up(page: Browser) -> None:
    options = "[...document.getElementById('example').options].slice(1).map(({ value }) => value)"
    assert page.ask(options) == [rule.name for rule in Rule]
