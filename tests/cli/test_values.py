"""Values of options that are no use: numbers without end, files nested without end."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from streamstate.cli.commands import cli
from tests.cli.commands import OVERLAPPING, REFERENCE, shell

LONG = "1" * 5_000
DEEP = "[" * 500_000


def refused(*arguments: str) -> str:
    """What is said about wrong usage."""
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 2
    return done.output


@pytest.mark.parametrize("seconds", ["inf", "1e300", "1e10", "nan", "-1"])
@pytest.mark.parametrize(("option", "most"), [("--timeout", 86_400), ("--budget", 31_536_000)])
def test_seconds_are_a_number_in_a_range(option: str, most: int, seconds: str) -> None:
    said = refused("check", option, seconds)
    assert (
        f"Invalid value for '{option}': {float(seconds)} is not in the range 0<x<={most}." in said
    )


def test_a_day_without_an_answer_is_in_the_range() -> None:
    program = ("--program", '[["create"]]')
    done = CliRunner().invoke(cli, ("check", "--timeout", "86400", *program))
    assert done.exit_code == 0


@pytest.mark.parametrize("shard", [f"{LONG}/1", f"1/{LONG}"])
def test_a_shard_is_no_long_number(shard: str) -> None:
    said = refused("check", "--shard", shard)
    assert "'--shard'" in said
    assert "… is not a shard; expected I/N" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"a = {DEEP}", "known.toml: something in it is nested too deeply"),
        (f"a = {LONG}", "known.toml: a number in it is too long to read"),
        (f"[[deviation]]\nrule = 0x{LONG}", "line 1: a number in it is too long to read"),
        (f"[[deviation]]\nrule = {'[' * 200}{']' * 200}", "known.toml"),
    ],
)
def test_known_deviations_that_no_one_can_read_are_named(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("known.toml").write_text(text)
    assert message in refused("check", "--known", "known.toml")


@pytest.mark.parametrize(
    ("command", "where"), [(("check", "--program"), "--program"), (("explain",), "PROGRAM")]
)
def test_a_program_that_cannot_be_read_is_named(
    command: tuple[str, ...], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deep.json").write_text(DEEP)
    assert f"{where} 'deep.json': the JSON is nested too deeply" in refused(*command, "deep.json")
    assert f"{where}: not JSON: " in refused(*command, "[[")
    assert f"{where} -: not JSON: " in refused(*command, "-")


def test_an_option_that_stands_among_those_of_the_adapter_is_noted() -> None:
    done = shell(("check", "--program", OVERLAPPING, "--", *REFERENCE, "--jobs=2"))
    assert "Note: --jobs=2 stands after --, so COMMAND gets it, and not check." in done.stderr
    assert "Note" not in shell(("check", "--program", OVERLAPPING, "--", *REFERENCE)).stderr
