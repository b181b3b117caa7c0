"""A registry that keeps chunks of one length in one buffer is refused, as a black box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from streamstate.model import Idle, Push, Rule, State, Step, Stream
from streamstate.model.state import Queue
from streamstate.oracle.diagnosis.hypotheses.application import Application, Change
from streamstate.oracle.diagnosis.hypotheses.guards import Guard
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.structured import structured_programs
from tests.oracle.planted import Planted, runner_with
from tests.thorough import one_in


def in_one_buffer(application: Application) -> Step:
    """Every chunk queued that is as long as the pushed one becomes that one, in every stream."""
    op, state = application.op, application.step.state
    if not isinstance(op, Push):
        return application.step
    for number, stream in state.streams:
        state = replace(state, streams=_with(state, number, _overwritten(stream, op.chunk)))
    return application.step._replace(state=state)


def _with(state: State, number: int, stream: Stream) -> tuple[tuple[int, Stream], ...]:
    return state.streams_with(number, stream)


def _overwritten(stream: Stream, chunk: bytes) -> Stream:
    if not isinstance(stream, Idle) or not stream.queue:
        return stream
    chunks = tuple(_as_new(stream.queue, chunk))
    return replace(stream, queue=Queue((), chunks, stream.queue.size))


def _as_new(queue: Queue, chunk: bytes) -> Iterator[bytes]:
    for each in queue.chunks():
        yield chunk if len(each) == len(chunk) else each


@cache
def programs() -> tuple[Program, ...]:
    return tuple(map(program_of, structured_programs()))


def refused(length: int) -> bool:
    guard = Guard("it is as long", lambda each: len(getattr(each.op, "chunk", b"")) == length)
    change = Change("keeps it in one buffer", in_one_buffer)
    planted = Planted(change, [Rule.PUSH_5], guard, capabilities=())
    return any(runner_with(planted).try_all(programs(), None))


@pytest.mark.parametrize(
    "length", one_in(4, [1, 2, 3, 5, 8, 16, 32, 64, 100, 256, 1000, 1024, 4096, 32_768])
)
def test_chunks_that_are_alike_in_length_alone_are_kept_apart(length: int) -> None:
    assert refused(length)


def test_a_buffer_for_a_length_that_no_program_has_is_not_seen() -> None:
    assert not refused(19)
