"""Deviations of a report, replayed on the page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from streamstate.cli.commands import cli
from streamstate.model import ISOLATE, PLAN_01, REFERENCE, Dialect
from streamstate.oracle import as_json, check
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.plan import only
from streamstate.registry import StreamStateRegistry
from streamstate.wire import parse_turns
from tests.explorer.browser import Browser
from tests.explorer.shown import ERRORED, READ, click, said

pytestmark = pytest.mark.needs_chromium


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
        ('{"dialect":"reference"}', "This is not a report of streamstate check --json, version 1."),
        ("[]", "Unknown dialect"),
        (
            '{"report":1,"dialect":"reference","deviations":[null],"excused":[]}',
            "This is not a report",
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


# --- From a report's page --------------------------------------------------------------------

FOLLOW: Final = "[...document.links].find((each) => each.textContent.startsWith('Replay it')).href"


def checked(folder: Path, dialect: str, html: str = "report.html") -> Result:
    """What `check --html` in that folder says of the model in `dialect`."""
    adapter = (sys.executable, "-m", "streamstate", "reference", "--dialect", dialect)
    arguments = ("check", "--program", OVERLAPPING, "--html", str(folder / html), "--", *adapter)
    return CliRunner().invoke(cli, arguments)


def test_a_report_leads_to_the_replay_of_each_deviation(page: Browser, tmp_path: Path) -> None:
    assert checked(tmp_path, "plan-01").exit_code == 1
    page.open((tmp_path / "report.html").as_uri())
    page.open(page.ask(FOLLOW))
    assert page.ask(READ)["title"] == "3. pull(1) as pull 2"
    assert page.ask(CONTRAST) == ["pull 1 is rejected with 'Pull superseded'", "the pull waits"]
    assert click(page, "previous")["title"] == "2. pull(1) as pull 1"
    assert page.ask(CONTRAST) == []


def test_the_address_of_a_replay_holds_the_deviation(page: Browser, tmp_path: Path) -> None:
    checked(tmp_path, "plan-01")
    page.open((tmp_path / "report.html").as_uri())
    page.open(page.ask(FOLLOW) + "&at=2&dialects=reference,plan-01")
    assert page.ask(READ)["title"] == "2. pull(1) as pull 1"
    click(page, "next")
    address = page.ask("location.href")
    page.open(address)
    assert page.ask(READ)["title"] == "3. pull(1) as pull 2"
    assert page.ask(CONTRAST) == ["pull 1 is rejected with 'Pull superseded'", "the pull waits"]
    assert page.ask("document.querySelectorAll('#outcomes > article').length") == 2


def test_an_op_pressed_in_a_replay_makes_another_program_of_it(
    page: Browser, tmp_path: Path
) -> None:
    checked(tmp_path, "plan-01")
    page.open((tmp_path / "report.html").as_uri())
    page.open(page.ask(FOLLOW))
    click(page, "on-all-create")
    assert page.ask(CONTRAST) == []
    assert "report=" not in page.ask("location.hash")


@pytest.mark.parametrize("spoilt", ["report=nonsense", "report=%7B%7D", "report="])
def test_an_address_with_a_report_that_is_none_says_so(
    page: Browser, address: str, spoilt: str
) -> None:
    page.open(f"{address}#{spoilt}")
    assert page.ask("document.getElementById('problem').textContent") != ""
    assert page.ask(READ)["title"] == "Before the first op"


def test_where_nothing_deviates_there_is_no_explorer_beside_the_report(tmp_path: Path) -> None:
    assert checked(tmp_path, "reference").exit_code == 0
    assert [each.name for each in tmp_path.iterdir()] == ["report.html"]


def test_a_file_that_has_the_name_of_the_explorer_stays(tmp_path: Path) -> None:
    other = tmp_path / "report-explorer.html"
    other.write_text("mine")
    done = checked(tmp_path, "plan-01")
    assert done.exit_code == 1
    assert "Note: no explorer beside" in done.output
    assert other.read_text() == "mine"
    assert "Replay it" not in (tmp_path / "report.html").read_text()
    other.unlink()
    for _ in range(2):  # its own it writes anew
        assert "Note" not in checked(tmp_path, "plan-01").output
    assert "report-explorer.html#report=" in (tmp_path / "report.html").read_text()
