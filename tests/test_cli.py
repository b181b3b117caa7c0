"""The command line: what it prints, what it ends with, and that nobody gets a traceback."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from streamstate.cli.commands import cli
from streamstate.cli.screen import Bar
from streamstate.model import NAMED, Dialect, Limits
from streamstate.oracle.adapters.implementation import Implementation
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.reports.deviation_view import again
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import only
from streamstate.registry import StreamStateRegistry
from streamstate.wire import encode_bytes, parse_program
from tests.oracle.reported import verdict_of

REFERENCE = (sys.executable, "-m", "streamstate", "reference")
SCHEMA = Path(__file__).parents[1] / "spec" / "report.schema.json"
PROGRAM = '[["create"],["pull",1],["close",1]]'


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=stdin)


def in_a_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "streamstate", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read_report(file: Path) -> dict[str, Any]:
    """A report that was written, which is in the schema."""
    report: dict[str, Any] = json.loads(file.read_text())
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(report)
    return report


@pytest.mark.parametrize(
    "part", [("--shard", "1/400"), pytest.param((), marks=pytest.mark.thorough)]
)
def test_check_of_the_built_in_registry(part: tuple[str, ...]) -> None:
    done = in_a_process("check", *part)
    assert done.returncode == 0
    assert "conforms to reference" in done.stdout
    assert done.stderr == ""


def test_check_of_one_program_and_its_report(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    done = run("check", "--dialect", "isolate", "--program", PROGRAM, "--json", str(file))
    assert done.exit_code == 0
    report = json.loads(file.read_text())
    assert report["verdict"] == "conforms"
    assert report["dialect"] == "isolate"
    assert report["conforms_to"] == list(NAMED)
    assert report["rules"] == {"CLOSE_2": 1, "CREATE_1": 1, "PULL_3": 1}
    assert (report["programs"], report["ops"]) == (1, 3)
    assert report["deviations"] == []
    assert {"seconds", "certificate", "blind_spots"} <= set(report)


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


PLAN_01 = (sys.executable, "-m", "streamstate", "reference", "--dialect", "plan-01")
OVERLAPPING = '[["create"],["pull",1],["pull",1],["close",1]]'


BIG_PROGRAM = '[["create"],["push",1,{"fill":0,"size":65536}],["is_queue_full",1],["pull",1]]'


ZEROS = encode_bytes(bytes(65_536))


def test_a_program_may_have_fills_whoever_runs_it() -> None:
    for command in ((), ("--", *REFERENCE)):
        done = run("check", "--program", BIG_PROGRAM, *command)
        assert done.exit_code == 0
        assert "1 program, 4 ops" in done.output
    assert "65,536 bytes" in run("explain", BIG_PROGRAM).output
    wrong = run("check", "--program", BIG_PROGRAM.replace("65536", "-1"))
    assert wrong.exit_code == 2
    assert '{"fill": 0, "size": -1} is no chunk' in wrong.output


def test_a_program_with_a_big_chunk_can_be_pasted() -> None:
    def full_one_byte_late() -> Implementation:
        late = Limits(65_537, 16)
        return InProcessImplementation(
            lambda _limits: StreamStateRegistry(limits=late), "late", "1"
        )

    big = only(program_of(parse_program(f'[["create"],["push",1,"{ZEROS}"],["is_queue_full",1]]')))
    lines = [line.text for line in as_text(check(full_one_byte_late, Dialect(), planner=big))]
    (again,) = (line for line in lines if "Again: " in line)
    words = shlex.split(again.partition("Again: ")[2])
    assert words[-1] == '[["create"],["push",1,{"fill":1,"size":65536}],["is_queue_full",1]]'
    pasted = run(*words[1:])
    assert pasted.exit_code == 0
    assert "1 program, 3 ops" in pasted.output


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


def test_known_deviations_are_written_given_reasons_and_excused(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    program = ("--program", OVERLAPPING)
    first = run("check", *program, "--write-known", str(file), "--", *PLAN_01)
    assert first.exit_code == 1
    unread = run("check", *program, "--known", str(file), "--", *PLAN_01)
    assert unread.exit_code == 2
    assert "known.toml, line 1: reason is ''; expected text" in unread.output
    file.write_text(file.read_text().replace('reason = ""', 'reason = "so \\u001b[31mbe it"'))
    known = ("--known", str(file), "--write-known", str(file))
    report = tmp_path / "report.json"
    excused = run("check", *program, *known, "--json", str(report), "--", *PLAN_01)
    assert excused.exit_code == 0
    assert "conforms to reference but for 1 known deviation.\n" in excused.output
    assert "Known deviations: 1 of 1 stand." in excused.output
    assert "PULL_10" in excused.output
    assert "so be it" in excused.output
    (entry,) = read_report(report)["known"]
    (deviation,) = read_report(report)["excused"]
    assert deviation["reason"] == entry["reason"] == "so \x1b[31mbe it"
    assert entry["standing"] == "stands"
    assert entry["excuses"] == ["PULL_10"]
    assert "be it" in file.read_text()  # what was written is what was known


def test_a_known_deviation_that_is_gone_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        f"[[deviation]]\nrule = 'PULL_10'\nprogram = '{OVERLAPPING}'\nreason = 'once'\n"
        f"[[deviation]]\nrule = 'PULL_10'\nprogram = '{OVERLAPPING}'\nreason = 'elsewhere'\n"
        "dialect = 'isolate'\n"
    )
    done = run("check", "--program", OVERLAPPING, "--known", str(file))
    assert done.exit_code == 1
    assert "PULL_10" in done.output
    shown = " ".join(done.output.split())
    assert "known.toml, line 1): Its program no longer deviates" in shown
    assert "0 of 1 stand" in shown


def test_known_deviations_of_what_cannot_run_change_nothing(tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        f"[[deviation]]\nrule = 'PULL_10'\nprogram = '{OVERLAPPING}'\nreason = 'once'\n"
    )
    done = run("check", "--known", str(file), "--", "/no/such/adapter")
    assert done.exit_code == 3
    assert "Its program was not answered." in done.output


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


def test_a_budget_goes_with_a_program() -> None:
    done = run("check", "--program", PROGRAM, "--budget", "60")
    assert done.exit_code == 0
    assert "1 program, 3 ops" in done.output


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
    tested = Path(__file__).parent / "implementations" / "javascript" / "adapter.mjs"
    assert run("adapter", "javascript").output == tested.read_text()


def test_dialects_shows_the_lattice_and_hazards() -> None:
    output = run("dialects", "--dialect", "isolate").output
    assert output.startswith("144 dialects")
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


WITHOUT_LIMITS = (sys.executable, str(Path(__file__).parent / "oracle" / "lossy_adapter.py"))
FULL_OF_ONE = '[["create"],["push",1,"AA=="],["is_queue_full",1]]'


def test_a_program_may_have_limits() -> None:
    reference = ("--dialect", "reference", "--", *REFERENCE)
    done = run("check", "--program", FULL_OF_ONE, "--limits", "1,5", *reference)
    assert done.exit_code == 0
    late = verdict_of("with limits")
    (deviation,) = late.deviations
    line = again(late, deviation.program, deviation.limits, (), 400)
    assert line is not None
    assert deviation.limits is not None
    *_, flag, limits = shlex.split(line)
    assert (flag, limits) == (
        "--limits",
        f"{deviation.limits.high_water_mark},{deviation.limits.max_queue_chunks}",
    )
    assert run(*shlex.split(line)[1:]).exit_code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--limits", "1,5"), "--limits needs --program; the plan has limits of its own"),
        (("--program", FULL_OF_ONE, "--limits", "1"), "'1': expected two numbers from 1"),
        (("--program", FULL_OF_ONE, "--limits", "0,5"), "'0,5': expected two numbers from 1"),
        (("--program", FULL_OF_ONE, "--limits", "x"), "such as 65536,16"),
        (
            ("--program", FULL_OF_ONE, "--limits", "1,5", "--", *WITHOUT_LIMITS),
            "the adapter does not offer limits, so the program cannot have any",
        ),
    ],
)
def test_limits_that_make_no_sense_are_wrong_usage(options: tuple[str, ...], message: str) -> None:
    done = run("check", *options)
    assert done.exit_code == 2
    assert message in done.output
