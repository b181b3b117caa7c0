"""A pull that nobody holds any more counts as cancelled at the registry's next op."""

from __future__ import annotations

import gc
from collections.abc import Callable, Coroutine
from threading import Thread
from typing import Any
from weakref import ref

import pytest

from streamstate import Chunk, StreamStateRegistry
from streamstate.model import CancelPull, Pull, PullResult, Push
from streamstate.registry import PendingPull
from tests.quiet import QuietLoop
from tests.registry.support import Journal, queue, registry_with, start, stream_in, view


def test_CANCEL_PULL_4_a_handed_pull_dropped_unawaited(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a", b"b")
    registry.pull(stream)
    assert queue(registry, stream) == (b"a", b"b")


def test_CANCEL_PULL_1_a_waiting_pull_dropped_unawaited(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    registry.pull(stream)
    assert not view(registry, stream).pull_waiting
    registry.push(stream, b"a")
    assert queue(registry, stream) == (b"a",)


@pytest.mark.parametrize("end", ["close", "error", "delete"])
def test_CANCEL_PULL_9_a_settled_pull_dropped_unawaited_prints_nothing(
    registry: StreamStateRegistry,
    end: str,
    unraisable: list[object],
    capfd: pytest.CaptureFixture[str],
    quiet: QuietLoop,
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    match end:
        case "close":
            registry.close(stream)
        case "error":
            registry.error(stream, ValueError("boom"))
        case _:
            registry.delete(stream)
    del pull
    gc.collect()
    quiet.settle()
    assert not unraisable
    assert capfd.readouterr() == ("", "")


def test_the_cancel_comes_at_the_next_op_and_before_it() -> None:
    journal = Journal()
    registry = registry_with(journal)
    stream = stream_in(registry, b"a")
    registry.pull(stream)
    assert CancelPull(1) not in journal.ops
    registry.push(stream, b"b")
    assert journal.ops[2:] == [Pull(stream), CancelPull(1), Push(stream, b"b")]


OPS: dict[str, Callable[[StreamStateRegistry], object]] = {
    "create": lambda registry: registry.create(),
    "get": lambda registry: registry.get(9),
    "push": lambda registry: registry.push(9, b"x"),
    "pull": lambda registry: registry.pull(9),
    "close": lambda registry: registry.close(9),
    "error": lambda registry: registry.error(9, "x"),
    "is_queue_full": lambda registry: registry.is_queue_full(9),
    "delete": lambda registry: registry.delete(9),
    "chunks": lambda registry: registry.chunks(9),
}


@pytest.mark.parametrize("op", OPS)
def test_every_op_is_a_next_op(registry: StreamStateRegistry, op: str) -> None:
    stream = stream_in(registry, b"a")
    shown = view(registry, stream)
    registry.pull(stream)
    assert not shown.queue
    OPS[op](registry)
    assert shown.queue == (b"a",)


def test_a_pull_dropped_while_it_is_awaited(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    async def hold(pull: PendingPull) -> PullResult:
        return await pull

    stream = registry.create()
    awaiter = hold(registry.pull(stream))
    started = start_by_hand(quiet, awaiter)
    registry.push(stream, b"a")
    started.close()
    del awaiter, started
    assert queue(registry, stream) == (b"a",)


def start_by_hand(
    quiet: QuietLoop, awaiter: Coroutine[Any, Any, PullResult]
) -> Coroutine[Any, Any, PullResult]:
    """Send it up to its wait, on the running loop but with no task around it."""

    async def send() -> None:
        awaiter.send(None)

    start(quiet, send())
    return awaiter


def test_CANCEL_PULL_4_a_pull_dropped_in_a_reference_cycle(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")

    class Node:
        itself: Node
        pull: PendingPull

    node = Node()
    node.itself, node.pull = node, registry.pull(stream)
    gone = ref(node)
    del node
    gc.collect()
    assert gone() is None
    assert queue(registry, stream) == (b"a",)


def test_CANCEL_PULL_4_a_pull_dropped_in_another_thread(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    shown = view(registry, stream)
    held = [registry.pull(stream)]
    thread = Thread(target=held.clear)
    thread.start()
    thread.join()
    assert len(shown.queue) == 0  # the finalizer touched nothing
    assert queue(registry, stream) == (b"a",)


@pytest.mark.parametrize("how", ["close", "throw"])
def test_CANCEL_PULL_4_a_pull_given_up_in_another_thread(
    registry: StreamStateRegistry, how: str
) -> None:
    stream = stream_in(registry, b"a")
    shown = view(registry, stream)
    pull = registry.pull(stream)

    def give_up() -> None:
        if how == "close":
            pull.close()
            return
        with pytest.raises(KeyError):
            pull.throw(KeyError())

    thread = Thread(target=give_up)
    thread.start()
    thread.join()
    assert len(shown.queue) == 0
    assert queue(registry, stream) == (b"a",)


def test_CANCEL_PULL_3_a_pull_that_begins_to_wait_finds_what_was_dropped(
    quiet: QuietLoop,
) -> None:
    registry = registry_with(overlapping_pull="queue")
    stream = stream_in(registry, b"a")
    held = [registry.pull(stream)]
    waiting = registry.pull(stream)
    held.clear()
    task = start(quiet, waiting)
    assert task.result() == Chunk(b"a")


def test_several_dropped_go_back_in_the_order_of_pushes(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a", b"b", b"c")
    pulls = [registry.pull(stream) for _ in range(3)]
    del pulls[1]
    pulls.reverse()
    pulls.clear()
    assert queue(registry, stream) == (b"a", b"b", b"c")


def test_PULL_9_an_abandoned_task_lives_as_long_as_its_stream(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="overwrite")
    stream = registry.create()
    alive = ref(quiet.loop.create_task(registry.pull(stream)))
    quiet.settle()
    later = start(quiet, registry.pull(stream))
    gc.collect()
    assert alive() is not None
    assert quiet.unraisable == []
    registry.push(stream, b"a")
    quiet.settle()
    assert later.result() == Chunk(b"a")
    task = alive()
    assert task is not None
    task.cancel()
    quiet.settle()
    assert task.cancelled()


def test_PULL_9_a_pull_abandoned_before_it_was_awaited_lives_too(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="overwrite")
    stream = registry.create()
    first, second = registry.pull(stream), registry.pull(stream)
    alive = ref(start(quiet, first))
    del first
    gc.collect()
    assert alive() is not None
    second.close()


def test_PULL_9_abandoned_pulls_that_are_given_up_leave_nothing_behind(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="overwrite")
    stream = registry.create()
    tasks = [start(quiet, registry.pull(stream)) for _ in range(5)]
    gone = [ref(task) for task in tasks]
    for task in tasks:
        task.cancel()
    quiet.settle()
    tasks.clear()
    del task
    gc.collect()
    assert [task() for task in gone] == [None] * 5
    assert not view(registry, stream).pull_waiting


def test_PULL_9_the_later_pull_is_not_disturbed_by_a_cancel_of_the_abandoned(
    quiet: QuietLoop,
) -> None:
    registry = registry_with(overlapping_pull="overwrite")
    stream = registry.create()
    abandoned, later = (start(quiet, registry.pull(stream)) for _ in range(2))
    abandoned.cancel()
    quiet.settle()
    registry.push(stream, b"a")
    quiet.settle()
    assert later.result() == Chunk(b"a")
