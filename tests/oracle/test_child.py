"""Adapters that misbehave: each is noticed for what it is, and nothing of it is left behind."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from select import select

import pytest

from streamstate.model import NAMED, REFERENCE, Close, Create, Error, Op, Pull, Push
from streamstate.oracle.adapters import child
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import ExchangeError, Fault, Request
from streamstate.oracle.campaign.driving import Campaign
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import Suite, requests
from streamstate.oracle.verdict.tally import Mistake
from streamstate.oracle.verdict.verdict import Verdict
from tests.oracle.small_plan import small_plan
from tests.thorough import one_in

ROOT = Path(__file__).parents[2]
BROKEN = str(Path(__file__).with_name("broken_adapter.py"))


_LETTERS: tuple[Op, ...] = (Push(1, b"a"), Pull(1), Close(1), Error(1, "x"), Pull(2))


def quick_plan(_machine: CachedModel, _capabilities: object, _seed: int) -> Iterator[Suite]:
    """All ways to go on for four ops, and one program with a long line."""
    short = (program_of((Create(), *ops)) for ops in product(_LETTERS, repeat=4))
    yield Suite("short", "", short)
    yield Suite("long", "", iter([program_of((Create(), Push(1, bytes(2**16)), Pull(1)))]))


def verdict_on(habit: str, timeout: float = 10) -> Verdict:
    command = (sys.executable, BROKEN, habit)
    verdict = check(lambda: ChildImplementation(command, timeout), REFERENCE, planner=quick_plan)
    for line in as_text(verdict, command):
        assert line.text.isprintable(), line
    return verdict


def fault_of(verdict: Verdict) -> ExchangeError:
    assert verdict.exit_code == 3
    assert verdict.tally.broken is not None
    return verdict.tally.broken


def fault_at_once(habit: str, timeout: float) -> ExchangeError:
    """The fault at which the plan breaks off, without the runs that find the shortest program: each
    of them would wait as long for an answer."""
    implementation = ChildImplementation((sys.executable, BROKEN, habit), timeout)
    planned = quick_plan(CachedModel(REFERENCE), (), 1)
    try:
        tally = Campaign(implementation, REFERENCE, CachedModels()).drive(requests(planned))
    finally:
        implementation.close()
    assert tally.broken is not None
    return tally.broken


@pytest.mark.parametrize(
    ("habit", "fault", "message"),
    [
        ("crash", Fault.DIED, "it exited with status 1"),
        ("killed", Fault.DIED, "it was killed by SIGKILL"),
        ("early_exit", Fault.DIED, "it exited with status 0"),
        ("half_a_line", Fault.DIED, "after writing part of a line"),
        ("garbage", Fault.GARBAGE, "the line what? is no answer: not JSON"),
        ("garbage", Fault.GARBAGE, "each line on stdout is an answer, logs belong on stderr"),
        ("not_utf_8", Fault.GARBAGE, "utf-8"),
        ("wrong_seq", Fault.GARBAGE, "seq is 9300, not 300"),
        ("no_seq", Fault.GARBAGE, 'expected {"seq"'),
        ("skips_one", Fault.GARBAGE, "seq is 301, not 300; program 300 was left out"),
        ("answers_twice", Fault.GARBAGE, "seq is 300, not 301; it was answered before"),
        ("one_answer_short", Fault.GARBAGE, "answers to"),
        ("endless_line", Fault.GARBAGE, "a line of more than"),
        ("flood", Fault.GARBAGE, "seq is 1, not 300"),
        ("flood_of_nothing", Fault.GARBAGE, "an empty line is no answer: not JSON"),
        ("red", Fault.GARBAGE, "is no answer"),
        ("deep", Fault.GARBAGE, "nested too deep"),
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


@pytest.mark.parametrize(
    ("habit", "message"),
    [
        ("hang", "while an answer was due"),
        ("unflushed", "the answer to start was due; it answered once its input was closed"),
    ],
)
def test_no_answer_in_time_is_a_hang(habit: str, message: str) -> None:
    error = fault_of(verdict_on(habit, timeout=1.5))
    assert error.fault is Fault.HUNG
    assert message in error.message


@pytest.mark.parametrize(
    ("habit", "message"),
    [
        ("flood_of_stderr", "while an answer was due"),
        ("closes_stdin", "it has closed its stdin"),
        ("half_a_line_and_silence", "it has written part of a line, b'{\"seq\":300'"),
    ],
)
def test_a_hang_says_what_was_seen_of_it(habit: str, message: str) -> None:
    error = fault_at_once(habit, timeout=1.5)
    assert error.fault is Fault.HUNG
    assert message in error.message
    assert len(error.stderr) <= 4096


def test_what_it_takes_to_think_up_programs_is_not_the_adapters_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0

    def thought_up_for_an_hour() -> Iterator[Request]:
        nonlocal now
        now += 3600
        yield Request(1, program_of((Create(), Push(1, bytes(2**21)), Pull(1))))

    monkeypatch.setattr(child, "monotonic", lambda: now)
    adapter = ChildImplementation((sys.executable, "-m", "streamstate", "reference"), timeout=10)
    try:
        tally = Campaign(adapter, REFERENCE, CachedModels()).drive(thought_up_for_an_hour())
    finally:
        adapter.close()
    assert tally.broken is None
    assert tally.programs == 1


def test_one_that_is_gone_is_not_waited_for_because_of_its_children() -> None:
    error = fault_at_once("leaves_a_child", timeout=2)
    assert error.fault is Fault.DIED
    assert "it exited with status 5, and a process that it started keeps its stdout open" in (
        error.message
    )


def test_answers_out_of_order_are_told_from_one_left_out() -> None:
    error = fault_of(verdict_on("swapped"))
    assert "seq is 301, not 300; the answers are out of order" in error.message


def test_a_line_too_long_for_the_adapter_is_named_where_it_dies() -> None:
    error = fault_of(verdict_on("dies_of_a_long_line"))
    assert error.fault is Fault.DIED
    assert re.search(r"the line to be answered has 87,\d{3} bytes", error.message)


@pytest.mark.parametrize(
    ("habit", "mistake"),
    [
        ("late_by_one", Mistake.EARLY),
        pytest.param("unpadded", Mistake.UNPADDED, marks=pytest.mark.thorough),
        ("never_reset", Mistake.REUSED),
        ("cut_short", Mistake.CUT_LINES),
    ],
)
def test_a_mistake_of_the_adapter_is_named(habit: str, mistake: Mistake) -> None:
    verdict = verdict_on(habit)
    assert verdict.exit_code == 1
    assert verdict.deviations
    assert set(verdict.tally.mistakes) == {mistake}


@pytest.mark.parametrize("mutation", one_in(2, ["value_is_wrong", "first_number_is_2"]))
def test_a_fault_is_not_taken_for_a_mistake_of_the_adapter(mutation: str) -> None:
    verdict = verdict_on(mutation)
    assert verdict.exit_code == 1
    assert not verdict.tally.mistakes


@pytest.mark.parametrize(
    ("habit", "message"),
    [
        ("banner", "the line Welcome! is not JSON"),
        ("banner", "each line on stdout is an answer, logs belong on stderr"),
        ("marked", "a byte order mark and the line {"),
        ("protocol_2", "it speaks protocol 2, not 1"),
        ("no_settle", "expected"),
        ("flood_at_once", "not JSON"),
        ("deep_greeting", "nested too deep"),
        ("huge_greeting", "it has 1,048,681 bytes; expected at most 65,536"),
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
    grandchildren = re.findall(r"grandchild (\d+)", child.stderr_tail())
    assert len(grandchildren) == 2
    ends = [os.pidfd_open(pid) for pid in (child.pid, *map(int, grandchildren))]
    child.close()
    for end in ends:
        ended, _, _ = select([end], [], [], 10)
        assert ended
        os.close(end)


@pytest.mark.parametrize("name", one_in(4, NAMED))
def test_the_reference_adapter_conforms_to_its_own_dialect_only(name: str) -> None:
    command = (sys.executable, "-m", "streamstate", "reference", "--dialect", name)
    verdict = check(lambda: ChildImplementation(command), NAMED[name], planner=small_plan)
    assert verdict.exit_code == 0
    assert verdict.tally.conforms_to == (name,)
    assert verdict.unexercised() == ()


def test_the_page_names_every_mistake() -> None:
    page = (ROOT / "docs" / "how-to" / "check-your-implementation.md").read_text()
    quoted = re.findall(r"\*([A-Z][^*|]+)\*(?: \||,)", page)
    for mistake in set(Mistake) - {Mistake.CUT_LINES}:
        assert any(mistake.value.startswith(each) for each in quoted), mistake
