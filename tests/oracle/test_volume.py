"""What goes wrong only with much of something is seen, as a black box."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from streamstate.model import Error, Idle, Push, Rule
from streamstate.oracle.diagnosis.hypotheses.application import (
    Application,
    Change,
    number_of,
)
from streamstate.oracle.diagnosis.hypotheses.guards import Guard
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.volume import volume_programs
from streamstate.wire import message_of
from tests.oracle.planted import AS_TEXT, REVERSED, SHORTENED, Planted, change_that, runner_with
from tests.thorough import one_in


@cache
def programs() -> tuple[Program, ...]:
    return tuple(map(program_of, volume_programs()))


def refused(rule: Rule, change: Change, holds: Callable[[Application], bool]) -> bool:
    planted = Planted(change, [rule], Guard("planted", holds), capabilities=())
    return any(runner_with(planted).try_all(programs(), None))


def chunk_of(size: int) -> Callable[[Application], bool]:
    return lambda each: isinstance(each.op, Push) and len(each.op.chunk) >= size


def queued(count: int) -> Callable[[Application], bool]:
    def holds(each: Application) -> bool:
        stream = each.before.find(number_of(each) or 0)
        return isinstance(stream, Idle) and len(stream.queue) >= count

    return holds


def accepted(count: int) -> Callable[[Application], bool]:
    def holds(each: Application) -> bool:
        stream = each.before.find(number_of(each) or 0)
        return stream is not None and stream.accepted >= count

    return holds


def message_longer_than(length: int) -> Callable[[Application], bool]:
    return lambda each: isinstance(each.op, Error) and len(message_of(each.op.value)) > length


@pytest.mark.parametrize(
    ("rule", "change", "holds"),
    one_in(
        3,
        [
            (Rule.PUSH_4, SHORTENED, chunk_of(100_000)),
            (Rule.PUSH_4, change_that("spoils the pushed chunk"), chunk_of(2**20)),
            (Rule.PUSH_5, SHORTENED, chunk_of(2**17 + 1)),
            (Rule.PUSH_5, AS_TEXT, chunk_of(2**20)),
            (Rule.PUSH_6, change_that("leaves the stream as it was"), queued(1_024)),
            (Rule.PULL_2, REVERSED, queued(1_000)),
            (
                Rule.PUSH_5,
                change_that("leaves the stream as it was"),
                accepted(1_000),
            ),
            (Rule.PUSH_4, change_that("does nothing"), lambda each: each.before.next_pull > 1_000),
            (Rule.ERROR_2, change_that("loses the error value"), message_longer_than(4_096)),
            (Rule.ERROR_3, change_that("loses the error value"), message_longer_than(65_535)),
            (Rule.PULL_3, change_that("does nothing"), lambda each: (number_of(each) or 0) >= 512),
            (
                Rule.DELETE_2,
                change_that("leaves the stream as it was"),
                lambda each: (number_of(each) or 0) > 299,
            ),
        ],
    ),
)
def test_a_mistake_made_far_out_is_seen(
    rule: Rule, change: Change, holds: Callable[[Application], bool]
) -> None:
    assert refused(rule, change, holds)


def test_without_a_mistake_nothing_is_refused() -> None:
    assert not refused(Rule.CREATE_1, change_that("does nothing"), lambda _each: False)
