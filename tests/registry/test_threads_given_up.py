"""Ops from other threads that are given up: cancelled, timed out, interrupted, dropped."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any

import pytest

from streamstate import ISOLATE, Chunk, StreamStateRegistry
from streamstate.model import CancelPull, Create, Effect, Op, Pull, PullResult, Push
from streamstate.registry import ThreadsafeRegistry
from tests.quiet import QuietLoop
from tests.registry.in_threads import beside_a_loop, in_a_thread, of
from tests.registry.support import Journal, queue, registry_with, start, stream_in, view


def test_an_op_that_is_cancelled_before_it_crossed_is_not_done(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answers: list[Future[Any]] = [
        ops.submit_push(stream, b"b"),
        ops.submit_pull(stream),
        ops.submit_writable(stream),
        ops.submit_delete(stream),
    ]
    assert all(answer.cancel() for answer in answers)
    quiet.settle()
    assert queue(registry, stream) == (b"a",)
    assert wait(answers, timeout=0).not_done == set()


def test_a_cancel_while_a_pull_begins_precedes_what_its_caller_does_next(quiet: QuietLoop) -> None:
    journal = Journal()

    def cancel_and_push() -> None:
        assert answer.cancel()
        ops.push_soon(stream, b"a")

    def tell(op: Op, effects: tuple[Effect, ...]) -> None:
        journal(op, effects)
        if isinstance(op, Pull):
            in_a_thread(cancel_and_push)

    registry = registry_with(tell)
    stream, ops = registry.create(), of(quiet, registry)
    answer = ops.submit_pull(stream)
    quiet.settle()
    assert journal.ops == [Create(), Pull(stream), CancelPull(1), Push(stream, b"a")]


@pytest.mark.parametrize("another_waits", [False, True])
@pytest.mark.parametrize("when", ["waiting", "handed"])
def test_CANCEL_PULL_the_chunk_of_a_cancelled_pull_goes_on(
    quiet: QuietLoop, when: str, another_waits: bool
) -> None:
    registry = registry_with(overlapping_pull="queue")
    stream, ops = registry.create(), of(quiet, registry)
    answer = ops.submit_pull(stream)
    quiet.settle()
    other = start(quiet, registry.pull(stream)) if another_waits else None
    if when == "handed":
        registry.push(stream, b"a")
    assert in_a_thread(answer.cancel)
    quiet.settle()
    if when == "waiting":
        assert view(registry, stream).pull_waiting is another_waits
        registry.push(stream, b"a")
        quiet.settle()
    assert wait([answer], timeout=0).done == {answer}
    if other is None:
        assert queue(registry, stream) == (b"a",)
    else:
        assert other.result() == Chunk(b"a")


def test_what_a_thread_does_after_a_cancel_comes_after_it(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(lockstep=True)
    stream, ops = registry.create(), of(quiet, registry)
    first = ops.submit_pull(stream)
    quiet.settle()
    first.cancel()
    ops.push_soon(stream, b"a")
    second = ops.submit_pull(stream)
    quiet.settle()
    assert second.result(0) == Chunk(b"a")


def test_a_chunk_that_a_future_has_is_seen(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream, ops = registry.create(), of(quiet, registry)
    answer = ops.submit_pull(stream)
    quiet.settle()
    registry.push(stream, b"a")
    quiet.settle()
    assert not answer.cancel()
    assert answer.result(0) == Chunk(b"a")


def test_a_future_that_is_dropped_still_takes_its_chunk(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream, ops = registry.create(), of(quiet, registry)
    ops.submit_pull(stream)
    quiet.settle()
    gc.collect()
    registry.push(stream, b"a")
    quiet.settle()
    assert queue(registry, stream) == ()


def test_another_loop_awaits_a_future_and_a_cancel_there_loses_nothing() -> None:
    async def elsewhere(ops: ThreadsafeRegistry, stream: int) -> PullResult:
        waiting = asyncio.ensure_future(asyncio.wrap_future(ops.submit_pull(stream)))
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        ops.push_soon(stream, b"a")
        return await asyncio.wrap_future(ops.submit_pull(stream))

    assert beside_a_loop(lambda ops: asyncio.run(elsewhere(ops, ops.create()))) == Chunk(b"a")


def test_a_pull_that_will_never_settle_can_be_given_up() -> None:
    def work(ops: ThreadsafeRegistry) -> None:
        stream = ops.create()
        never, second = ops.submit_pull(stream), ops.submit_pull(stream)
        ops.push(stream, b"a")
        assert second.result() == Chunk(b"a")
        assert never.cancel()
        ops.push(stream, b"b")
        assert ops.pull(stream) == Chunk(b"b")

    beside_a_loop(work, StreamStateRegistry(ISOLATE, lockstep=True))


def test_a_blocking_op_that_is_too_late_was_not_done(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    for late in (
        lambda: ops.pull(stream, timeout=0),
        lambda: ops.push(stream, b"b", timeout=0.001),
        lambda: ops.delete(stream, timeout=0),
    ):
        with pytest.raises(TimeoutError, match=r"no answer after .* seconds; the op was not done"):
            in_a_thread(late)
    quiet.settle()
    assert queue(registry, stream) == (b"a",)


def test_a_chunk_that_comes_as_the_time_is_up_is_returned(
    registry: StreamStateRegistry, quiet: QuietLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, ops = registry.create(), of(quiet, registry)
    up, answered = Event(), Event()
    result = Future.result

    def too_late(self: Future[Any], timeout: float | None = None) -> Any:
        if timeout == 7:
            up.set()
            assert answered.wait(60)
            raise TimeoutError
        return result(self, timeout)

    with ThreadPoolExecutor(1) as pool, monkeypatch.context() as patch:
        patch.setattr(Future, "result", too_late)
        pulled = pool.submit(ops.pull, stream, timeout=7)
        assert up.wait(60)
        registry.push(stream, b"a")
        quiet.settle()
        answered.set()
        assert pulled.result(60) == Chunk(b"a")
    assert queue(registry, stream) == ()


def test_an_interrupted_thread_leaves_no_pull_behind(
    registry: StreamStateRegistry, quiet: QuietLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, ops = registry.create(), of(quiet, registry)

    result = Future.result

    def interrupted(self: Future[Any], timeout: float | None = None) -> Any:
        if timeout == 7:
            raise KeyboardInterrupt
        return result(self, timeout)

    monkeypatch.setattr(Future, "result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        in_a_thread(lambda: ops.pull(stream, timeout=7))
    quiet.settle()
    assert not view(registry, stream).pull_waiting


def test_a_timeout_that_is_the_streams_own_error_is_told_apart() -> None:
    def work(ops: ThreadsafeRegistry) -> None:
        stream = ops.create()
        ops.error(stream, TimeoutError("the source was too slow"))
        with pytest.raises(TimeoutError, match="the source was too slow"):
            ops.pull(stream, timeout=60)

    beside_a_loop(work)
