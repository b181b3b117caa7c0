"""Where a pull gets a task of its own, that task is who sees the chunk, and who has it."""

from __future__ import annotations

import asyncio

from streamstate import Chunk, StreamStateRegistry
from streamstate.model import PullResult
from tests.quiet import QuietLoop
from tests.registry.support import queue, start


def test_cancelled_behind_a_task_the_chunk_is_in_the_result_of_that_task(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    inner = start(quiet, registry.pull(stream))
    inner.add_done_callback(lambda _: outer.cancel())  # it has seen the chunk, outer has not

    async def consumer() -> PullResult:
        return await inner

    outer = start(quiet, consumer())
    registry.push(stream, b"a")
    quiet.settle()
    assert outer.cancelled()
    assert queue(registry, stream) == ()
    assert inner.result() == Chunk(b"a")


def test_a_pull_that_is_awaited_itself_gives_the_chunk_back(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()

    async def consumer() -> PullResult:
        return await registry.pull(stream)

    task = start(quiet, consumer())
    registry.push(stream, b"a")
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert queue(registry, stream) == (b"a",)


def test_a_task_that_is_shielded_and_kept_has_the_chunk_for_the_next_who_asks(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    kept = start(quiet, registry.pull(stream))

    async def consumer() -> PullResult:
        return await asyncio.shield(kept)

    first = start(quiet, consumer())
    first.cancel()
    quiet.settle()
    assert first.cancelled()
    registry.push(stream, b"a")
    second = start(quiet, consumer())
    assert second.result() == Chunk(b"a")
    assert queue(registry, stream) == ()


def test_a_task_that_is_cancelled_before_it_has_seen_it_gives_the_chunk_back(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    inner = start(quiet, registry.pull(stream))

    async def consumer() -> PullResult:
        return await inner

    outer = start(quiet, consumer())
    registry.push(stream, b"a")
    outer.cancel()  # in the turn of the push, so that it reaches the inner task in time
    quiet.settle()
    assert outer.cancelled()
    assert inner.cancelled()
    assert queue(registry, stream) == (b"a",)
