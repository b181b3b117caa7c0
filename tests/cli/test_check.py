"""The command line: what it prints, what it ends with, and that nobody gets a traceback."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from streamstate.cli.screen import Bar
from tests.cli.commands import OVERLAPPING, PLAN_01, REFERENCE, in_a_process, read_report, run


@pytest.mark.parametrize(
    "part", [("--shard", "1/400"), pytest.param((), marks=pytest.mark.thorough)]
)
def test_check_of_the_built_in_registry(part: tuple[str, ...]) -> None:
    done = in_a_process("check", *part)
    assert done.returncode == 0
    assert "conforms to reference" in done.stdout
    assert done.stderr == ""


def test_check_of_another_dialect_deviates_and_the_report_says_how() -> None:
    program = '[["create"],["pull",1],["pull",1],["close",1]]'
    reference = (sys.executable, "-m", "streamstate", "reference", "--dialect", "plan-01")
    done = in_a_process("check", "--json", "-", "--program", program, "--", *reference)
    assert done.returncode == 1
    assert "1. PULL_10" in done.stderr
    (deviation,) = json.loads(done.stdout)["deviations"]
    assert deviation["rule"] == "PULL_10"
    assert deviation["program"] == [["create"], ["pull", 1], ["pull", 1]]
    assert deviation["at"] == 2
    assert deviation["expected"] == [None, [[1, "error", "Pull superseded"]]]
    assert deviation["observed"] == [None, []]
    assert "no pull settles" in deviation["explanation"]


def test_the_bar_says_when_causes_are_looked_for() -> None:
    said: list[str] = []
    bar = Bar(said.append)
    bar.started()
    bar.count(1_200, 0)
    bar.count(1_400, 3)
    bar.started()
    assert said == [
        "1,200 programs",
        "1,400 programs, 3 deviate",
        "1,400 programs, 3 deviate; finding the cause …",
    ]


def test_a_shard_is_a_part_of_the_plan_and_the_report_says_which(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    options = ("--jobs", "2", "--shard", "2/40", "--json", str(file))
    done = run("check", *options, "--", *REFERENCE)
    assert done.exit_code == 0
    assert "This is part 2 of 40 of the plan." in done.output
    report = read_report(file)
    assert report["shard"] == {"number": 2, "of": 40}
    assert 500 < report["programs"] < 5_000


def test_extra_states_are_a_part_of_the_plan(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    done = run("check", "--extra-states", "1", "--shard", "1/400", "--json", str(file))
    assert done.exit_code == 0
    report = read_report(file)
    assert report["extra_states"] == 1
    assert all(each["extra_states"] >= 1 for each in report["certificates"])


def test_a_budget_that_is_over_is_said(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    done = run("check", "--budget", "0.000001", "--json", str(file))
    assert done.exit_code == 3
    assert "was not tested: nothing was run." in done.output
    assert "conforms" not in done.output
    assert "The budget ran out in the suite" in done.output
    report = read_report(file)
    assert report["verdict"] == "untested"
    assert report["programs"] == 0
    assert report["cut_at"] in done.output
    assert report["certificate"] == "Nothing was run, so nothing is shown."


def test_auto_finds_the_dialect() -> None:
    done = run("check", "--dialect", "auto", "--program", OVERLAPPING, "--", *PLAN_01)
    assert done.exit_code == 0
    assert "conforms to plan-01" in done.output


def test_reports_are_written_whatever_the_verdict(tmp_path: Path) -> None:
    program = ("--program", OVERLAPPING)
    for status, command in ((0, REFERENCE), (1, PLAN_01), (3, ("/no/such/adapter",))):
        names = {option: tmp_path / f"{option}{status}" for option in ("json", "junit", "html")}
        wanted = [
            program_of
            for option, name in names.items()
            for program_of in (f"--{option}", str(name))
        ]
        names["json"].write_text("what was there before " * 10_000)
        done = run("check", *program, *wanted, "--", *command)
        assert done.exit_code == status
        assert read_report(names["json"])["extra_states"] == 0
        assert ElementTree.fromstring(names["junit"].read_text()).tag in {"testsuite", "testsuites"}
        assert names["html"].read_text().startswith("<!DOCTYPE html>")


def test_a_report_that_goes_nowhere_is_found_before_anything_runs(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text("the last one")
    done = run("check", "--json", str(kept), "--junit", "/no/such/folder/report", "--", "/no/such")
    assert done.exit_code == 2
    assert "cannot write the report to '/no/such/folder/report'" in done.output
    assert kept.read_text() == "the last one"


def test_check_of_what_cannot_run_ends_with_3_and_has_a_report() -> None:
    done = in_a_process("check", "--json", "-", "--", "/no/such/adapter")
    assert done.returncode == 3
    assert json.loads(done.stdout)["verdict"] == "broken"
    assert "cannot run '/no/such/adapter'" in done.stderr
