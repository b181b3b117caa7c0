"""Timeouts that expire in the very turn of the push: one of the two wins, and nothing is lost."""

from __future__ import annotations

import asyncio

import pytest

from streamstate import Chunk, StreamDeleted, StreamStateRegistry
from streamstate.model import PullResult
from tests.quiet import QuietLoop
from tests.registry.support import Hands, queue, result_of, start, stream_in


def test_a_timeout_before_the_push_of_the_same_turn_wins(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    limit, task, stream = under_timeout(registry, quiet)
    quiet.loop.call_soon(limit.reschedule, 0)  # due already: its callback is the next in line
    quiet.loop.call_soon(registry.push, stream, b"a")
    quiet.settle()
    assert isinstance(task.exception(), TimeoutError)
    assert queue(registry, stream) == (b"a",)


def test_a_push_before_the_timeout_of_the_same_turn_wins(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    limit, task, stream = under_timeout(registry, quiet)
    quiet.loop.call_soon(registry.push, stream, b"a")
    quiet.loop.call_soon(limit.reschedule, 0)
    quiet.settle()
    assert task.result() == Chunk(b"a")
    assert queue(registry, stream) == ()


def under_timeout(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> tuple[asyncio.Timeout, asyncio.Task[PullResult], int]:
    """A pull that is awaited under a timeout, to be set by the test."""
    stream = registry.create()
    limit = asyncio.Timeout(None)

    async def consumer() -> PullResult:
        async with limit:
            return await registry.pull(stream)

    return limit, start(quiet, consumer()), stream


@pytest.mark.parametrize("push_first", [False, True])
def test_wait_for_expiring_in_the_turn_of_the_push_loses_nothing(
    registry: StreamStateRegistry, quiet: QuietLoop, push_first: bool
) -> None:
    hands = Hands(quiet)
    stream = registry.create()

    async def consumer() -> PullResult:
        return await asyncio.wait_for(registry.pull(stream), 5)

    task = start(quiet, consumer())
    if push_first:
        registry.push(stream, b"a")
        hands.now = 6
    else:
        hands.now = 6
        quiet.loop.call_soon(registry.push, stream, b"a")
    quiet.settle()
    brought = () if task.exception() else (task.result(),)
    assert brought in ((), (Chunk(b"a"),))
    assert queue(registry, stream) == (() if brought else (b"a",))


def test_wait_for_nothing_at_all_loses_nothing(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = stream_in(registry, b"a", b"b")

    async def consumer() -> PullResult:
        return await asyncio.wait_for(registry.pull(stream), 0)

    with pytest.raises(TimeoutError):
        result_of(quiet, consumer())
    assert queue(registry, stream) == (b"a", b"b")


def test_wait_for_raises_what_the_pull_was_rejected_with(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()

    async def consumer() -> PullResult:
        return await asyncio.wait_for(registry.pull(stream), 5)

    task = start(quiet, consumer())
    registry.delete(stream)
    quiet.settle()
    assert isinstance(task.exception(), StreamDeleted)
