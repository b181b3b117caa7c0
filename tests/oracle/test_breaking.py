"""Of a program at which a process dies what matters is left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamstate.model import (
    REFERENCE,
    Clear,
    Close,
    Create,
    Error,
    IsQueueFull,
    Limits,
    Pull,
    Push,
    Rule,
)
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import ExchangeError, Fault, Hello, Request
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.crashes import MAX_HANGS, MAX_TRIALS, culprit, smaller
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import Suite
from streamstate.wire import Turn

LONG = program_of(
    (
        *(Create(), Create(), IsQueueFull(1), Push(1, b"a"), Close(2), Push(1, b"b"), Pull(1)),
        *(IsQueueFull(2), Pull(2), Clear(), Create(), Pull(3)),
    )
)


class Dying:
    """Dies once a stream has been closed and pulled from, counted over all of its programs."""

    started = 0

    def __init__(self, fault: Fault = Fault.DIED, *, needs: int = 1) -> None:
        Dying.started += 1
        self.hello = Hello("dying", "1", "none", frozenset(), exact=True)
        self._fault = fault
        self._needs = needs

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        for request in requests:
            if self._dies([each.op for each in request.program]):
                raise ExchangeError(self._fault, "it died")
            yield b""

    def _dies(self, ops: list[Turn]) -> bool:
        self._needs -= Close(2) in ops and Pull(2) in ops[ops.index(Close(2)) :]
        return self._needs <= 0

    def close(self) -> None:
        pass


def never() -> bool:
    return False


@pytest.mark.parametrize("fault", [Fault.DIED, Fault.HUNG])
def test_a_program_is_cut_down_to_what_it_takes(fault: Fault) -> None:
    Dying.started = 0
    limits = Limits(3, 2)
    found = smaller(lambda: Dying(fault), Request(9, LONG, limits), fault, never)
    assert found is not None
    assert (found.program, found.limits) == (program_of((Close(2), Pull(2))), limits)
    assert Dying.started <= MAX_TRIALS


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.HANDSHAKE])
def test_one_that_broke_in_another_way_is_left_alone(fault: Fault) -> None:
    Dying.started = 0
    assert smaller(lambda: Dying(fault), Request(9, LONG), fault, never) is None
    assert Dying.started == 0


def test_one_that_breaks_in_another_way_alone_is_left_alone() -> None:
    assert smaller(lambda: Dying(Fault.HUNG), Request(9, LONG), Fault.DIED, never) is None


def test_one_that_needs_what_went_before_is_left_alone() -> None:
    assert smaller(lambda: Dying(needs=2), Request(9, LONG), Fault.DIED, never) is None


def test_nothing_is_tried_once_the_time_is_over() -> None:
    Dying.started = 0
    assert smaller(Dying, Request(9, LONG), Fault.DIED, lambda: True) is None
    assert Dying.started == 0


def test_one_that_does_not_start_again_is_left_alone() -> None:
    def gone() -> Dying:
        raise ExchangeError(Fault.START, "no such file")

    assert smaller(gone, Request(9, LONG), Fault.DIED, never) is None


def test_a_long_program_takes_no_more_than_so_many_processes() -> None:
    Dying.started = 0
    middle = tuple(Push(1, bytes([each])) for each in range(200))
    program: Program = program_of((Create(), *middle, Close(2), *middle, Pull(2)))
    found = smaller(Dying, Request(9, program), Fault.DIED, never)
    assert Dying.started <= MAX_TRIALS
    assert found is not None
    assert len(found.program) < len(program)
    assert program_of((Close(2),))[0] in found.program


def test_hangs_are_few() -> None:
    Dying.started = 0
    middle = tuple(Push(1, bytes([each])) for each in range(200))
    program: Program = program_of((Create(), *middle, Close(2), *middle, Pull(2)))
    hangs: list[bool] = []

    class Hanging(Dying):
        def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
            try:
                yield from super().run(requests)
            except ExchangeError:
                hangs.append(True)
                raise

    found = smaller(lambda: Hanging(Fault.HUNG), Request(9, program), Fault.HUNG, never)
    assert found is not None
    assert len(found.program) < len(program)
    assert len(hangs) <= MAX_HANGS + 1  # the last one, waited for as long as it takes


class Slow(Dying):
    """Hangs only if it is waited for less long than it takes."""

    def __init__(self) -> None:
        super().__init__(Fault.HUNG)
        self._patience = 10.0

    def hurry(self, seconds: float) -> None:
        self._patience = seconds

    def _dies(self, ops: list[Turn]) -> bool:
        return super()._dies(ops) and self._patience < 5


def test_one_that_is_only_slow_hangs_nowhere() -> None:
    assert smaller(Slow, Request(9, LONG), Fault.HUNG, never) is None


def test_the_culprit_is_the_first_that_breaks_one_after_the_other() -> None:
    fine = program_of((Create(), Close(2)))
    asked = [Request(number, each) for number, each in enumerate((fine, fine, LONG, LONG), 7)]
    Dying.started = 0
    assert culprit(Dying, asked, Fault.DIED, never) == asked[2]
    assert Dying.started == 1
    assert culprit(Dying, asked[:2], Fault.DIED, never) is None
    assert culprit(Dying, asked, Fault.GARBAGE, never) is None
    assert culprit(Dying, asked, Fault.DIED, lambda: True) is None


@pytest.mark.parametrize(
    ("how", "fault"),
    [("dies", Fault.DIED), pytest.param("hangs", Fault.HUNG, marks=pytest.mark.thorough)],
)
def test_the_program_that_breaks_a_process_is_found_behind_answers_that_were_lost(
    how: str, fault: Fault
) -> None:
    programs: tuple[tuple[Turn, ...], ...] = (
        *((Create(), Close(1)), (Create(), Pull(1))),
        (Create(), Pull(1), Error(1, "e")),
    )

    def planner(_machine: CachedModel, _capabilities: object, _seed: int) -> Iterator[Suite]:
        yield Suite("few", "a few", iter(tuple(map(program_of, programs))))

    command = (sys.executable, str(Path(__file__).parent / "batching_adapter.py"), how)
    verdict = check(lambda: ChildImplementation(command, 1), REFERENCE, planner=planner)
    assert verdict.tally.broken is not None
    assert verdict.tally.broken.fault is fault
    assert verdict.tally.running is not None
    assert verdict.tally.running.program == program_of((Error(1, "e"),))
    assert verdict.tally.breaks_at is Rule.ERROR_1
    assert "ERROR_1" in str(as_json(verdict, "1")["broken"])
    said = [line.text for line in as_text(verdict, command)]
    assert any(f"It {how} at ERROR_1" in text for text in said)
