"""The other commands, wrong usage of all, and terminals and readers that are not as usual."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.commands import PROGRAM, in_a_process, run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "--dialect", "plan-02"), "unknown dialect 'plan-02'"),
        (("check", "--dialect", "reference+x=y"), "is not field=value"),
        (("check", "--timeout", "0"), "0"),
        (("check", "--jobs", "0"), "0 is not in the range"),
        (("check", "--jobs", "2"), "--jobs needs a COMMAND"),
        (("check", "--shard", "3/2"), "'3/2' is not a shard; expected I/N"),
        (("check", "--shard", "one"), "'one' is not a shard; expected I/N"),
        (("check", "--budget", "0"), "0.0 is not in the range"),
        (("check", "--budget", "soon"), "'soon' is not a valid float"),
        (("check", "--extra-states", "-1"), "-1 is not in the range"),
        (("check", "--shard", "1/2", "--program", PROGRAM), "--program runs one program"),
        (("check", "--dialect", "auto"), "--dialect auto needs a COMMAND"),
        (("explain", "--dialect", "auto", PROGRAM), "unknown dialect 'auto'"),
        (("check", "--json", "-", "--html", "-"), "--json and --html cannot both go to standard"),
        (("check", "--junit", "x", "--html", "./x"), "--junit and --html cannot both go to"),
        (("check", "--known", "/no/such/file"), "cannot read '/no/such/file'"),
        (("check", "--known", "/dev/null", "--known", __file__), "is not TOML"),
        (("check", "--json", "/no/such/folder/report"), "cannot write the report to"),
        (("check", "--program", "[]"), "the program has no ops"),
        (("check", "--program", '[["seen",1]]'), "cannot be asked of an adapter"),
        (("explain", '[["push",1]]'), 'expected ["push", stream, base64]'),
        (("explain", '[["create"'), "not JSON"),
        (("explain", "no-such-file"), "cannot read the program 'no-such-file'"),
        (("explain", "-"), "not JSON"),
        (("adapter", "cobol"), "cobol"),
        (("fly",), "No such command"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_was_expected(
    arguments: tuple[str, ...], message: str
) -> None:
    done = run(*arguments, stdin=b"\xff")
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output


def test_reference_is_an_adapter() -> None:
    lines = (
        '{"cmd":"start","protocol":1}\n'
        f'{{"cmd":"run","seq":0,"program":{PROGRAM}}}\n'
        '{"cmd":"run","seq":1,"program":[["push",1,"A"]]}\n'
        '{"cmd":"run","seq":2,"program":[["create"],["is_queue_full",1],["push",1,""],'
        '["is_queue_full",1]],"limits":{"high_water_mark":1,"max_queue_chunks":1}}\n'
        '{"cmd":"stop"}\nwhatever comes then\n'
    )
    done = run("reference", stdin=lines)
    assert done.exit_code == 0
    hello, first, second, third = map(json.loads, done.output.splitlines())
    assert hello["protocol"] == 1
    assert first == {"seq": 0, "trace": [[1, []], [None, []], [None, [[1, "done"]]]], "late": []}
    assert second["seq"] == 1
    assert "not base64" in second["failed"]
    assert [answer[0] for answer in third["trace"]] == [1, False, True, True]


def test_reference_ends_with_2_at_what_is_no_message() -> None:
    assert run("reference", stdin="hello\n").exit_code == 2


def test_adapter_prints_the_one_that_is_tested() -> None:
    tested = Path(__file__).parents[1] / "implementations" / "javascript" / "adapter.mjs"
    assert run("adapter", "javascript").output == tested.read_text()


def test_dialects_shows_the_lattice_and_hazards() -> None:
    output = run("dialects", "--dialect", "isolate").output
    assert output.startswith("288 dialects")
    assert "overwrite · supersede · refuse · queue" in output
    assert "dangling-pull" in output
    assert '[["create"],["pull",1],["pull",1]]' in output


def test_a_terminal_that_does_not_know_every_sign_gets_others() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "streamstate", "explain", PROGRAM),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.returncode == 0
    assert b"1, 2, 3 ?" in done.stdout


def test_wrong_usage_of_the_real_command_ends_with_2() -> None:
    done = in_a_process("check", "--dialect", "x")
    assert done.returncode == 2
    assert "unknown dialect 'x'" in done.stderr
    assert in_a_process("--help").returncode == 0


def test_a_reader_that_leaves_is_no_mishap() -> None:
    command = f"{sys.executable} -m streamstate explain '{PROGRAM}' | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stderr == ""
