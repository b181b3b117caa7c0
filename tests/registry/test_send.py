"""`send`: who waits for room gets it in turn, and gives up without a trace."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterable, Callable
from typing import Any

import pytest

from streamstate import Chunk, Dialect, Done, Limits, StreamClosed, StreamStateRegistry
from streamstate.model import Accepted, CancelPush, Push, Returned, TurnedAway, Unblocked
from streamstate.model.values import Ended
from streamstate.registry import PendingSend
from tests.quiet import QuietLoop
from tests.registry.support import (
    ENDS,
    Journal,
    cancel,
    look,
    queue,
    registry_with,
    result_of,
    start,
    taken,
)


@pytest.fixture(name="registry")
def _registry() -> StreamStateRegistry:
    return registry_with(push_when_full="wait")


def full_in(registry: StreamStateRegistry) -> int:
    """A stream that has as many chunks as there is room for."""
    stream = registry.create()
    for _ in range(registry.limits.max_queue_chunks):
        assert registry.push(stream, b"first")
    return stream


def rest_of(registry: StreamStateRegistry, stream: int) -> list[bytes]:
    """All chunks that are still to come, without those that filled the stream."""
    chunks = []
    while queue(registry, stream):
        chunks.append(taken(registry.pull(stream)))
    return [chunk for chunk in chunks if chunk != b"first"]


def test_with_room_it_is_accepted_at_once(registry: StreamStateRegistry) -> None:
    sent = registry.send(registry.create(), b"a")
    assert sent.accepted is True
    assert look(sent) is True


def test_to_what_takes_no_more_it_is_turned_away_at_once(registry: StreamStateRegistry) -> None:
    closed, errored = registry.create(), registry.create()
    registry.close(closed)
    registry.error(errored, "boom")
    assert [look(registry.send(one, b"a")) for one in (closed, errored, 9)] == [False] * 3


@pytest.mark.parametrize(("policy", "answer"), [("accept", True), ("refuse", False)])
def test_where_no_push_waits_it_is_a_push(policy: str, answer: bool) -> None:
    registry = registry_with(push_when_full=policy)
    assert look(registry.send(full_in(registry), b"a")) is answer


def test_PUSH_9_it_waits_and_goes_in_its_turn(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = full_in(registry)
    tasks = [start(quiet, registry.send(stream, chunk)) for chunk in (b"a", b"b")]
    assert [task.done() for task in tasks] == [False, False]
    taken(registry.pull(stream))
    quiet.settle()
    assert [task.done() for task in tasks] == [True, False]
    taken(registry.pull(stream))
    quiet.settle()
    assert [task.result() for task in tasks] == [True, True]
    assert rest_of(registry, stream) == [b"a", b"b"]


def test_its_listener_is_told_what_the_model_says(quiet: QuietLoop) -> None:
    journal = Journal()
    registry = registry_with(journal, push_when_full="wait")
    stream = full_in(registry)
    kept, dropped = registry.send(stream, b"a"), registry.send(stream, b"b")
    assert dropped.cancel() is True
    registry.close(stream)
    assert journal.told[-4:] == [
        (Push(stream, b"a"), ()),
        (Push(stream, b"b"), ()),
        (CancelPush(2), (Returned(True),)),
        (journal.ops[-1], (TurnedAway(1, Ended()), Unblocked(stream))),
    ]
    with pytest.raises(StreamClosed):
        result_of(quiet, kept)


def test_a_pull_tells_of_the_push_that_it_lets_in() -> None:
    journal = Journal()
    registry = registry_with(journal, push_when_full="wait")
    stream = full_in(registry)
    sent = registry.send(stream, b"a")
    pull = registry.pull(stream)
    assert Accepted(1) in journal.told[-1][1]
    assert (look(sent), taken(pull)) == (True, b"first")


def _cancelled(sent: PendingSend) -> None:
    assert sent.cancel() is True


def _closed(sent: PendingSend) -> None:
    sent.close()


@pytest.mark.parametrize("give_up", [_cancelled, _closed, cancel])
def test_CANCEL_PUSH_1_given_up_before_it_is_accepted_it_sends_nothing(
    registry: StreamStateRegistry, give_up: Callable[[Any], None]
) -> None:
    stream = full_in(registry)
    given_up, other = registry.send(stream, b"never"), registry.send(stream, b"a")
    give_up(given_up)
    assert given_up.accepted is False
    assert rest_of(registry, stream) == [b"a"]
    assert look(other) is True


@pytest.mark.parametrize("give_up", [_closed, cancel])
def test_CANCEL_PUSH_2_given_up_afterwards_it_stays_sent_once(
    registry: StreamStateRegistry, give_up: Callable[[Any], None]
) -> None:
    stream = full_in(registry)
    sent = registry.send(stream, b"a")
    taken(registry.pull(stream))
    assert sent.cancel() is False
    give_up(sent)
    assert sent.accepted is True
    assert rest_of(registry, stream) == [b"a"]


def test_a_task_that_is_cancelled_too_late_has_sent_it(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = full_in(registry)
    sent = registry.send(stream, b"a")
    task = start(quiet, sent)
    taken(registry.pull(stream))
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert sent.accepted is True, "which tells whoever cancelled it"
    assert rest_of(registry, stream) == [b"a"]


def test_a_task_that_is_cancelled_in_time_has_not(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = full_in(registry)
    sent = registry.send(stream, b"a")
    task = start(quiet, sent)
    task.cancel()
    quiet.settle()
    assert (task.cancelled(), sent.accepted) == (True, False)
    assert rest_of(registry, stream) == []


def test_a_timeout_sends_nothing(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = full_in(registry)

    async def hurried() -> None:
        await asyncio.wait_for(registry.send(stream, b"a"), 0)

    with pytest.raises(TimeoutError):
        result_of(quiet, hurried())
    assert rest_of(registry, stream) == []


def test_one_that_is_dropped_sends_nothing(registry: StreamStateRegistry) -> None:
    stream = full_in(registry)
    registry.send(stream, b"never")
    other = registry.send(stream, b"a")
    assert rest_of(registry, stream) == [b"a"]
    assert look(other) is True


@pytest.mark.parametrize("end", ENDS)
def test_an_end_of_the_stream_turns_away_all_that_wait(
    registry: StreamStateRegistry, quiet: QuietLoop, end: str
) -> None:
    ending, error = ENDS[end]
    stream = full_in(registry)
    tasks = [start(quiet, registry.send(stream, chunk)) for chunk in (b"a", b"b")]
    ending(registry, stream)
    quiet.settle()
    for task in tasks:
        with pytest.raises(error):
            task.result()
    if end == "close":
        assert rest_of(registry, stream) == []


@pytest.mark.parametrize("room", [0, 1, 2])
def test_CLOSE_7_it_goes_on_waiting_through_a_close_and_goes_in_before_the_end(
    quiet: QuietLoop, room: int
) -> None:
    limits = Limits(max_queue_chunks=room)
    registry = StreamStateRegistry(Dialect(push_when_full="wait_through_close"), limits)
    stream = full_in(registry)
    tasks = [start(quiet, registry.send(stream, chunk)) for chunk in (b"a", b"b")]
    registry.close(stream)
    view = registry.get(stream)
    assert view is not None
    assert view.closed
    assert look(registry.send(stream, b"too late")) is False
    chunks = registry.chunks(stream)
    read = start(quiet, all_of(chunks))
    quiet.settle()
    assert read.result() == [b"first"] * room + [b"a", b"b"]
    assert [task.result() for task in tasks] == [True, True]


def test_CLOSE_7_the_last_that_gives_up_leaves_the_end() -> None:
    registry = registry_with(push_when_full="wait_through_close")
    stream = full_in(registry)
    sent = registry.send(stream, b"never")
    registry.close(stream)
    assert sent.cancel() is True
    assert rest_of(registry, stream) == []
    assert isinstance(look(registry.pull(stream)), Done)


async def all_of(chunks: AsyncIterable[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


def test_push_says_that_it_would_have_to_wait_and_changes_nothing(
    registry: StreamStateRegistry,
) -> None:
    stream = full_in(registry)
    with pytest.raises(RuntimeError, match=r"await send\(stream, chunk\) instead"):
        registry.push(stream, b"a")
    taken(registry.pull(stream))
    assert registry.push(stream, b"b") is True
    assert rest_of(registry, stream) == [b"b"]


def test_a_writer_goes_on_where_others_send(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = full_in(registry)

    async def write() -> None:
        async with registry.writer(stream) as writing:
            await writing(b"a")

    task = start(quiet, write())
    assert not task.done()
    assert taken(registry.pull(stream)) == b"first"
    quiet.settle()
    assert task.done()
    assert rest_of(registry, stream) == [b"a"]


def test_a_send_is_one(registry: StreamStateRegistry) -> None:
    sent = registry.send(full_in(registry), b"a")
    assert repr(sent) == "<send as push 1 of stream 1, waiting>"
    with pytest.raises(TypeError, match="cannot be copied"):
        copy.copy(sent)
    cancel(sent)
    assert repr(sent) == "<send as push 1 of stream 1, not sent>"
    with pytest.raises(RuntimeError, match="already been awaited"):
        sent.__await__()
    assert repr(registry.send(9, b"a")) == "<send, not accepted>"


def test_what_is_no_bytes_is_refused_and_changes_nothing(registry: StreamStateRegistry) -> None:
    with pytest.raises(TypeError):
        registry.send(full_in(registry), "text")  # type: ignore[arg-type]
    assert registry.send(1, bytearray(b"a")).cancel()


def test_a_chunk_may_be_written_over_while_it_waits(registry: StreamStateRegistry) -> None:
    stream = full_in(registry)
    chunk = bytearray(b"a")
    sent = registry.send(stream, chunk)
    chunk[:] = b"z"
    assert isinstance(look(registry.pull(stream)), Chunk)
    assert look(sent) is True
    assert rest_of(registry, stream) == [b"a"]
