"""Where reports go, and that none takes the place of something else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import run
from tests.oracle.recorded import RECORDING

PROGRAM = '[["create"],["pull",1]]'
KNOWN = '[[deviation]]\nrule = "PULL_3"\nprogram = [["create"],["pull",1]]\nreason = "so be it"\n'


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_report_that_cannot_be_written_is_named_and_the_others_are_kept() -> None:
    done = run("check", "--program", PROGRAM, "--json", "/dev/full", "--html", "kept.html")
    assert done.exit_code == 2
    assert "--json: cannot write the report to '/dev/full': No space left" in done.output
    assert "conforms to reference" in done.output
    assert Path("kept.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_two_reports_cannot_go_to_one_file_by_two_names(link: Callable[[str, str], None]) -> None:
    Path("a").write_text("what was there")
    link("a", "b")
    done = run("check", "--program", PROGRAM, "--json", "a", "--html", "b")
    assert done.exit_code == 2
    assert "--json and --html cannot both go to 'b', the same file as 'a'" in done.output
    assert Path("a").read_text() == "what was there"


def test_two_reports_cannot_go_to_one_file_that_is_not_there_yet() -> None:
    Path("b").symlink_to("a")
    assert run("check", "--program", PROGRAM, "--json", "a", "--html", "b").exit_code == 2
    assert not Path("a").exists()


@pytest.mark.parametrize(
    ("arguments", "reader", "text"),
    [
        (("trace", "in"), "FILE", RECORDING),
        (("check", "--program", "in"), "--program", PROGRAM),
        (("check", "--program", PROGRAM, "--known", "in"), "--known", KNOWN),
    ],
)
def test_a_report_cannot_go_where_it_is_read_from(
    arguments: tuple[str, ...], reader: str, text: str
) -> None:
    Path("in").write_text(text)
    os.link("in", "out")
    done = run(*arguments, "--json", "out")
    assert done.exit_code == 2
    assert f"--json cannot go to 'out': {reader} reads 'in', which is the same file" in done.output
    assert Path("in").read_text() == text


def test_a_merged_report_cannot_go_over_a_part() -> None:
    assert run("check", "--program", PROGRAM, "--json", "part.json").exit_code == 0
    before = Path("part.json").read_text()
    done = run("merge", "part.json", "--json", "part.json")
    assert done.exit_code == 2
    assert Path("part.json").read_text() == before


def test_devices_are_not_overwritten() -> None:
    done = run("check", "--program", PROGRAM, "--known", "/dev/null", "--json", "/dev/null")
    assert done.exit_code == 0


def test_a_file_that_was_not_there_is_not_left_empty() -> None:
    done = run("check", "--program", PROGRAM, "--json", "new.json", "--html", "no/such/folder")
    assert done.exit_code == 2
    assert not Path("new.json").exists()


def test_a_list_without_deviations_is_written_empty() -> None:
    assert run("check", "--program", PROGRAM, "--write-known", "none.toml").exit_code == 0
    assert Path("none.toml").read_text() == ""


def test_what_only_a_page_or_a_merge_needs_is_not_imported_before() -> None:
    code = "import streamstate.cli.commands, sys; print({'jinja2', 'jsonschema'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
