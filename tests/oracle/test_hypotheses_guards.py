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
    state = initial(dialect)
    for op in before:
        state = advance(state, op).state
    return Application(state, last, advance(state, last))


FILLED = (Create(), Push(1, b"a"), Push(1, b"b"))
WAITING = (Create(), Pull(1))
BY_SIZE = (Create(), Push(1, bytes(65_535)), Push(1, b"1"))
TWO_WAIT = (Create(), Create(), Pull(1), Pull(2))
ERRORED = (Create(), Error(1, "e"))
FULL = (Create(), *(Push(1, b""),) * 16)

HOLDING: list[tuple[str, tuple[Op, ...], tuple[Op, ...]]] = [
    ("the chunk has 2 bytes or more", (Create(), Push(1, b"ab")), (Create(), Push(1, b"a"))),
    ("the chunk has 2 bytes or fewer", (Create(), Push(1, b"ab")), (Create(), Push(1, b"abc"))),
    ("the chunk begins with b'a'", (Create(), Push(1, b"ab")), (Create(), Push(1, b"ba"))),
    ("the chunk ends with b'b'", (Create(), Push(1, b"ab")), (Create(), Push(1, b"ba"))),
    ("the chunk is like the newest one queued", (*FILLED, Push(1, b"b")), (*FILLED, Push(1, b"a"))),
    ("the chunk is not ASCII", (Create(), Push(1, b"\xff")), (Create(), Push(1, b"\x7f"))),
    ("the chunk has a byte b'a'", (Create(), Push(1, b"ab")), (Create(), Push(1, b"b"))),
    ("the chunk is empty", (*FILLED, Push(1, b"")), (*FILLED, Push(1, b"\0"))),
    ("the error value is empty", (Create(), Error(1, "")), (Create(), Error(1, "e"))),
    ("the error value is not printable ASCII", (*ERRORED, Error(1, "\0")), ERRORED),
    ("the number of characters of the error value is 1 or more", ERRORED, (Create(), Error(1, ""))),
    ("the number of queued chunks is 2 or more", (*FILLED, Close(1)), (Create(), Close(1))),
    ("the number of queued chunks is 2", (*FILLED, Close(1)), (*FILLED, Push(1, b""), Close(1))),
    ("the number of queued bytes is 2 or more", (*FILLED, Close(1)), (Create(), Close(1))),
    ("the number of queued bytes is 2", (*FILLED, Close(1)), (Create(), Close(1))),
    (
        "fewer chunks are queued than is allowed",
        (Create(), IsQueueFull(1)),
        (*FULL, IsQueueFull(1)),
    ),
    ("fewer bytes are queued than is allowed", (*FULL, IsQueueFull(1)), (*BY_SIZE, IsQueueFull(1))),
    (
        "just as many bytes are queued as is allowed, and fewer chunks",
        (*BY_SIZE, IsQueueFull(1)),
        (*BY_SIZE, Push(1, b"2"), IsQueueFull(1)),
    ),
    (
        "just as many chunks are queued as is allowed, and fewer bytes",
        (*FULL, IsQueueFull(1)),
        (*FULL, Push(1, b""), IsQueueFull(1)),
    ),
    (
        "one limit is reached and the other is not",
        (*FULL, IsQueueFull(1)),
        (*FULL, *BY_SIZE[1:], IsQueueFull(1)),
    ),
    ("the stream is unknown", (Delete(1),), (Create(), Delete(1))),
    ("the stream is waited on", (*WAITING, Delete(1)), (Create(), Delete(1))),
    ("the stream is open", (Create(), Delete(1)), (*WAITING, Delete(1))),
    ("the stream is closed", (Create(), Close(1), Delete(1)), (Create(), Delete(1))),
    (
        "the stream is errored and not closed",
        (*ERRORED, Delete(1)),
        (*ERRORED, Close(1), Delete(1)),
    ),
    ("the stream is closed and errored", (*ERRORED, Close(1), Get(1)), (*ERRORED, Get(1))),
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
    ("the stream is full", (*FULL, Close(1)), (*FILLED, Close(1))),
    ("the stream is full", (*FULL, Push(1, b"")), (*FILLED, Push(1, b""))),
    ("the stream is full with it", (Create(), Push(1, bytes(65_536))), (Create(), Push(1, b""))),
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
    ("a stream is open", (Create(), Clear()), (Create(), Close(1), Clear())),
    ("a stream is waited on", (*WAITING, Create(), Clear()), (Create(), Clear())),
    ("a stream is closed", (Create(), Close(1), Create(), Clear()), (*ERRORED, Clear())),
    ("a stream is errored and not closed", (*ERRORED, Clear()), (*ERRORED, Close(1), Clear())),
    ("a stream is closed and errored", (*ERRORED, Close(1), Clear()), (*ERRORED, Clear())),
    (
        "the pulls that wait on the stream are 2 or more",
        (*WAITING, Pull(1), Close(1)),
        (*WAITING, Close(1)),
    ),
    ("the pulls that wait in all are 2 or more", (*TWO_WAIT, Pull(1)), (*WAITING, Pull(1))),
    ("the number of the stream is 2 or more", (*TWO_WAIT, Close(2)), (Create(), Close(1))),
    ("the number of streams there are is 1 or more", (Create(), Clear()), (Clear(),)),
    (
        "the chunks that the stream has accepted are 2 or more",
        (*FILLED, Pull(1)),
        (*WAITING, Push(1, b"")),
    ),
    (
        "the streams deleted before are 2 or more",
        (Create(), Create(), Delete(1), Delete(2), Create(), Close(3)),
        (Create(), Create(), Delete(1), Close(2)),
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
