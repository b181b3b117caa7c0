"""`send` from other threads: it waits for room in turn, and what was given up is never sent."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any

import pytest

from streamstate import Chunk, Dialect, Limits, StreamClosed, StreamDeleted, StreamStateRegistry
from streamstate.model import CancelPush, Close, Delete, Op, Pull, Push
from streamstate.registry import ThreadsafeRegistry
from streamstate.registry.offers import Hold, Offer
from tests.quiet import QuietLoop
from tests.registry.in_threads import beside_a_loop, in_a_thread, of
from tests.registry.support import ENDS, Journal, queue, result_of, start, stream_in, taken


def of_one_chunk(policy: str = "wait") -> StreamStateRegistry:
    """A registry that has room for one chunk in each stream."""
    dialect = Dialect.parse(f"reference+push_when_full={policy}")
    return StreamStateRegistry(dialect, Limits(max_queue_chunks=1), lockstep=True)


@pytest.fixture(name="registry")
def _registry() -> StreamStateRegistry:
    return of_one_chunk()


# --- What it answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "when_full"), [("accept", True), ("refuse", False)])
def test_where_no_push_waits_it_is_a_push(policy: str, when_full: bool) -> None:
    def work(ops: ThreadsafeRegistry) -> None:
        stream = ops.create()
        assert ops.send(stream, bytearray(b"a"))
        assert ops.send(stream, b"b") is when_full
        ops.close(stream)
        assert not ops.send(stream, b"c")
        assert not ops.send(9, b"c")
        with pytest.raises(TypeError, match="chunk must be bytes-like, not str"):
            ops.send(stream, "text")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="stream must be an int, not '1'"):
            ops.send("1", b"a")  # type: ignore[arg-type]

    beside_a_loop(work, of_one_chunk(policy))


def test_PUSH_9_tasks_and_threads_wait_in_one_line(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    first = ops.submit_send(stream, b"of a thread")
    quiet.settle()
    task = start(quiet, registry.send(stream, b"of a task"))
    last = ops.submit_send(stream, b"of a thread again")
    quiet.settle()
    for before, chunk in enumerate((b"of a thread", b"of a task", b"of a thread again")):
        assert [first.done(), task.done(), last.done()].count(True) == before
        taken(registry.pull(stream))
        quiet.settle()
        assert queue(registry, stream) == (chunk,)
    assert (first.result(0), task.result(), last.result(0)) == (True, True, True)


def test_a_chunk_is_sent_as_it_was(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream, ops, chunk = stream_in(registry, b"a"), of(quiet, registry), bytearray(b"b")
    ops.submit_send(stream, chunk)
    chunk[:] = b"z"
    quiet.settle()
    taken(registry.pull(stream))
    assert queue(registry, stream) == (b"b",)


@pytest.mark.parametrize("end", ENDS)
def test_an_end_of_the_stream_turns_away_all_that_wait(
    registry: StreamStateRegistry, quiet: QuietLoop, end: str
) -> None:
    ending, error = ENDS[end]
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answers = [ops.submit_send(stream, chunk) for chunk in (b"b", b"c")]
    quiet.settle()
    ending(registry, stream)
    quiet.settle()
    for answer in answers:
        with pytest.raises(error):
            answer.result(0)


# --- Giving up -----------------------------------------------------------------------------------


@pytest.mark.parametrize("crossed", [False, True])
@pytest.mark.parametrize("noticed", [False, True])
def test_CANCEL_PUSH_1_what_was_cancelled_is_never_sent(
    registry: StreamStateRegistry, quiet: QuietLoop, crossed: bool, noticed: bool
) -> None:
    """Also if the registry lets pushes in before it hears of the cancel."""
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answers = [ops.submit_send(stream, chunk) for chunk in (b"never", b"b", b"never", b"c")]
    if crossed:
        quiet.settle()
    assert in_a_thread(lambda: [answers[0].cancel(), answers[2].cancel()]) == [True, True]
    if noticed or not crossed:
        quiet.settle()
    sent = [taken(registry.pull(stream)) for _ in range(3)]
    assert sent == [b"a", b"b", b"c"]
    quiet.settle()
    assert queue(registry, stream) == ()
    assert wait(answers, timeout=0).not_done == set()
    assert [answer.cancelled() or answer.result(0) for answer in answers] == [True] * 4
    assert [answer.cancelled() for answer in answers] == [True, False, True, False]


def test_CANCEL_PUSH_1_the_last_that_waits_gives_up_and_nothing_waits(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answer = ops.submit_send(stream, b"never")
    quiet.settle()
    in_a_thread(answer.cancel)
    assert taken(registry.pull(stream)) == b"a"
    assert queue(registry, stream) == ()


def test_PULL_15_nobody_meets_a_send_that_was_given_up(quiet: QuietLoop) -> None:
    """Where there is no room at all, a pull takes the chunk of the oldest that is still there."""
    dialect = Dialect.parse("reference+push_when_full=wait")
    registry = StreamStateRegistry(dialect, Limits(max_queue_chunks=0), lockstep=True)
    stream, ops = registry.create(), of(quiet, registry)
    answers = [ops.submit_send(stream, chunk) for chunk in (b"never", b"a")]
    quiet.settle()
    assert in_a_thread(answers[0].cancel)
    assert taken(registry.pull(stream)) == b"a"
    assert not in_a_thread(answers[1].cancel)
    quiet.settle()
    assert answers[1].result(0) is True


def test_CANCEL_PUSH_2_what_is_accepted_cannot_be_cancelled(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    """Though the thread has not heard of it."""
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answer = ops.submit_send(stream, b"b")
    quiet.settle()
    taken(registry.pull(stream))
    assert not answer.done()
    assert not in_a_thread(answer.cancel)
    assert queue(registry, stream) == (b"b",)
    quiet.settle()
    assert answer.result(0) is True


def test_a_cancel_in_the_middle_of_the_op_comes_too_late_or_undoes_it(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream, ops = registry.create(), of(quiet, registry)
    place = ops._place
    late: list[bool] = []

    def cancelled_before(stream: int, chunk: bytes, hold: Hold) -> Offer | bool:
        assert answer.cancel()
        return place(stream, chunk, hold)

    def cancelled_after(stream: int, chunk: bytes, hold: Hold) -> Offer | bool:
        placed = place(stream, chunk, hold)
        late.append(answer.cancel())
        return placed

    ops._place = cancelled_before
    answer = ops.submit_send(stream, b"never")
    quiet.settle()
    assert queue(registry, stream) == ()
    ops._place = cancelled_after
    answer = ops.submit_send(stream, b"a")
    quiet.settle()
    assert late == [False]
    assert (answer.result(0), queue(registry, stream)) == (True, (b"a",))


@pytest.mark.parametrize("noticed", [False, True])
def test_who_listens_is_told_of_the_cancel_and_then_of_the_pull(
    quiet: QuietLoop, noticed: bool
) -> None:
    journal, registry = Journal(), of_one_chunk()
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    registry.attach(journal, acts=True)
    answer = ops.submit_send(stream, b"b")
    quiet.settle()
    in_a_thread(answer.cancel)
    if noticed:
        quiet.settle()
        assert journal.ops == [Push(stream, b"b"), CancelPush(1)]
    taken(registry.pull(stream))
    assert journal.ops[:3] == [Push(stream, b"b"), CancelPush(1), Pull(stream)]


def test_a_listener_that_deletes_the_stream_meanwhile_cuts_its_reader_short(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    def delete(op: Op, _effects: object) -> None:
        if isinstance(op, CancelPush):
            registry.delete(stream)

    registry.attach(delete, acts=True)
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answer = ops.submit_send(stream, b"b")
    quiet.settle()
    in_a_thread(answer.cancel)
    with pytest.raises(StreamDeleted):
        result_of(quiet, anext(registry.chunks(stream)))


@pytest.mark.parametrize("waits", [False, True])
def test_a_listener_that_raises_raises_in_the_thread(
    registry: StreamStateRegistry, quiet: QuietLoop, waits: bool
) -> None:
    def refuse(op: Op, _effects: object) -> None:
        if op == Push(1, b"b"):
            raise ValueError("no b")

    stream, ops = stream_in(registry, *[b"a"] * waits), of(quiet, registry)
    registry.attach(refuse)
    answer = ops.submit_send(stream, b"b")
    quiet.settle()
    with pytest.raises(ValueError, match="no b"):
        answer.result(0)
    taken(registry.pull(stream))
    assert queue(registry, stream) == (), "one that waited and was told of no more is gone"


def test_after_a_timeout_nothing_was_sent_nor_will_be(
    registry: StreamStateRegistry,
) -> None:
    def work(ops: ThreadsafeRegistry) -> None:
        stream = ops.create()
        assert ops.send(stream, b"a", timeout=60)
        with pytest.raises(TimeoutError, match="the op was not done"):
            ops.send(stream, b"never", timeout=0)
        with pytest.raises(TimeoutError, match="the op was not done"):
            ops.send(stream, b"never", timeout=0.01)
        assert ops.pull(stream) == Chunk(b"a")
        assert ops.send(stream, b"b", timeout=60)
        assert ops.pull(stream) == Chunk(b"b")

    beside_a_loop(work, registry)


def test_a_chunk_that_is_accepted_as_the_time_is_up_is_reported_as_sent(
    registry: StreamStateRegistry, quiet: QuietLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    up, accepted = Event(), Event()
    result = Future.result

    def too_late(self: Future[Any], timeout: float | None = None) -> Any:
        if timeout == 7:
            up.set()
            assert accepted.wait(60)
            raise TimeoutError
        return result(self, timeout)

    with ThreadPoolExecutor(1) as pool, monkeypatch.context() as patch:
        patch.setattr(Future, "result", too_late)
        sent = pool.submit(ops.send, stream, b"b", timeout=7)
        assert up.wait(60)
        quiet.settle()
        taken(registry.pull(stream))
        accepted.set()
        quiet.settle()
        assert sent.result(60) is True
    assert queue(registry, stream) == (b"b",)


def test_ops_of_a_thread_go_on_while_its_send_waits(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    journal = Journal()
    registry.attach(journal)
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    sent, closed = ops.submit_send(stream, b"b"), ops.submit_close(stream)
    ops.submit_delete(stream)
    quiet.settle()
    assert isinstance(sent.exception(0), StreamClosed)
    assert closed.result(0) is None
    assert journal.ops[-3:] == [Push(stream, b"b"), Close(stream), Delete(stream)]
