"""Until its `await` has returned, a pull can be cancelled at any moment, and no chunk is lost."""

from __future__ import annotations

import asyncio
from itertools import permutations

import pytest

from streamstate import Chunk, StreamStateRegistry
from streamstate.model import CancelPull, Dialect, PullResult, Seen, lattice
from tests.quiet import QuietLoop
from tests.registry.support import (
    Journal,
    cancel,
    queue,
    registry_with,
    start,
    stream_in,
    taken,
    view,
)


def test_CANCEL_PULL_1_a_waiting_pull_stops_waiting(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert not view(registry, stream).pull_waiting
    registry.push(stream, b"a")
    assert queue(registry, stream) == (b"a",)


def test_CANCEL_PULL_4_handed_and_cancelled_before_the_awaiter_ran(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    registry.push(stream, b"a")
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert queue(registry, stream) == (b"a",)


def test_CANCEL_PULL_4_cancelled_and_handed_before_the_awaiter_ran(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    task.cancel()
    registry.push(stream, b"a")
    quiet.settle()
    assert task.cancelled()
    assert queue(registry, stream) == (b"a",)


def test_CANCEL_PULL_4_a_task_cancelled_before_it_started(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = stream_in(registry, b"a", b"b")
    task = quiet.loop.create_task(registry.pull(stream))
    assert queue(registry, stream) == (b"b",)
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert queue(registry, stream) == (b"a", b"b")


def test_CANCEL_PULL_1_a_waiting_task_cancelled_before_it_started(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    task = quiet.loop.create_task(registry.pull(stream))
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert not view(registry, stream).pull_waiting


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), GeneratorExit()])
def test_CANCEL_PULL_4_whatever_is_thrown_gives_the_pull_up(
    registry: StreamStateRegistry, error: BaseException
) -> None:
    stream = stream_in(registry, b"a")
    pull = registry.pull(stream)
    with pytest.raises(type(error)) as caught:
        pull.throw(error)
    assert caught.value is error
    assert queue(registry, stream) == (b"a",)


def test_throw_takes_what_a_generator_takes(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    with pytest.raises(KeyError):
        registry.pull(stream).throw(KeyError)
    with pytest.raises(KeyError, match="spelt"):
        registry.pull(stream).throw(KeyError, "spelt")
    boom = KeyError("made")
    with pytest.raises(KeyError) as caught:
        registry.pull(stream).throw(KeyError, boom, None)
    assert caught.value is boom
    assert queue(registry, stream) == (b"a",)


@pytest.mark.parametrize("times", [1, 2])
def test_CANCEL_PULL_4_close_gives_it_up_once(registry: StreamStateRegistry, times: int) -> None:
    stream = stream_in(registry, b"a")
    pull = registry.pull(stream)
    for _ in range(times):
        pull.close()
    assert queue(registry, stream) == (b"a",)


def test_CANCEL_PULL_9_close_after_the_end_does_nothing(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a", b"b")
    pull = registry.pull(stream)
    taken(pull)
    pull.close()
    assert queue(registry, stream) == (b"b",)


def test_CANCEL_PULL_3_the_chunk_goes_to_the_next_waiting_pull(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    first = start(quiet, registry.pull(stream))
    registry.push(stream, b"a")
    second = start_without_running(quiet, registry, stream)
    first.cancel()
    quiet.settle()
    assert first.cancelled()
    assert second.result() == Chunk(b"a")


def start_without_running(
    quiet: QuietLoop, registry: StreamStateRegistry, stream: int
) -> asyncio.Task[PullResult]:
    return quiet.loop.create_task(registry.pull(stream))


def test_CANCEL_PULL_3_goes_on_along_a_chain_of_cancelled_pulls(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="queue")
    stream = registry.create()
    tasks = [start(quiet, registry.pull(stream)) for _ in range(4)]
    registry.push(stream, b"a")
    for task in tasks[:3]:
        task.cancel()
    quiet.settle()
    assert tasks[3].result() == Chunk(b"a")


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_CANCEL_PULL_4_several_handed_go_back_to_their_places_in_any_order(
    registry: StreamStateRegistry, order: tuple[int, ...]
) -> None:
    chunks = (b"a", b"b", b"c", b"d", b"e", b"f")
    stream = stream_in(registry, *chunks)
    pulls = [registry.pull(stream) for _ in range(4)]
    registry.push(stream, b"g")
    for index in order:
        cancel(pulls[index])
    shown = view(registry, stream)
    assert (shown.queue, shown.queue_size) == ((*chunks, b"g"), 7)


@pytest.mark.parametrize("kept", range(4))
def test_CANCEL_PULL_4_beside_a_chunk_that_is_seen(
    registry: StreamStateRegistry, kept: int
) -> None:
    chunks = [b"a", b"b", b"c", b"d"]
    stream = stream_in(registry, *chunks)
    pulls = [registry.pull(stream) for _ in chunks]
    assert taken(pulls[kept]) == chunks[kept]
    for index in (2, 0, 3, 1):
        if index != kept:
            cancel(pulls[index])
    assert queue(registry, stream) == tuple(chunks[:kept] + chunks[kept + 1 :])


def test_CANCEL_PULL_4_given_back_chunks_are_taken_and_given_back_again(
    registry: StreamStateRegistry,
) -> None:
    stream = stream_in(registry, b"a", b"b", b"c")
    first, second = registry.pull(stream), registry.pull(stream)
    cancel(first)
    again = registry.pull(stream)
    third = registry.pull(stream)
    cancel(third)
    cancel(second)
    cancel(again)
    assert queue(registry, stream) == (b"a", b"b", b"c")


def test_CANCEL_PULL_4_whatever_the_limits(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, *[b"x"] * 16)
    pull = registry.pull(stream)
    registry.push(stream, b"y")
    cancel(pull)
    assert len(queue(registry, stream)) == 17


@pytest.mark.parametrize("op", ["done", "errored", "deleted", "superseded"])
def test_CANCEL_PULL_9_of_a_pull_without_a_chunk_does_nothing(op: str) -> None:
    registry = StreamStateRegistry(lockstep=True)
    stream = registry.create()
    pull = registry.pull(stream)
    match op:
        case "done":
            registry.close(stream)
        case "errored":
            registry.error(stream, "boom")
        case "deleted":
            registry.delete(stream)
        case _:
            registry.pull(stream).close()
    cancel(pull)
    assert (registry.get(stream) is None) == (op == "deleted")


@pytest.mark.parametrize("dialect", lattice(), ids=str)
def test_in_every_dialect_a_cancelled_handed_chunk_comes_first_again(dialect: Dialect) -> None:
    registry = StreamStateRegistry(dialect, lockstep=True)
    stream = stream_in(registry, b"a", b"b")
    cancel(registry.pull(stream))
    assert [taken(registry.pull(stream)) for _ in range(2)] == [b"a", b"b"]


def test_SEEN_1_once_it_is_looked_at_a_chunk_is_the_awaiter_s_own(quiet: QuietLoop) -> None:
    journal = Journal()
    registry = registry_with(journal)
    stream = stream_in(registry, b"a")

    async def consumer() -> None:
        await registry.pull(stream)
        raise asyncio.CancelledError

    task = start(quiet, consumer())
    assert task.cancelled()
    assert queue(registry, stream) == ()
    assert Seen(1) in journal.ops
    assert CancelPull(1) not in journal.ops
