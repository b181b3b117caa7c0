"""What is left out of a program to make it smaller, step by step."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from streamstate.model import (
    HIGH_WATER_MARK,
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Rule,
    Seen,
)
from streamstate.oracle.campaign.runner import Finding
from streamstate.oracle.diagnosis.hypotheses.application import Change
from streamstate.oracle.diagnosis.minimisation import shrink
from streamstate.oracle.diagnosis.minimising_runs import (
    fewer_creates,
    fewer_of_a_kind,
    fewer_of_two_runs,
    merged_pushes,
    one_big_push,
    run_to_a_power,
)
from streamstate.oracle.programs.editing import (
    Ops,
    each_changed,
    inner_ops,
    moved_up,
    put_on,
    stream_of,
    without,
)
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.races import may_be_asked
from streamstate.wire import Together, Turn
from tests.oracle.planted import (
    AS_TEXT,
    Planted,
    change_that,
    changing_chunks,
    finding_of,
    machine,
    runner_with,
)

ON_A_STREAM: tuple[Op, ...] = (
    Push(3, b"a"),
    Pull(3),
    Close(3),
    Error(3, "e"),
    IsQueueFull(3),
    Delete(3),
    Get(3),
)
ON_NONE: tuple[Op, ...] = (Create(), Clear(), CancelPull(3), Seen(3))


def test_creates_are_halved_and_every_number_is_lower_by_as_many() -> None:
    ops = (*(Create(),) * 5, Push(5, b"a"), Together((Pull(4), Close(5))), Create(), Pull(1))
    first, *others = (made for (made,) in fewer_creates(ops))
    assert first == (
        *(Create(),) * 3,
        Push(3, b"a"),
        Together((Pull(2), Close(3))),
        Create(),
        Pull(1),
    )
    assert [len(each) for each in others] == [len(ops) - 1]


def test_nothing_is_tried_where_there_is_one_create_or_none() -> None:
    assert list(fewer_creates((Create(), Pull(1)))) == []
    assert list(fewer_creates((Pull(1), Create(), Create()))) == []
    assert list(fewer_creates(())) == []


def test_the_creates_may_be_all_there_is() -> None:
    assert list(fewer_creates((Create(),) * 4)) == [[(Create(),) * 2], [(Create(),) * 3]]


def test_the_longest_run_is_cut_to_a_power_of_two_or_one_more() -> None:
    pushes = (Push(1, b"a"),) * 20
    (made,) = run_to_a_power((Create(), *pushes, Pull(1), Pull(1)))
    assert [len(each) - 3 for each in made] == [8, 9, 16, 17]
    assert all(each[0] == Create() and each[-2:] == (Pull(1), Pull(1)) for each in made)
    assert [*run_to_a_power(())] == [[]]


def test_two_runs_of_like_ops_lose_one_op_each() -> None:
    pushes = (Push(1, b"a"), Push(1, b"b"))
    (batch,) = fewer_of_two_runs((Create(), *pushes, Pull(1), Pull(1)))
    assert list(batch) == [
        (pushes[1], Pull(1), Pull(1)),
        (*pushes, Pull(1)),
        (Create(), pushes[1], Pull(1)),
    ]


def test_ops_of_two_streams_are_two_runs() -> None:
    (batch,) = fewer_of_two_runs((Pull(1), Pull(2), Pull(2)))
    assert list(batch) == [(Pull(2),)]
    (batch,) = fewer_of_two_runs((Pull(1), Pull(1)))
    assert list(batch) == []


def test_a_cancel_is_of_the_same_pull_where_two_runs_lose_a_pull_each() -> None:
    (batch,) = fewer_of_two_runs((Pull(1), Pull(2), Pull(3), CancelPull(3)))
    assert (Pull(3), CancelPull(1)) in batch


def test_two_pushes_that_follow_each_other_are_made_one() -> None:
    ops = (Push(1, b"a"), Push(1, b"b"), Push(2, b"c"), Pull(1), Push(2, b"d"), Push(2, b""))
    (batch,) = merged_pushes(ops)
    assert list(batch) == [
        (Push(1, b"ab"), *ops[2:]),
        (*ops[:4], Push(2, b"d")),
    ]


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        (0, 1, (Pull(2), CancelPull(1), CancelPull(1))),
        (1, 2, (Pull(1), CancelPull(2), CancelPull(1))),
        (2, 3, (Pull(1), Pull(2), CancelPull(1))),
        (0, 2, (CancelPull(2), CancelPull(1))),
        (0, 4, ()),
    ],
)
def test_what_cancels_a_later_pull_goes_on_doing_so(start: int, end: int, left: Ops) -> None:
    ops = (Pull(1), Pull(2), CancelPull(2), CancelPull(1))
    assert without(ops, start, end) == left


def test_pulls_done_together_are_counted_one_by_one() -> None:
    ops: Ops = (Together((Pull(1), Pull(1))), Pull(2), Together((Close(2), CancelPull(3))))
    assert without(ops, 0, 1) == (Pull(2), Together((Close(2), CancelPull(1))))


def test_ops_done_together_are_changed_one_by_one() -> None:
    both: Turn = Together((Pull(1), Close(2)))
    assert inner_ops(both) == (Pull(1), Close(2))
    assert inner_ops(Pull(1)) == (Pull(1),)
    assert each_changed(both, lambda op: put_on(op, 7)) == Together((Pull(7), Close(7)))
    assert stream_of(both) is None


@pytest.mark.parametrize("op", ON_A_STREAM, ids=repr)
def test_an_op_on_a_stream_goes_where_the_stream_goes(op: Op) -> None:
    assert stream_of(op) == 3
    assert type(put_on(op, 5)) is type(op)
    assert stream_of(put_on(op, 5)) == 5
    assert put_on(put_on(op, 5), 3) == op
    assert stream_of(moved_up(op, 2)) == 2
    assert moved_up(op, 3) == op
    assert moved_up(op, 4) == op


@pytest.mark.parametrize("op", ON_NONE, ids=repr)
def test_an_op_on_no_stream_stays_as_it_is(op: Op) -> None:
    assert stream_of(op) is None
    assert put_on(op, 5) == op
    assert moved_up(op, 1) == op


def test_a_program_is_called_minimal_only_where_all_was_tried() -> None:
    runner = runner_with(Planted(change_that("removes the stream"), [Rule.PULL_2]))
    long = finding_of(runner, Create(), *(Push(1, b"a"),) * 6, Pull(1), IsQueueFull(1), Pull(1))
    assert not long.minimal
    assert shrink(runner, long).minimal
    assert not shrink(runner, long, max_runs=3).minimal


def test_many_pushes_that_fill_a_stream_are_made_one() -> None:
    many = (Create(), *(Push(1, b"a"),) * 16, IsQueueFull(1))
    (made,) = one_big_push(many)
    assert (Create(), Push(1, b"\x01" * HIGH_WATER_MARK), IsQueueFull(1)) in made
    assert all(
        sum(isinstance(op, Push) and len(op.chunk) == HIGH_WATER_MARK for op in ops) == 1
        for ops in made
    )
    assert list(one_big_push(made[0])) == []
    assert list(one_big_push((Create(), Push(1, b"a")))) == []


def test_the_pulls_of_pushes_that_go_go_too() -> None:
    turns = (Create(), *(Push(1, b"a"),) * 4, *(Pull(1),) * 4, Close(1))
    (made,) = one_big_push(turns)
    assert (Create(), Push(1, b"\x01" * HIGH_WATER_MARK), Pull(1), Close(1)) in made


def test_all_ops_of_a_kind_go_at_once_but_the_last_one_stays() -> None:
    look, push = IsQueueFull(1), Push(1, b"a")
    (made,) = fewer_of_a_kind((Create(), look, push, look, push, look))
    assert made == [
        (look, push, look, push, look),
        (Create(), push, push, look),
        (Create(), look, look, look),
    ]


@pytest.mark.parametrize(
    ("change", "chunk", "left"),
    [
        (AS_TEXT, bytes(range(100, 180)), b"\x80"),
        (
            changing_chunks(lambda chunk: chunk.partition(b"\xff")[0]),
            b"0123456789\xff0123",
            b"\xff",
        ),
        (changing_chunks(lambda chunk: chunk.rstrip(b"\0")), b"01234567\0\0", b"\0"),
    ],
)
def test_a_byte_that_is_stumbled_over_is_left_alone(
    change: Change, chunk: bytes, left: bytes
) -> None:
    runner = runner_with(Planted(change, [Rule.PUSH_5]))
    found = finding_of(runner, Create(), Push(1, chunk), Pull(1))
    assert shrink(runner, found).program == program_of((Create(), Push(1, left), Pull(1)))


def test_a_view_may_show_less_in_a_smaller_program() -> None:
    runner = runner_with(Planted(change_that("empties the queue"), [Rule.CLOSE_3]))
    found = finding_of(runner, Create(), Push(1, b"ab"), Close(1), Get(1))
    assert found.difference.detail == "queue, queue_size"
    smallest = shrink(runner, found)
    assert smallest.program == program_of((Create(), Push(1, b""), Close(1), Get(1)))
    assert smallest.difference.detail == "queue"


def test_nothing_is_asked_that_depends_on_when_a_cancel_is_noticed() -> None:
    """Full or not is another answer where the chunk is in the hands of a pull that is given up."""
    runner = runner_with(Planted(change_that("does nothing"), [Rule.CLOSE_3]))
    steady = Together((Push(1, b"a"), CancelPull(1)))
    start = finding_of(runner, Create(), Pull(1), steady, Close(1), Push(1, b"b"))
    asked: list[Program] = []
    try_all = runner.try_all
    with pytest.MonkeyPatch.context() as patch:

        def noted(programs: Sequence[Program], limits: Limits | None) -> list[Finding | None]:
            asked.extend(programs)
            return try_all(programs, limits)

        patch.setattr(runner, "try_all", noted)
        shrink(runner, start)
    assert len(asked) > 10
    assert all(may_be_asked(machine(), [each.op for each in program]) for program in asked)
