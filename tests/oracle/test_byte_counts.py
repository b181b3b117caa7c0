"""A registry that counts one byte too few or too many after some op is refused, as a black box."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from streamstate.model import Idle, Push, Rule, Step
from streamstate.oracle.diagnosis.hypotheses.application import Application, Change, number_of
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.counts import byte_count_programs
from tests.oracle.planted import Planted, runner_with
from tests.thorough import one_in

ONE_TOO_MANY = (
    Rule.CREATE_1,
    *(Rule.PUSH_4, Rule.PUSH_5, Rule.PUSH_6),
    *(Rule.PULL_2, Rule.PULL_4, Rule.PULL_7),
    *(Rule.CLOSE_3, Rule.CLOSE_4, Rule.CLOSE_5),
    *(Rule.ERROR_4, Rule.ERROR_8, Rule.ERROR_10),
    Rule.IS_QUEUE_FULL_3,
)
ONE_TOO_FEW = (
    *(Rule.PUSH_5, Rule.PUSH_6),
    *(Rule.PULL_2, Rule.PULL_4, Rule.PULL_7),
    *(Rule.CLOSE_3, Rule.CLOSE_4, Rule.CLOSE_5),
    *(Rule.ERROR_4, Rule.ERROR_8, Rule.ERROR_10),
    Rule.IS_QUEUE_FULL_3,
)


def miscounted(by: int) -> Change:
    """After the op its stream has one byte more or less than it should, but never fewer than 0."""

    def made(application: Application) -> Step:
        step, number = application.step, number_of(application) or 0
        stream = step.state.find(number)
        if not isinstance(stream, Idle):
            return step
        size = max(0, stream.queue.size + by)
        spoilt = replace(stream, queue=replace(stream.queue, size=size))
        streams = step.state.streams_with(number, spoilt)
        return step._replace(state=replace(step.state, streams=streams))

    return Change(f"counts {by} bytes", made)


@cache
def programs() -> tuple[Program, ...]:
    return tuple(map(program_of, byte_count_programs()))


def refused(planted: Planted) -> bool:
    """Whether one of those programs deviates."""
    assert "get" not in planted.hello.capabilities
    return any(runner_with(planted).try_all(programs(), None))


@pytest.mark.parametrize(
    ("rule", "by"),
    one_in(3, [*((rule, 1) for rule in ONE_TOO_MANY), *((rule, -1) for rule in ONE_TOO_FEW)]),
)
def test_a_wrong_count_after_an_op_is_seen(rule: Rule, by: int) -> None:
    assert refused(Planted(miscounted(by), [rule], capabilities=()))


def pushed_bytes(application: Application) -> Step:
    """What is refused is counted all the same."""
    step, op = application.step, application.op
    stream = step.state.find(op.stream) if isinstance(op, Push) else None
    if not (isinstance(op, Push) and isinstance(stream, Idle)):
        return step
    size = stream.queue.size + len(op.chunk)
    spoilt = replace(stream, queue=replace(stream.queue, size=size))
    streams = step.state.streams_with(op.stream, spoilt)
    return step._replace(state=replace(step.state, streams=streams))


@pytest.mark.parametrize("rule", [Rule.PUSH_2, Rule.PUSH_3])
def test_bytes_that_are_counted_though_they_are_refused_are_seen(rule: Rule) -> None:
    assert refused(Planted(Change("counts them", pushed_bytes), [rule], capabilities=()))


def test_a_right_count_is_not_refused() -> None:
    every = {*ONE_TOO_MANY, *ONE_TOO_FEW}
    assert not refused(Planted(miscounted(0), every, capabilities=()))
