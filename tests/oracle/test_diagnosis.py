"""Asyncio registries in this process: the good one passes, each fault gets its rule and a shortest
program, and the screen says it in these words."""

from __future__ import annotations

import re

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.model import (
    NAMED,
    REFERENCE,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Rule,
    lattice,
    pushes_wait,
)
from streamstate.oracle.adapters.implementation import ExchangeError, Fault, Implementation
from streamstate.oracle.checking import check
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.suites.plan import Planner, only
from streamstate.oracle.verdict.deviation import Kind
from streamstate.oracle.verdict.verdict import Verdict
from tests.oracle.broken_registries import (
    CloseForgets,
    CloseSaysTrue,
    DeleteRaises,
    FullTooLate,
    Moody,
    PullsLazily,
    ReusesNumbers,
    opener,
    opener_of,
)
from tests.oracle.small_plan import small_plan
from tests.thorough import one_in


def good(dialect: Dialect, planner: Planner) -> Verdict:
    def make(limits: Limits) -> StreamStateRegistry:
        return StreamStateRegistry(dialect=dialect, limits=limits)

    return check(opener(make, "registry"), dialect, planner=planner)


@pytest.mark.parametrize("name", one_in(4, NAMED))
def test_the_registry_conforms_to_its_dialect_and_to_no_other_name(name: str) -> None:
    verdict = good(NAMED[name], small_plan)
    assert verdict.exit_code == 0
    assert verdict.tally.conforms_to == (name,)
    assert verdict.unexercised() == ()
    assert as_json(verdict, "1")["verdict"] == "conforms"


def test_the_registry_conforms_where_no_name_is() -> None:
    *_, dialect = (each for each in lattice() if not pushes_wait(each))
    verdict = good(dialect, small_plan)
    assert verdict.exit_code == 0
    assert verdict.tally.conforms_to == (str(dialect),)


def test_a_registry_of_another_dialect_is_recognised() -> None:
    def make(limits: Limits) -> StreamStateRegistry:
        return StreamStateRegistry(dialect=NAMED["plan-01"], limits=limits)

    verdict = check(opener(make, "letter"), REFERENCE, planner=small_plan)
    assert verdict.tally.conforms_to == ("plan-01",)
    assert [deviation.rule.name for deviation in verdict.deviations] == ["PULL_10"]


@pytest.mark.parametrize(
    ("kind", "rule", "program"),
    one_in(
        3,
        [
            (CloseForgets, "CLOSE_2", (Create(), Pull(1), Close(1))),
            (ReusesNumbers, "CLEAR_1", (Create(), Clear(), Create())),
            (
                FullTooLate,
                "IS_QUEUE_FULL_2",
                (Create(), Push(1, b""), IsQueueFull(1)),
            ),
            (DeleteRaises, "DELETE_1", (Delete(1),)),
            (CloseSaysTrue, "CLOSE_1", (Close(1),)),
        ],
    ),
)
def test_a_fault_has_its_rule_and_a_shortest_program(
    kind: type[StreamStateRegistry], rule: str, program: tuple[Op, ...]
) -> None:
    verdict = check(opener_of(kind), REFERENCE, planner=small_plan)
    assert verdict.exit_code == 1
    first = next(each for each in verdict.deviations if each.rule.name == rule)
    assert first.program == program
    assert first.repeatable
    assert len(verdict.deviations) <= 6


def test_PULL_3_a_pull_that_is_placed_late_cannot_be_told_where_every_pull_is_awaited() -> None:
    assert check(opener_of(PullsLazily), REFERENCE, planner=small_plan).exit_code == 0


def test_what_does_not_come_again_is_reported_all_the_same() -> None:
    Moody.pushes = 0
    verdict = check(opener_of(Moody), REFERENCE, planner=small_plan)
    assert verdict.exit_code == 1
    (deviation,) = verdict.deviations
    assert not deviation.repeatable
    assert deviation.difference.kind is Kind.RETURNED


class TakesHugeNumbers(StreamStateRegistry):
    """A push to the last number of 31 bits is answered as if there were such a stream."""

    def push(self, stream: int, chunk: bytes | bytearray | memoryview) -> bool:
        return super().push(stream, chunk) or stream >= 2**31 - 1


def test_nobody_creates_so_many_streams_as_a_number_is_high() -> None:
    program = program_of((Create(), Push(1, b"a"), Push(2**31 - 1, b"a")))
    (deviation,) = check(opener_of(TakesHugeNumbers), REFERENCE, planner=only(program)).deviations
    assert deviation.rule is Rule.PUSH_1
    assert deviation.program == (Push(2**31 - 1, b""),)


def test_a_factory_that_raises_is_an_adapter_that_failed() -> None:
    def make(_limits: Limits) -> StreamStateRegistry:
        raise OSError("no registry today")

    verdict = check(opener(make, "none"), REFERENCE, planner=small_plan)
    assert verdict.exit_code == 1
    (deviation,) = verdict.deviations
    assert deviation.difference.kind is Kind.FAILED
    assert len(deviation.program) == 1


GOLDEN = """\
CloseForgets 1 (Python) deviates from reference: 1 distinct cause, in 1 of 1 program.

1. CLOSE_2
   close on a stream on which pulls wait MUST close it, and every waiting pull MUST be
   done, oldest first.

     shortest program   expected        observed
     create()           returns 1       as expected
     pull(1) as pull 1  the pull waits  as expected
   ✗ close(1)           pull 1 is done  no pull settles

   Probably at CLOSE_2 it always answers wrongly (23 of 23 wrong answers fit). Right
   after that, get(1) shows closed false; pull_waiting true; expected: shows closed
   true; pull_waiting false.
   Again: streamstate check --program '[["create"],["pull",1],["close",1]]' -- node mine.mjs
   Read on: streamstate rule CLOSE_2

1 program, 5 ops in 0.0 s (0.0 s of it driving); 4 rules exercised.
"""


def test_the_screen_of_a_deviation() -> None:
    program = program_of((Create(), Push(1, b"a"), Pull(1), Pull(1), Close(1)))
    verdict = check(opener_of(CloseForgets), REFERENCE, planner=only(program))
    lines = [line.text.rstrip() for line in as_text(verdict, ("node", "mine.mjs"))]
    text = "\n".join(lines).replace("Python 3.11", "Python").replace("Python 3.12", "Python")
    text = text.replace("Python 3.13", "Python")
    text = re.sub(r"\d+\.\d s", "0.0 s", text)
    assert text + "\n" == GOLDEN.replace("4 rules", f"{len(verdict.tally.rules)} rules")


BROKEN = """\
The implementation died.

it exited with status 1 while an answer was due
   The end of its stderr:
     ared herring

0 programs, 0 ops in 0.0 s (0.0 s of it driving); 0 rules exercised of 36.
"""


def test_the_screen_of_an_exchange_that_broke() -> None:
    def open_nothing() -> Implementation:
        message = "it exited with status 1 while an answer was due"
        raise ExchangeError(Fault.DIED, message, "a\x1b[31mred\x1b[0m herring\n\n")

    verdict = check(open_nothing, REFERENCE)
    assert verdict.exit_code == 3
    assert "\n".join(line.text for line in as_text(verdict)) + "\n" == BROKEN
