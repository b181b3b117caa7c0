"""What is linearizable and what is not, case by case."""

from __future__ import annotations

import pytest

from streamstate.histories import History, Linearizable, NotLinearizable, Unknown, check
from streamstate.model import (
    PLAN_01,
    WHATWG,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Pull,
    Push,
)
from streamstate.wire import encode_bytes
from tests.histories.brute import linearizable
from tests.histories.written import written

MADE = ("main", 0, 1, Create(), 1)
A, B = b"a", b"b"
DONE = ("done",)
DELETED = ("error", "Stream deleted")
SUPERSEDED = ("error", "Pull superseded")
VIEW = {"queue_size": 1, "closed": False, "errored": False, "pull_waiting": False, "error": None}

FITS = {
    "no call at all": written(),
    "a pull that waits settles through a push that overlaps it": written(
        MADE, ("A", 2, 9, Pull(1), A), ("B", 4, 6, Push(1, A), True)
    ),
    "its push may have begun before it and ended after it": written(
        MADE, ("A", 3, 5, Pull(1), A), ("B", 2, 6, Push(1, A), True)
    ),
    "two pushes that overlap come out in either order": written(
        MADE,
        ("A", 2, 5, Push(1, A), True),
        ("B", 3, 6, Push(1, B), True),
        ("A", 7, 8, Pull(1), B),
        ("A", 9, 10, Pull(1), A),
    ),
    "a pull is superseded by one that overlaps it": written(
        MADE,
        ("A", 2, 6, Pull(1), SUPERSEDED),
        ("B", 3, 9, Pull(1), A),
        ("C", 7, 8, Push(1, A), True),
    ),
    "a pull that waited is rejected as its stream goes": written(
        MADE, ("A", 2, 6, Pull(1), DELETED), ("B", 3, 5, Delete(1), None)
    ),
    "a pull that came too late is done": written(
        MADE, ("A", 2, 6, Pull(1), DONE), ("B", 3, 5, Delete(1), None)
    ),
    "the chunk of a cancelled pull goes on": written(
        MADE,
        ("A", 2, 8, Pull(1), "cancelled"),
        ("B", 3, 4, Push(1, A), True),
        ("C", 5, 9, Pull(1), A),
    ),
    "the chunk of a cancelled pull goes back to its place": written(
        MADE,
        ("A", 2, 8, Pull(1), "cancelled"),
        ("B", 3, 4, Push(1, A), True),
        ("B", 5, 6, Push(1, B), True),
        ("B", 9, 10, Pull(1), A),
        ("B", 11, 12, Pull(1), B),
    ),
    "another pull comes first while it is held": written(
        MADE,
        ("A", 2, 12, Pull(1), "cancelled"),
        ("B", 3, 4, Push(1, A), True),
        ("B", 5, 6, Push(1, B), True),
        ("B", 7, 8, Pull(1), B),
        ("B", 13, 14, Pull(1), A),
    ),
    "a cancelled pull may never have been placed": written(
        MADE,
        ("A", 2, 9, Pull(1), A),
        ("B", 3, 4, Pull(1), "cancelled"),
        ("C", 5, 6, Push(1, A), True),
    ),
    "a pending push took effect": written(
        MADE, ("A", 2, None, Push(1, A), "pending"), ("B", 7, 8, Pull(1), A)
    ),
    "a pending push took none": written(
        MADE, ("A", 2, None, Push(1, A), "pending"), ("B", 7, 8, IsQueueFull(1), False)
    ),
    "a pending pull has the chunk": written(
        MADE,
        ("A", 2, None, Pull(1), "pending"),
        ("B", 3, 4, Push(1, A), True),
        ("B", 5, 6, Close(1), None),
        ("B", 7, 8, Pull(1), DONE),
    ),
    "nobody wrote down what a push answered": written(
        MADE, ("A", 2, 3, Push(1, A), "unasked"), ("A", 4, 5, Pull(1), A)
    ),
    "two events at one time are not in order": written(
        MADE, ("A", 2, 5, Push(1, A), True), ("B", 5, 6, IsQueueFull(1), False), limits=Limits(1, 1)
    ),
    "an overtaken pull that never returns": written(
        MADE,
        ("A", 2, None, Pull(1), "pending"),
        ("B", 3, 9, Pull(1), A),
        ("C", 4, 5, Push(1, A), True),
        dialect=PLAN_01,
    ),
    "pulls that line up": written(
        MADE,
        ("A", 2, 9, Pull(1), A),
        ("B", 3, 8, Pull(1), B),
        ("C", 4, 5, Push(1, A), True),
        ("C", 6, 7, Push(1, B), True),
        dialect=WHATWG,
    ),
    "creates that overlap, out of order": written(
        ("A", 0, 5, Create(), 2), ("B", 1, 6, Create(), 1), ("A", 7, 8, IsQueueFull(2), False)
    ),
    "somebody guesses a number that is not made yet": written(
        ("A", 0, 9, Create(), 1), ("B", 2, 3, Push(1, A), False), ("B", 4, 5, Push(1, A), True)
    ),
    "a clear while others go on": written(
        MADE,
        ("main", 2, 3, Create(), 2),
        ("A", 4, 9, Clear(), None),
        ("B", 5, 6, Push(1, A), True),
        ("B", 7, 8, Push(2, A), False),
    ),
    "a stream that is made after a clear": written(
        MADE,
        ("A", 2, 3, Clear(), None),
        ("A", 4, 5, Create(), 2),
        ("A", 6, 7, Push(2, A), True),
        ("A", 8, 9, Push(1, A), False),
    ),
}

FITS_NOT = {
    "a chunk that nobody pushed": written(MADE, ("A", 2, 3, Pull(1), A)),
    "a chunk comes twice": written(
        MADE,
        ("A", 2, 3, Push(1, A), True),
        ("B", 4, 7, Pull(1), A),
        ("C", 5, 6, Pull(1), A),
    ),
    "a chunk is lost": written(
        MADE,
        ("A", 2, 3, Push(1, A), True),
        ("A", 4, 5, Close(1), None),
        ("A", 6, 7, Pull(1), DONE),
    ),
    "pushes that do not overlap come out in the wrong order": written(
        MADE,
        ("A", 2, 3, Push(1, A), True),
        ("B", 4, 5, Push(1, B), True),
        ("C", 6, 9, Pull(1), B),
        ("D", 10, 12, Pull(1), A),
    ),
    "a view shows them in the wrong order": written(
        MADE,
        ("A", 2, 3, Push(1, A), True),
        ("B", 4, 5, Push(1, B), True),
        (
            *("C", 6, 9, Get(1)),
            {**VIEW, "queue": [encode_bytes(B), encode_bytes(A)], "queue_size": 2},
        ),
    ),
    "a pull comes back with a chunk before its push is called": written(
        MADE, ("A", 2, 4, Pull(1), A), ("B", 5, 6, Push(1, A), True)
    ),
    "a push is accepted after a pull was done": written(
        MADE,
        ("A", 2, 9, Push(1, A), True),
        ("B", 3, 4, Close(1), None),
        ("B", 5, 6, Pull(1), DONE),
        ("B", 10, 11, Pull(1), A),
    ),
    "a cancelled pull keeps its chunk": written(
        MADE,
        ("A", 2, 5, Pull(1), "cancelled"),
        ("B", 3, 4, Push(1, A), True),
        ("B", 6, 7, Close(1), None),
        ("B", 8, 9, Pull(1), DONE),
    ),
    "a queue is full beyond its time": written(
        MADE,
        ("A", 2, 3, Push(1, A), True),
        ("B", 4, 5, Pull(1), A),
        ("A", 6, 7, IsQueueFull(1), True),
        limits=Limits(1, 1),
    ),
    "an error that nobody gave": written(
        MADE, ("A", 2, 5, Error(1, "boom"), None), ("B", 6, 7, Pull(1), ("error", "bang"))
    ),
    "a number is given twice": written(("A", 0, 5, Create(), 1), ("B", 1, 6, Create(), 1)),
    "numbers in the wrong order": written(("A", 0, 1, Create(), 2), ("B", 2, 3, Create(), 1)),
    "each stream alone has an order, and both together have none": written(
        # stream 1 is not yet there at 7, and stream 2, which is made after it, is there at 5
        ("A", 0, 9, Create(), 1),
        ("B", 1, 8, Create(), 2),
        ("C", 4, 5, Push(2, A), True),
        ("D", 6, 7, Push(1, A), False),
    ),
    "a clear that takes its streams one by one": written(
        MADE,
        ("main", 2, 3, Create(), 2),
        ("A", 4, 9, Clear(), None),
        ("B", 5, 6, Push(1, A), False),
        ("B", 7, 8, Push(2, A), True),
    ),
}


@pytest.mark.parametrize("history", FITS.values(), ids=FITS)
def test_linearizable(history: History) -> None:
    assert linearizable(history)
    assert isinstance(check(history), Linearizable)


@pytest.mark.parametrize("history", FITS_NOT.values(), ids=FITS_NOT)
def test_not_linearizable(history: History) -> None:
    assert not linearizable(history)
    assert isinstance(check(history), NotLinearizable)


def test_a_bound_that_ran_out_is_no_pass_and_no_fail() -> None:
    for history in (*FITS.values(), *FITS_NOT.values()):
        verdict = check(history, most_steps=1)
        if isinstance(verdict, Unknown):
            assert verdict.bound == "1 steps of the model"
    assert isinstance(check(FITS_NOT["a chunk comes twice"], most_steps=1), Unknown)


@pytest.mark.parametrize("answer", [True, False])
def test_a_stream_that_a_create_without_answer_may_have_made_is_unknown_where_it_matters(
    answer: bool,
) -> None:
    history = written(("A", 0, None, Create(), "pending"), ("B", 1, 2, Push(1, A), answer))
    verdict = check(history)
    assert linearizable(history)
    assert isinstance(verdict, Unknown if answer else Linearizable)


def test_the_first_stream_that_is_not_linearizable_is_named_and_the_others_are_left() -> None:
    history = written(
        MADE,
        ("main", 2, 3, Create(), 2),
        ("A", 4, 5, Push(1, A), True),
        ("B", 6, 7, Pull(2), A),
    )
    verdict = check(history)
    assert isinstance(verdict, NotLinearizable)
    assert verdict.prefix.one.name == "stream 2"
    assert verdict.prefix.culprit.number == 4
