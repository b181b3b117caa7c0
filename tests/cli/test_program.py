"""`check --program`: one program, with fills and with limits."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

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
from tests.cli.commands import PROGRAM, REFERENCE, run
from tests.oracle.reported import verdict_of


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


def test_a_budget_goes_with_a_program() -> None:
    done = run("check", "--program", PROGRAM, "--budget", "60")
    assert done.exit_code == 0
    assert "1 program, 3 ops" in done.output


WITHOUT_LIMITS = (sys.executable, str(Path(__file__).parents[1] / "oracle" / "lossy_adapter.py"))


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
        (("--program", FULL_OF_ONE, "--limits", "1"), "'1': expected two numbers from 0"),
        (("--program", FULL_OF_ONE, "--limits", "-1,5"), "'-1,5': expected two numbers from 0"),
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
