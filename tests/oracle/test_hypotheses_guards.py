"""What may have been special about an application: each guard holds where it says."""

from __future__ import annotations

import re
from typing import Final

import pytest

from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Rule,
    advance,
    initial,
)
from streamstate.oracle.diagnosis.hypotheses.application import Application
from streamstate.oracle.diagnosis.hypotheses.guards import guards

QUEUEING: Final = Dialect.parse("reference+overlapping_pull=queue")
"""A dialect in which several pulls wait."""


def application(*ops: Op, dialect: Dialect = QUEUEING) -> Application:
    """The last of those ops, about to be done, and its rule supposed to go wrong."""
    *before, last = ops
    states = [initial(dialect)]
    taken: list[Rule] = []
    for op in before:
        rule, state, _ = advance(states[-1], op)
        states.append(state)
        taken.append(rule)
    now = states[-1]
    step = advance(now, last)
    times = taken.count(step.rule)
    return Application(now, last, step, len(before), times)


FILLED = (Create(), Push(1, b"a"), Push(1, b"b"))
WAITING = (Create(), Pull(1))
BIG = Push(1, bytes(65_535))
TWO_WAIT = (Create(), Create(), Pull(1), Pull(2))
ERRORED = (Create(), Error(1, "e"))
FULL = (Create(), *(Push(1, b""),) * 16)

HOLDING: list[tuple[str, tuple[Op, ...], tuple[Op, ...]]] = [
    ("the chunk has 2 bytes or more", (Create(), Push(1, b"ab")), (Create(), Push(1, b"a"))),
    ("the chunk has 2 bytes or fewer", (Create(), Push(1, b"ab")), (Create(), Push(1, b"abc"))),
    ("the chunk has 2 bytes", (Create(), Push(1, b"ab")), (Create(), Push(1, b"abc"))),
    ("the chunk begins with b'a'", (Create(), Push(1, b"ab")), (Create(), Push(1, b"ba"))),
    ("the chunk has a byte b'a'", (Create(), Push(1, b"ab")), (Create(), Push(1, b"b"))),
    ("the chunk is b'ab'", (Create(), Push(1, b"ab")), (Create(), Push(1, b"abc"))),
    ("the chunk is b'aaaaaaaaa'…", (Create(), Push(1, b"a" * 12)), (Create(), Push(1, b"a" * 13))),
    ("the chunk is not ASCII", (Create(), Push(1, b"\xff")), (Create(), Push(1, b"\x7f"))),
    ("the chunk is empty", (*FILLED, Push(1, b"")), (*FILLED, Push(1, b"\0"))),
    ("the chunk is empty, and so is the queue", (Create(), Push(1, b"")), (*FILLED, Push(1, b""))),
    ("the chunk is like the newest one queued", (*FILLED, Push(1, b"b")), (*FILLED, Push(1, b"a"))),
    ("the chunk is b'a'", (*FILLED, Pull(1)), (*FILLED, Pull(1), Pull(1))),
    ("the number of queued chunks is 2 or more", (*FILLED, Close(1)), (Create(), Close(1))),
    ("the number of queued chunks is 2", (*FILLED, Close(1)), (*FILLED, Push(1, b""), Close(1))),
    ("2 bytes or more are queued", (*FILLED, Close(1)), (Create(), Push(1, b"a"), Close(1))),
    ("2 bytes are queued", (*FILLED, Close(1)), (*FILLED, Push(1, b"c"), Close(1))),
    ("the stream is closed and errored", (*ERRORED, Close(1), Get(1)), (*ERRORED, Get(1))),
    ("the newest chunk queued is empty", (*FILLED, Push(1, b""), Pull(1)), (*FILLED, Pull(1))),
    ("the stream is unknown", (Delete(1),), (Create(), Delete(1))),
    ("there was a stream of that number", (Create(), Delete(1), Delete(1)), (Create(), Delete(2))),
    ("the stream is waited on", (*WAITING, Delete(1)), (Create(), Delete(1))),
    ("the stream is open", (Create(), Delete(1)), (*WAITING, Delete(1))),
    ("the stream is closed", (Create(), Close(1), Delete(1)), (Create(), Delete(1))),
    (
        "the stream is errored and not closed",
        (*ERRORED, Delete(1)),
        (*ERRORED, Close(1), Delete(1)),
    ),
    (
        "the stream is closed, errored or not",
        (Create(), Close(1), Delete(1)),
        (*ERRORED, Delete(1)),
    ),
    (
        "the stream is errored, closed or not",
        (*ERRORED, Close(1), Delete(1)),
        (Create(), Close(1), Delete(1)),
    ),
    ("others wait", (*WAITING, Pull(1), Close(1)), (*WAITING, Close(1))),
    ("others wait", (*WAITING, Pull(1), Clear()), (*WAITING, Create(), Pull(2), Clear())),
    ("the stream is 2 or a later one", (Create(), Create(), Close(2)), (Create(), Close(1))),
    ("the stream is 2", (Create(), Create()), (Create(), Create(), Create())),
    ("the number of streams there are is 1", (Create(), Close(1)), (Create(), Create(), Close(1))),
    ("the number of streams there are is 1 or more", (Create(), Clear()), (Clear(),)),
    ("the stream has accepted 2 chunks or more", (*FILLED, Pull(1)), (*WAITING, Push(1, b""))),
    ("the stream has accepted 2 chunks", (*FILLED, Pull(1)), (*FILLED, BIG, Pull(1))),
    ("that comes for the 2nd time or later", (Create(), Create()), (Clear(), Create())),
    ("that comes for the 2nd time", (Create(), Create()), (Create(), Create(), Create())),
    ("2 pulls or more wait in all", (*TWO_WAIT, Pull(1)), (*WAITING, Create(), Pull(2))),
    (
        "the stream is the newest there is",
        (Create(), Create(), Close(2)),
        (*WAITING, Create(), Close(1)),
    ),
    (
        "the stream is the oldest there is",
        (Create(), Create(), Close(1)),
        (Create(), Create(), Close(2)),
    ),
    ("the stream is full", (*FULL, Close(1)), (*FILLED, Close(1))),
    ("the stream is full", (*FULL, Push(1, b"")), (*FILLED, Push(1, b""))),
    ("the stream is full with it", (Create(), Push(1, bytes(65_536))), (Create(), Push(1, b""))),
    (
        "a stream was deleted before",
        (Create(), Delete(1), Create(), Close(2)),
        (Create(), Close(1)),
    ),
    (
        "no stream was deleted before",
        (Create(), Close(1)),
        (Create(), Delete(1), Create(), Close(2)),
    ),
    (
        "2 streams or more were deleted before",
        (Create(), Create(), Delete(1), Delete(2), Create(), Close(3)),
        (Create(), Create(), Delete(1), Close(2)),
    ),
    ("another stream is waited on", (*WAITING, Create(), Close(2)), (*WAITING, Close(1))),
    (
        "another stream is closed",
        (Create(), Close(1), Create(), Close(2)),
        (Create(), Close(1), Close(1)),
    ),
    (
        "another stream is errored and not closed",
        (*ERRORED, Create(), Close(2)),
        (*ERRORED, Close(1), Create(), Close(2)),
    ),
    ("another stream is full", (*FULL, Create(), Close(2)), (*FILLED, Create(), Close(2))),
    (
        "the queue comes to 65,536 bytes or more",
        (Create(), BIG, Push(1, b"a")),
        (Create(), BIG, Push(1, b"")),
    ),
    (
        "the queue comes to more than 65,536 bytes",
        (Create(), BIG, Push(1, b"ab")),
        (Create(), BIG, Push(1, b"a")),
    ),
    (
        "the queue comes to 16 chunks or more",
        (Create(), *(Push(1, b""),) * 16),
        (Create(), *(Push(1, b""),) * 15),
    ),
    ("the chunk ends with b'b'", (Create(), Push(1, b"ab")), (Create(), Push(1, b"ba"))),
    (
        "the chunk has 2 bytes more than a multiple of 3",
        (Create(), Push(1, b"ab")),
        (Create(), Push(1, b"abc")),
    ),
    ("it is op 2 or a later one", (Create(), Close(1)), (Close(1),)),
    ("it is pull 2 or a later one", (*FILLED, Pull(1), Pull(1)), (*FILLED, Pull(1))),
    ("a stream has chunks queued", (*FILLED, Clear()), (*FILLED, Delete(1), Create(), Clear())),
    ("a stream is open", (Create(), Clear()), (Create(), Close(1), Clear())),
    ("a stream is waited on", (*WAITING, Create(), Clear()), (Create(), Clear())),
    ("a stream is closed", (Create(), Close(1), Create(), Clear()), (*ERRORED, Clear())),
    ("a stream is errored and not closed", (*ERRORED, Clear()), (*ERRORED, Close(1), Clear())),
    ("a stream is closed and errored", (*ERRORED, Close(1), Clear()), (*ERRORED, Clear())),
    ("fewer than 16 chunks are queued", (Create(), IsQueueFull(1)), (*FULL, IsQueueFull(1))),
    (
        "fewer than 65,536 bytes are queued",
        (*FULL, IsQueueFull(1)),
        (Create(), BIG, Push(1, b"1"), IsQueueFull(1)),
    ),
    (
        "65,536 bytes are queued, and fewer than 16 chunks",
        (Create(), BIG, Push(1, b"1"), IsQueueFull(1)),
        (Create(), BIG, Push(1, b"12"), IsQueueFull(1)),
    ),
    (
        "16 chunks are queued, and fewer than 65,536 bytes",
        (*FULL, IsQueueFull(1)),
        (*FULL, Push(1, b""), IsQueueFull(1)),
    ),
    (
        "one limit is reached and the other is not",
        (*FULL, IsQueueFull(1)),
        (*FULL, BIG, Push(1, b"1"), IsQueueFull(1)),
    ),
]


@pytest.mark.parametrize(("says", "on", "off"), HOLDING)
def test_a_guard_holds_where_it_says(says: str, on: tuple[Op, ...], off: tuple[Op, ...]) -> None:
    (guard,) = (each for each in guards(application(*on)) if each.says == says)
    assert guard.holds(application(*on))
    assert not guard.holds(application(*off))


def test_every_guard_that_an_occasion_brings_up_is_named_once_and_is_tested() -> None:
    """But for the numbers and chunks in their words."""
    brought = {on: [each.says for each in guards(application(*on))] for _, on, _ in HOLDING}
    assert all(len(set(words)) == len(words) for words in brought.values())
    tested = {_without_values(says) for says, _, _ in HOLDING}
    assert {_without_values(says) for words in brought.values() for says in words} == tested


def _without_values(says: str) -> str:
    return re.sub(r"b'.*'…?|[\d,]*\d(?:st|nd|rd|th)?", "…", says)
