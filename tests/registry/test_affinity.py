"""A registry belongs to the thread of its first op, and to the loop of its first wait."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar
from weakref import ref

import pytest

from streamstate import Chunk, StreamDeleted, StreamStateRegistry
from streamstate.model import PullResult
from tests.quiet import QuietLoop
from tests.registry.support import (
    DONE,
    look,
    queue,
    registry_with,
    result_of,
    start,
    stream_in,
    taken,
    view,
)

T = TypeVar("T")


def in_another_thread(call: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


OPS: dict[str, Callable[[StreamStateRegistry], object]] = {
    "create": lambda registry: registry.create(),
    "get": lambda registry: registry.get(1),
    "push": lambda registry: registry.push(1, b"x"),
    "pull": lambda registry: registry.pull(1),
    "close": lambda registry: registry.close(1),
    "error": lambda registry: registry.error(1, "x"),
    "is_queue_full": lambda registry: registry.is_queue_full(1),
    "delete": lambda registry: registry.delete(1),
    "clear": lambda registry: registry.clear(),
    "chunks": lambda registry: registry.chunks(1),
    "writable": lambda registry: look(registry.writable(1)),
}


@pytest.mark.parametrize("op", OPS)
def test_an_op_in_another_thread_raises_and_changes_nothing(
    registry: StreamStateRegistry, op: str
) -> None:
    stream = stream_in(registry, b"a")
    shown = view(registry, stream)
    before = shown.snapshot()
    with pytest.raises(RuntimeError, match="thread"):
        in_another_thread(lambda: OPS[op](registry))
    assert shown.snapshot() == before
    assert registry.create() == 2


@pytest.mark.parametrize("op", OPS)
def test_the_first_op_binds_whichever_it_is(registry: StreamStateRegistry, op: str) -> None:
    in_another_thread(lambda: OPS[op](registry))
    with pytest.raises(RuntimeError, match="thread"):
        registry.create()


def test_construction_binds_nothing() -> None:
    registry = in_another_thread(StreamStateRegistry)
    assert registry.create() == 1


def test_a_dropped_pull_is_not_cancelled_by_an_op_in_another_thread(
    registry: StreamStateRegistry,
) -> None:
    stream = stream_in(registry, b"a")
    shown = view(registry, stream)
    registry.pull(stream)
    with pytest.raises(RuntimeError):
        in_another_thread(registry.create)
    assert not shown.queue


def test_a_pull_awaited_in_another_thread_raises_and_loses_nothing(
    registry: StreamStateRegistry,
) -> None:
    stream = stream_in(registry, b"a")
    pull = registry.pull(stream)
    with pytest.raises(RuntimeError, match="thread"):
        in_another_thread(lambda: asyncio.run(pull))
    assert queue(registry, stream) == (b"a",)


def test_the_first_wait_binds_the_loop(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    with pytest.raises(RuntimeError, match="loop"), QuietLoop() as other:
        result_of(other, registry.pull(stream_in(registry)))
    full = stream_in(registry, *[b"x"] * 16)
    with pytest.raises(RuntimeError, match="loop"), QuietLoop() as other:
        result_of(other, registry.writable(full))
    registry.push(stream, b"a")
    quiet.settle()
    assert task.result() == Chunk(b"a")


def test_what_need_not_wait_binds_no_loop(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = stream_in(registry, b"a")
    with QuietLoop() as other:
        assert result_of(other, registry.pull(stream)) == Chunk(b"a")
        assert result_of(other, registry.writable(stream)) is True
        task = start(quiet, registry.pull(stream))
        assert result_of(other, registry.pull(9)) == DONE
        registry.push(stream, b"b")
        quiet.settle()
    assert task.result() == Chunk(b"b")


def test_a_pull_that_raised_for_its_loop_waits_no_more(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    start(quiet, registry.pull(registry.create()))
    stream = registry.create()
    with pytest.raises(RuntimeError, match="loop"), QuietLoop() as other:
        result_of(other, registry.pull(stream))
    assert not view(registry, stream).pull_waiting


def test_another_loop_may_wait_once_the_first_is_closed(registry: StreamStateRegistry) -> None:
    stream = registry.create()

    async def consumer() -> PullResult:
        asyncio.get_running_loop().call_soon(registry.push, stream, b"a")
        return await registry.pull(stream)

    for _ in range(3):
        assert asyncio.run(consumer()) == Chunk(b"a")


def abruptly_closed(
    registry: StreamStateRegistry, stream: int, *, count: int = 1
) -> list[asyncio.Task[PullResult]]:
    """Tasks that still wait on pulls, of a loop that was closed without cancelling them."""
    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(registry.pull(stream)) for _ in range(count)]
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    return tasks


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("op", ["close", "error", "delete", "clear", "push", "pull"])
def test_ops_after_the_loop_was_closed_raise_nothing(
    registry: StreamStateRegistry, op: str, kept: bool
) -> None:
    stream = registry.create()
    tasks = abruptly_closed(registry, stream)
    if not kept:
        tasks.clear()
        gc.collect()
    OPS[op](registry)
    OPS[op](registry)
    registry.clear()
    assert registry.create() == 2
    close_all(tasks)


def close_all(tasks: list[asyncio.Task[PullResult]]) -> None:
    """Take the coroutines of dead tasks down, as the end of the interpreter would."""
    for task in tasks:
        coroutine = task.get_coro()
        assert coroutine is not None
        with suppress(RuntimeError):
            coroutine.close()


def test_a_writer_of_a_closed_loop_raises_nothing(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, *[b"x"] * 16)
    loop = asyncio.new_event_loop()
    task = loop.create_task(registry.writable(stream))
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    taken(registry.pull(stream))
    registry.delete(stream)
    task._log_destroy_pending = False  # type: ignore[attr-defined]


@pytest.mark.parametrize("kept", [False, True])
def test_a_chunk_pushed_to_a_pull_of_a_closed_loop_is_not_lost(
    registry: StreamStateRegistry, kept: bool
) -> None:
    stream = registry.create()
    tasks = abruptly_closed(registry, stream)
    assert registry.push(stream, b"a") is True
    assert registry.push(stream, b"b") is True
    if not kept:
        tasks.clear()
    assert queue(registry, stream) == (b"a", b"b")
    close_all(tasks)
    assert queue(registry, stream) == (b"a", b"b")


def test_a_chunk_pushed_after_a_cancel_that_no_loop_will_deliver_is_not_lost(
    registry: StreamStateRegistry,
) -> None:
    stream = registry.create()
    loop = asyncio.new_event_loop()
    task = loop.create_task(registry.pull(stream))
    loop.call_soon(loop.stop)
    loop.run_forever()
    task.cancel()
    loop.close()
    registry.push(stream, b"a")
    assert queue(registry, stream) == (b"a",)
    task._log_destroy_pending = False  # type: ignore[attr-defined]


def test_a_chunk_goes_past_the_pulls_of_a_closed_loop_to_one_that_lives(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="queue")
    stream = registry.create()
    dead = abruptly_closed(registry, stream, count=3)
    living = start(quiet, registry.pull(stream))
    registry.push(stream, b"a")
    quiet.settle()
    assert living.result() == Chunk(b"a")
    registry.push(stream, b"b")
    assert queue(registry, stream) == (b"b",)
    close_all(dead)


def test_a_waiting_pull_of_a_closed_loop_is_rejected_by_delete_without_a_word(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    dead = abruptly_closed(registry, stream)
    pull = registry.pull(stream)
    registry.delete(stream)
    with pytest.raises(StreamDeleted):
        result_of(quiet, pull)
    close_all(dead)


def test_a_registry_can_be_weakly_referenced_and_goes_with_its_last_holder() -> None:
    gc.disable()
    try:
        registry = StreamStateRegistry(lockstep=True)
        stream = stream_in(registry, b"a")
        registry.error(stream, "boom")
        registry.close(registry.create())
        gone = ref(registry)
        del registry
        assert gone() is None
    finally:
        gc.enable()


def test_a_registry_in_a_cycle_through_its_error_value_is_collected() -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    registry.error(stream, [registry])
    registry.chunks(stream)
    gone = ref(registry)
    del registry
    gc.collect()
    assert gone() is None
