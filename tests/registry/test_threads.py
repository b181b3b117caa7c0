"""Ops from other threads: their order, their answers, and where they may be made."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any
from weakref import ref

import pytest

from streamstate import Chunk, StreamDeleted, StreamErrored, StreamStateRegistry, WriterStopped
from streamstate.model import Close, Create, Push, View
from streamstate.registry import ThreadsafeRegistry
from tests.quiet import QuietLoop
from tests.registry.in_threads import beside_a_loop, in_a_thread, of
from tests.registry.support import DONE, Journal, queue, registry_with, stream_in

# --- The same ops --------------------------------------------------------------------------------


def test_every_op_blocks_until_it_has_the_registrys_answer() -> None:
    def life(ops: ThreadsafeRegistry) -> None:
        assert ops.create() == 1
        assert ops.push(1, b"a")
        assert ops.write(1, bytearray(b"b"))
        assert not ops.is_queue_full(1)
        assert ops.writable(1)
        assert ops.get(1) == View((b"a", b"b"), 2, False, False, None, False, False)
        assert ops.pull(1) == Chunk(b"a")
        ops.close(1)
        assert not ops.push(1, b"c")
        assert not ops.write(1, b"c")
        assert not ops.writable(1)
        assert ops.pull(1) == Chunk(b"b")
        assert ops.pull(1) == DONE
        ops.delete(1)
        assert ops.get(1) is None
        assert ops.create() == 2
        ops.clear()
        assert ops.is_queue_full(2)

    beside_a_loop(life)


def test_each_has_a_future_with_the_same_answer(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    ops = of(quiet, registry)
    answers: list[Future[Any]] = [
        ops.submit_create(),
        ops.submit_push(1, b"a"),
        ops.submit_is_queue_full(1),
        ops.submit_writable(1),
        ops.submit_get(1),
        ops.submit_pull(1),
        ops.submit_error(1, "boom"),
        ops.submit_pull(1),
        ops.submit_delete(1),
        ops.submit_clear(),
        ops.submit_close(1),
    ]
    assert not any(answer.done() for answer in answers)
    quiet.settle()
    failed = answers.pop(7).exception(0)
    assert isinstance(failed, StreamErrored)
    assert failed.value == "boom"
    shown = View((b"a",), 1, False, False, None, False, False)
    assert [answer.result(0) for answer in answers] == [
        *(1, True, False, True, shown, Chunk(b"a"), None, None, None, None)
    ]


def test_a_blocking_op_raises_what_the_registrys_raises() -> None:
    def raise_all(ops: ThreadsafeRegistry) -> None:
        stream = ops.create()
        with pytest.raises(TypeError, match="stream must be an int, not '1'"):
            ops.push("1", b"a")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="stream must be an int, not '1'"):
            ops.push_soon("1", b"a")  # type: ignore[arg-type]
        for push in (ops.push, ops.submit_push, ops.push_soon):
            with pytest.raises(TypeError, match="chunk must be bytes-like, not str"):
                push(stream, "a")  # type: ignore[arg-type]
        ops.error(stream, WriterStopped("no more"))
        with pytest.raises(WriterStopped, match="no more"):
            ops.pull(stream)

    beside_a_loop(raise_all)


def test_a_chunk_is_what_it_was_when_it_was_pushed(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream, chunk = registry.create(), bytearray(b"abc")
    ops = of(quiet, registry)
    ops.push_soon(stream, chunk)
    ops.submit_push(stream, memoryview(chunk)[1:])
    chunk[:] = b"xyz"
    quiet.settle()
    assert queue(registry, stream) == (b"abc", b"bc")


def test_the_ops_of_a_thread_are_done_in_its_order_whichever_their_form(quiet: QuietLoop) -> None:
    journal = Journal()
    registry = registry_with(journal)
    ops = of(quiet, registry)

    def work() -> None:
        ops.submit_create()
        ops.push_soon(1, b"a")
        ops.submit_push(1, b"b")
        ops.push_soon(1, b"c")
        ops.submit_close(1)
        with pytest.raises(TimeoutError):
            ops.push(1, b"d", timeout=0)
        of_another.push_soon(1, b"e")

    of_another = of(quiet, registry)
    in_a_thread(work)
    quiet.settle()
    pushes = [Push(1, b"a"), Push(1, b"b"), Push(1, b"c")]
    assert journal.ops == [Create(), *pushes, Close(1), Push(1, b"e")]


def test_many_cross_in_one_wake_up(
    registry: StreamStateRegistry, quiet: QuietLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, ops = registry.create(), of(quiet, registry)
    woken: list[object] = []
    call = quiet.loop.call_soon_threadsafe

    def count(callback: Callable[..., object], *given: Any) -> object:
        woken.append(callback)
        return call(callback, *given)

    monkeypatch.setattr(quiet.loop, "call_soon_threadsafe", count)

    def push_all() -> None:
        for _ in range(100):
            ops.push_soon(stream, b"x")

    for round_ in (1, 2):
        for _ in range(8):
            in_a_thread(push_all)
        quiet.settle()
        assert len(woken) == round_
        assert len(queue(registry, stream)) == 800 * round_


# --- Where it may be used ------------------------------------------------------------------------


def test_nothing_blocks_in_the_thread_that_would_do_it(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    ops = of(quiet, registry)
    with pytest.raises(RuntimeError, match="would wait for the very thread"):
        ops.create()
    answer = ops.submit_create()
    quiet.settle()
    assert answer.result(0) == 1


def test_it_is_made_in_the_loop(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    with pytest.raises(RuntimeError, match="no running event loop"):
        registry.threadsafe()
    of(quiet, registry)
    with pytest.raises(RuntimeError, match="belongs to thread"):
        in_a_thread(registry.threadsafe)
    with pytest.raises(RuntimeError, match="another event loop"), QuietLoop() as other:
        of(other, registry)


def test_a_listener_that_raises_stops_nothing_that_came_after(quiet: QuietLoop) -> None:
    def refuse(op: object, _effects: object) -> None:
        if op == Push(1, b"a"):
            raise ValueError("no a")

    registry = registry_with(refuse)
    ops = of(quiet, registry)
    ops.submit_create()
    ops.push_soon(1, b"a")
    answer = ops.submit_push(1, b"a")
    ops.push_soon(1, b"b")
    quiet.settle()
    with pytest.raises(ValueError, match="no a"):
        answer.result(0)
    assert queue(registry, 1) == (b"a", b"a", b"b")
    assert len(quiet.unraisable) == 1
    assert "nobody waits for its answer" in quiet.unraisable.pop()


def test_an_interrupt_in_the_loop_delays_what_is_in_line_and_loses_none(quiet: QuietLoop) -> None:
    def interrupt(op: object, _effects: object) -> None:
        if op == Create():
            raise KeyboardInterrupt

    registry = registry_with(interrupt)
    ops = of(quiet, registry)
    created, full = ops.submit_create(), ops.submit_is_queue_full(1)
    with pytest.raises(KeyboardInterrupt):
        quiet.settle()
    assert isinstance(created.exception(0), KeyboardInterrupt)
    quiet.settle()
    assert full.result(0) is False


def test_whoever_waits_on_a_registry_that_is_cleared_is_told(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    full = stream_in(registry, *[b"x"] * 16)
    ops = of(quiet, registry)
    pull, writable = ops.submit_pull(registry.create()), ops.submit_writable(full)
    quiet.settle()
    registry.clear()
    quiet.settle()
    assert isinstance(pull.exception(0), StreamDeleted)
    assert writable.result(0) is False


def test_nothing_is_left_of_one_that_nobody_holds(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry()
    ops = of(quiet, registry)
    stream = registry.create()
    answer = ops.submit_pull(stream)
    quiet.settle()
    gone = ref(ops._crossing)
    del ops
    gc.collect()
    assert gone() is not None, "somebody waits"
    registry.push(stream, b"a")
    quiet.settle()
    assert answer.result(0) == Chunk(b"a")
    del registry
    gc.collect()
    quiet.settle()
    assert gone() is None
    assert [timer for timer in quiet.loop._scheduled if not timer.cancelled()] == []  # type: ignore[attr-defined]


def test_a_cancelled_future_says_so(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    ops = of(quiet, registry)
    answer = ops.submit_pull(registry.create())
    quiet.settle()
    answer.cancel()
    quiet.settle()
    with pytest.raises(CancelledError):
        answer.result(0)
