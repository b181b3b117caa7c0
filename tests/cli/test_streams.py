"""Standard streams that are closed, full, or that nobody reads any more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.commands import OVERLAPPING, PLAN_01, REFERENCE, shell

CHECK = ("check", "--program", OVERLAPPING)


@pytest.mark.parametrize(("adapter", "status"), [(REFERENCE, 0), (PLAN_01, 1), (("/no",), 3)])
def test_a_reader_that_leaves_changes_no_verdict(
    adapter: tuple[str, ...], status: int, tmp_path: Path
) -> None:
    done = shell((*CHECK, "--json", "kept.json", "--", *adapter), "| true", tmp_path)
    assert done.returncode == status
    assert len(done.stderr.splitlines()) == (status == 1)  # the first deviation
    assert json.loads((tmp_path / "kept.json").read_text())["extra_states"] == 0


@pytest.mark.parametrize(
    "arguments", [("dialects",), ("--help",), ("explain", OVERLAPPING), ("adapter", "go")]
)
def test_a_reader_that_leaves_is_no_failure(arguments: tuple[str, ...]) -> None:
    done = shell(arguments, "| true")
    assert (done.returncode, done.stderr) == (0, "")


def test_an_adapter_whose_reader_has_left_ends() -> None:
    endless = """< <(yes '{"cmd":"start","protocol":1}') | head -n 1"""
    assert shell(("reference",), endless).returncode == 0


@pytest.mark.parametrize("arguments", [CHECK, (*CHECK, "--json", "-"), ("explain", OVERLAPPING)])
def test_an_output_that_is_full_is_no_verdict(arguments: tuple[str, ...]) -> None:
    done = shell(arguments, "> /dev/full")
    assert done.returncode == 2
    assert "Error: cannot write to standard output: No space left on device\n" in done.stderr


def test_a_report_to_an_output_that_is_closed_is_wrong_usage() -> None:
    done = shell((*CHECK, "--json", "-"), ">&-")
    assert done.returncode == 2
    assert "--json: standard output is closed" in done.stderr


def test_whoever_closes_the_output_gets_the_status_alone(tmp_path: Path) -> None:
    all_closed = ("<&- >&- 2>&-", ">&-")
    for around in all_closed:
        done = shell((*CHECK, "--json", "kept.json", "--", *PLAN_01), around, tmp_path)
        assert done.returncode == 1
        assert json.loads((tmp_path / "kept.json").read_text())["verdict"] == "deviates"


@pytest.mark.parametrize(
    "arguments",
    [("explain", "-"), ("check", "--program", "-"), ("trace", "-"), ("merge", "-"), ("reference",)],
)
def test_an_input_that_is_closed_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    done = shell(arguments, "<&-")
    assert done.returncode == 2
    assert "Error: standard input is closed" in done.stderr


@pytest.mark.parametrize(("command", "reader"), [("trace", "FILE"), ("merge", "REPORT")])
def test_the_input_can_be_read_only_once(command: str, reader: str) -> None:
    done = shell((command, "-", "-"), "< /dev/null")
    assert done.returncode == 2
    assert f"{reader}: - is standard input, which can be read only once" in done.stderr
