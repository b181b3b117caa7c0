"""What is left out of a program to make it smaller, step by step."""

from __future__ import annotations

import pytest

from streamstate.model import (
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Rule,
    Seen,
)
from streamstate.oracle.editing import (
    Ops,
    each_changed,
    inner_ops,
    moved_up,
    put_on,
    stream_of,
    without,
)
from streamstate.oracle.shrink import shrink
from streamstate.oracle.shrink_runs import fewer_creates, fewer_of_two_runs, merged_pushes
from streamstate.wire import Together, Turn
from tests.oracle.planted import Planted, change_that, finding_of, laboratory_with

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
    laboratory = laboratory_with(Planted(change_that("removes the stream"), [Rule.PULL_2]))
    long = finding_of(laboratory, Create(), *(Push(1, b"a"),) * 6, Pull(1), IsQueueFull(1), Pull(1))
    assert not long.minimal
    assert shrink(laboratory, long).minimal
    assert not shrink(laboratory, long, max_runs=3).minimal
