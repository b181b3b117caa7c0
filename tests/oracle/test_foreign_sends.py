"""What other people's sends that wait do when they are given up: nothing is sent, and the others
keep their order."""

from __future__ import annotations

from typing import Any, Final

import pytest

from streamstate.model import Dialect, pushes_wait
from tests.oracle.foreign import exchange, replies
from tests.oracle.foreign_rows import Row, rows
from tests.oracle.foreign_toolchains import COMPILED

SENDING: Final = tuple(
    row
    for row in rows()
    if pushes_wait(Dialect.parse(row.known.behaviour.nearest))
    and row.known.language != "JavaScript"
    and row.name != "futures mpsc, send"
)
"""Those whose sends can be given up: a promise cannot, and in futures it is sent all the same."""


CASES: Final = [
    pytest.param(row, marks=pytest.mark.thorough) if row.needs.on in COMPILED else row
    for row in SENDING
]
"""What has to be compiled first takes longer."""


def filled(row: Row, more: int) -> list[Any]:
    """A program that fills a queue, and then has so many pushes wait."""
    limits = row.known.behaviour.limits
    assert limits is not None
    chunks = [f"{number:04d}" for number in range(limits["max_queue_chunks"] + more)]
    return [["create"], *(["push", 1, chunk] for chunk in chunks)]


def brought(trace: list[Any]) -> list[str]:
    return [item[2] for _, settled in trace for item in settled if item[1:2] == ["value"]]


def test_there_are_some() -> None:
    assert len(SENDING) >= 6


@pytest.mark.parametrize("row", CASES, ids=lambda row: row.name)
def test_a_send_that_is_given_up_sends_nothing(row: Row) -> None:
    command = row.command
    if command is None:
        pytest.skip(f"{row.name} is not there: {row.install}")
    (hello,) = exchange(command)
    assert "cancel_push" in hello["capabilities"]
    program = filled(row, more=3)
    pulls = [["pull", 1] for _ in program]
    given_up = [*program, ["cancel_push", 2], ["cancel_push", 2], *pulls]
    (answer,) = replies(command, [given_up])
    trace = answer["trace"]
    waiting = [returned for returned, _ in trace[len(program) - 3 : len(program)]]
    assert waiting == [None, None, None]
    assert [returned for returned, _ in trace[len(program) : len(program) + 2]] == [True, False]
    sent = [chunk for _, _, chunk in program[1:]]
    del sent[-2]
    assert brought(trace) == sent
    settled = [item for _, settled in trace for item in settled if item[0] == "push"]
    assert settled == [["push", 1, "accepted"], ["push", 3, "accepted"]]
