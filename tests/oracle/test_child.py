"""Adapters that misbehave: each is noticed for what it is, and nothing of it is left behind."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from select import select

import pytest

from streamstate.model import NAMED, REFERENCE
from streamstate.oracle.child import ChildImplementation
from streamstate.oracle.implementation import ExchangeError, Fault
from streamstate.oracle.verdict import Verdict, check
from tests.oracle.small_plan import small_plan

BROKEN = str(Path(__file__).with_name("broken_adapter.py"))


def verdict_on(habit: str, timeout: float = 10) -> Verdict:
    command = (sys.executable, BROKEN, habit)
    return check(lambda: ChildImplementation(command, timeout), REFERENCE, planner=small_plan)


def fault_of(verdict: Verdict) -> ExchangeError:
    assert verdict.exit_code == 3
    assert verdict.tally.broken is not None
    return verdict.tally.broken


@pytest.mark.parametrize(
    ("habit", "fault", "message"),
    [
        ("crash", Fault.DIED, "it exited with status 1"),
        ("killed", Fault.DIED, "it was killed by SIGKILL"),
        ("early_exit", Fault.DIED, "it exited with status 0"),
        ("half_a_line", Fault.DIED, "after writing part of a line"),
        ("garbage", Fault.GARBAGE, "the line what? is no answer: not JSON"),
        ("not_utf_8", Fault.GARBAGE, "utf-8"),
        ("wrong_seq", Fault.GARBAGE, "seq is 9300, not 300"),
        ("no_seq", Fault.GARBAGE, 'expected {"seq"'),
        ("skips_one", Fault.GARBAGE, "seq is 301, not 300"),
        ("answers_twice", Fault.GARBAGE, "seq is 300, not 301"),
        ("one_answer_short", Fault.GARBAGE, "answers to"),
        ("endless_line", Fault.GARBAGE, "a line of more than"),
    ],
)
def test_a_broken_exchange_is_named(habit: str, fault: Fault, message: str) -> None:
    verdict = verdict_on(habit)
    error = fault_of(verdict)
    assert error.fault is fault
    assert message in error.message
    assert verdict.tally.programs in {299, 300}
    assert verdict.tally.running is not None
    assert verdict.tally.running.seq == verdict.tally.programs + 1


def test_a_crash_is_reported_with_the_end_of_stderr() -> None:
    error = fault_of(verdict_on("crash"))
    assert "about to fall over" in error.stderr
    assert "RuntimeError: fell over" in error.stderr


@pytest.mark.parametrize("habit", ["hang", "flood_of_stderr"])
def test_no_answer_in_time_is_a_hang(habit: str) -> None:
    error = fault_of(verdict_on(habit, timeout=2))
    assert error.fault is Fault.HUNG
    assert len(error.stderr) <= 4096


@pytest.mark.parametrize(
    ("habit", "message"),
    [
        ("banner", "not JSON"),
        ("protocol_2", "it speaks protocol 2, not 1"),
        ("no_settle", "expected"),
    ],
)
def test_a_handshake_must_be_right(habit: str, message: str) -> None:
    error = fault_of(verdict_on(habit))
    assert error.fault is Fault.HANDSHAKE
    assert message in error.message


def test_what_cannot_be_run_is_named() -> None:
    verdict = check(lambda: ChildImplementation(("/no/such/program",)), REFERENCE)
    error = fault_of(verdict)
    assert error.fault is Fault.START
    assert "/no/such/program" in error.message


def test_noise_on_stderr_is_no_fault() -> None:
    assert verdict_on("noise").exit_code == 0


def test_an_adapter_that_fails_is_a_deviation_with_a_rule() -> None:
    verdict = verdict_on("fails")
    assert verdict.exit_code == 1
    (deviation,) = verdict.deviations
    assert deviation.difference.observed == "no idea"
    assert not deviation.repeatable  # it fails at one line, whatever is in it


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux to see a process end")
def test_a_child_that_stays_is_killed_with_its_children() -> None:
    child = ChildImplementation((sys.executable, BROKEN, "grandchild"))
    (grandchild,) = re.findall(r"grandchild (\d+)", child.stderr_tail())
    ends = [os.pidfd_open(child.pid), os.pidfd_open(int(grandchild))]
    child.close()
    for end in ends:
        ended, _, _ = select([end], [], [], 10)
        assert ended
        os.close(end)


@pytest.mark.parametrize("name", NAMED)
def test_the_reference_adapter_conforms_to_its_own_dialect_only(name: str) -> None:
    command = (sys.executable, "-m", "streamstate", "reference", "--dialect", name)
    verdict = check(lambda: ChildImplementation(command), NAMED[name], planner=small_plan)
    assert verdict.exit_code == 0
    assert verdict.tally.conforms_to == (name,)
    assert verdict.unexercised() == ()
