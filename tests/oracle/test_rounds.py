"""Rounds are found in long programs, and a finding in one is cut down by rounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, CancelPull, Delete, Op, Pull, Push, Rule
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.minimisation import shrink
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rounds import rounds_of, with_times, without_streams
from streamstate.oracle.programs.written import encode_with_rounds, parse_with_rounds
from streamstate.oracle.reports.rows import Omitted, rows
from streamstate.oracle.suites.building import CLEAR, CREATE, ONE, On
from streamstate.oracle.suites.plan import default_plan, requests
from streamstate.oracle.verdict.deviation import Deviation, Difference, Kind
from streamstate.wire import Json, WireError, compact, read_json, without_fills


def life(number: int) -> tuple[Op, ...]:
    return CREATE, Push(number, b"a"), Delete(number)


def lives(count: int) -> tuple[Op, ...]:
    return tuple(op for number in range(1, count + 1) for op in life(number))


def test_rounds_are_on_the_next_streams_or_on_the_same() -> None:
    (rounds,) = rounds_of((*lives(9), CREATE, On(10).pull))
    assert (rounds.start, rounds.period, rounds.times, rounds.streams) == (0, 3, 9, 1)
    assert rounds.moves == (False, True, True)
    (same,) = rounds_of((CREATE, *(ONE.pull, ONE.push(b"a")) * 5))
    assert (same.start, same.period, same.times, same.streams, same.pulls) == (1, 2, 5, 0, 1)


def test_few_ops_and_what_is_not_alike_are_no_rounds() -> None:
    assert rounds_of(lives(3)) == ()
    assert rounds_of(ONE.pushes(20)) == ()


@pytest.mark.parametrize("times", [0, 1, 4, 9, 30])
def test_a_program_with_another_number_of_rounds(times: int) -> None:
    ops = (*lives(9), CREATE, On(10).pull, CLEAR)
    (rounds,) = rounds_of(ops)
    assert with_times(ops, rounds, times) == (*lives(times), CREATE, On(times + 1).pull, CLEAR)


def test_pulls_that_are_given_up_are_counted_on() -> None:
    ops = (CREATE, *(op for number in range(1, 8) for op in (Pull(1), CancelPull(number))))
    (rounds,) = rounds_of(ops)
    assert with_times(ops, rounds, 2) == (CREATE, Pull(1), CancelPull(1), Pull(1), CancelPull(2))


def test_without_streams_the_others_move_up() -> None:
    assert without_streams((*lives(4), CREATE), {2, 3}) == (*lives(2), CREATE)


def test_every_long_program_of_the_plan_is_read_as_it_is_written() -> None:
    short = 0
    suites = [
        suite
        for suite in default_plan(CachedModel(REFERENCE), {"fill", "cancel", "together"})
        if suite.name in {"many lives", "rings", "cancelling"}
    ]
    for request in islice(requests(suites), 0, None, 9):
        program = tuple(each.op for each in request.program)
        written = compact(encode_with_rounds(program))
        assert parse_with_rounds(without_fills(read_json(written))) == program
        short += len(program) > 150 and len(written) < 1_000
    assert short


def test_rounds_say_which_of_their_ops_stay() -> None:
    ops = (CREATE, *(op for at in range(2, 9) for op in (CREATE, ONE.pull, On(at).delete)))
    assert encode_with_rounds(ops) == [
        ["create"],
        ["rounds", 7, [["create"], ["pull", 1], ["delete", 2]], [1]],
    ]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ([["rounds", 2]], "expected"),
        ([["rounds", 0, [["create"]]]], "expected"),
        ([["rounds", 2, []]], "expected"),
        ([["rounds", 2, [["create"]], [1]]], "after its ops"),
        ([["rounds", 2, [["create"]], [0], [0]]], "after its ops"),
        ([["rounds", 2, [["create", 1]]]], r"program\[0\]\[0\]"),
        ([["rounds", 999_999, [["create"], ["clear"]]]], "longer than 1,000,000 ops"),
        ({}, "a program must be"),
    ],
)
def test_what_is_no_round_is_named(written: Json, says: str) -> None:
    with pytest.raises(WireError, match=says):
        parse_with_rounds(written)


class Worn(StreamStateRegistry):
    """After two hundred deletes a new stream is gone at once."""

    deleted = 0

    def delete(self, stream: int) -> None:
        self.deleted += 1
        super().delete(stream)

    def create(self) -> int:
        number = super().create()
        if self.deleted >= 200:
            super().delete(number)
        return number


class ClearsAHundred(StreamStateRegistry):
    """A clear ends the first hundred streams only."""

    def clear(self) -> None:
        for number in range(1, 101):
            self.delete(number)


@pytest.fixture(name="runner_of")
def runners() -> Iterator[Callable[[type[StreamStateRegistry]], Runner]]:
    """Makes a runner of a registry, and closes it in the end."""
    with ExitStack() as stack:

        def made(registry: type[StreamStateRegistry]) -> Runner:
            opener = partial(InProcessImplementation, lambda _limits: registry(), "broken", "1")
            runner = Runner(opener, REFERENCE, CachedModels())
            stack.callback(runner.close)
            return runner

        yield made


def test_what_is_outside_of_rounds_goes_in_large_parts(
    runner_of: Callable[[type[StreamStateRegistry]], Runner],
) -> None:
    """One op at a time took twelve hundred runs, more than there are for a longer program."""
    streams = range(1, 102)
    pushes = (Push(number, bytes([times, number])) for times in (1, 2) for number in streams)
    pulls = (Pull(number) for _ in range(3) for number in streams)
    runner = runner_of(ClearsAHundred)
    found = runner.try_one(program_of((*(CREATE,) * 101, *pushes, *pulls, CLEAR)), None)
    assert found is not None
    small = shrink(runner, found, max_runs=250)
    assert tuple(symbol.op for symbol in small.program) == (*(CREATE,) * 101, Pull(101), CLEAR)


@pytest.mark.thorough
def test_a_finding_of_thousands_of_ops_has_as_many_rounds_as_it_takes(
    runner_of: Callable[[type[StreamStateRegistry]], Runner],
) -> None:
    runner = runner_of(Worn)
    found = runner.try_one(program_of((*lives(1_500), CREATE, On(1_501).is_full)), None)
    assert found is not None
    small = shrink(runner, found)
    ops = tuple(symbol.op for symbol in small.program)
    assert ops.count(CREATE) in {200, 201}
    assert sum(isinstance(op, Delete) for op in ops) == 200
    assert len(ops) <= 402
    assert small.rule in {Rule.PUSH_5, Rule.IS_QUEUE_FULL_3}


def test_a_report_has_the_first_round_and_how_many_more_there_are() -> None:
    program = (*lives(200), CREATE, On(201).is_full)
    difference = Difference(601, Kind.RETURNED, "", [False, []], [True, []])
    deviation = Deviation(
        Rule.IS_QUEUE_FULL_3, Rule.IS_QUEUE_FULL_3, program, None, difference, programs=1
    )
    shown = rows(deviation, REFERENCE, most=40)
    assert [str(each) if isinstance(each, Omitted) else each.op for each in shown] == [
        "create()",
        "push(1, 1 byte 61)",
        "delete(1)",
        "… 199 more rounds of 3 ops like these",
        "create()",
        "is_queue_full(201)",
    ]
