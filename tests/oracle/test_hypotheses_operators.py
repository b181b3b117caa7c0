"""The mistakes that are supposed: each has its own words, and none changes what has nothing to do
with it."""

from __future__ import annotations

import pytest

from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    Done,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Resolved,
    State,
    advance,
    initial,
)
from streamstate.oracle.diagnosis.hypotheses.application import Application
from streamstate.oracle.diagnosis.hypotheses.operators import CHANGES, INEXACT
from tests.oracle.planted import change_that

ON_UNKNOWN: tuple[Op, ...] = (
    Push(1, b"a"),
    Close(1),
    Error(1, "e"),
    IsQueueFull(1),
    Delete(1),
    Clear(),
    Get(1),
)
OF_NUMBERS = ("spoils the numbers",)


def state_after(*ops: Op) -> State:
    state = initial(limits=Limits(max_queue_chunks=4))
    for op in ops:
        state = advance(state, op).state
    return state


def application(before: State, op: Op) -> Application:
    return Application(before, op, advance(before, op))


def test_each_mistake_has_its_own_words() -> None:
    words = [each.says for each in CHANGES]
    assert len(set(words)) == len(words)


def test_those_that_do_not_say_what_is_done_instead_come_last() -> None:
    inexact = [each.says for each in CHANGES[INEXACT:]]
    assert inexact == [
        "spoils the pushed chunk",
        "spoils the numbers",
        "keeps another error value",
    ]


@pytest.mark.parametrize("op", ON_UNKNOWN, ids=repr)
def test_nothing_is_done_wrongly_where_there_is_nothing(op: Op) -> None:
    there = application(initial(), op)
    wrong = [each.says for each in CHANGES if each.made(there) != there.step]
    assert tuple(wrong) == OF_NUMBERS


BUSY = (
    *(Create(),) * 5,
    *(Push(1, b"a"), Push(1, b"b\0")),
    Pull(2),
    *(Error(3, "e"), Close(3)),
    *(Push(4, b"c"), Close(4)),
    *(Push(5, b"d"), Error(5, "e")),
)
OPS: tuple[Op, ...] = (
    Create(),
    Clear(),
    *(
        op
        for stream in range(1, 6)
        for op in (
            Push(stream, b"x\0y\xff"),
            Pull(stream),
            Close(stream),
            Error(stream, "f"),
            Delete(stream),
            IsQueueFull(stream),
        )
    ),
)


def test_a_mistake_leaves_the_rule_the_order_of_streams_and_the_number_of_the_next_pull() -> None:
    before = state_after(*BUSY)
    for change in CHANGES:
        for op in OPS:
            there = application(before, op)
            rule, state, _ = change.made(there)
            numbers = [number for number, _ in state.streams]
            assert rule is there.step.rule
            assert numbers == sorted(set(numbers)), change.says
            assert state.next_pull == there.step.state.next_pull, change.says


def test_a_pull_that_does_nothing_has_its_number_and_never_settles() -> None:
    there = application(initial(), Pull(1))
    assert there.step.effects == (Resolved(1, Done()),)
    _, state, effects = change_that("does nothing").made(there)
    assert effects == ()
    assert state.next_pull == 2
