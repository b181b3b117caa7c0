"""`chunks`: an `async for` over a stream, which never takes a cut for an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from threading import Thread

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import Dialect, Seen, lattice
from streamstate.registry import ChunkIterator
from tests.quiet import QuietLoop
from tests.registry.support import (
    Journal,
    look,
    queue,
    registry_with,
    result_of,
    start,
    stream_in,
    view,
)


async def collected(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


async def collect_into(seen: list[bytes], chunks: AsyncIterator[bytes]) -> None:
    async for chunk in chunks:
        seen.append(chunk)  # noqa: PERF401  # what came before an error is wanted, too


def test_it_is_an_async_iterator(registry: StreamStateRegistry) -> None:
    chunks = registry.chunks(registry.create())
    assert isinstance(chunks, AsyncIterator)
    assert aiter(chunks) is chunks


@pytest.mark.parametrize("dialect", lattice(), ids=str)
def test_brings_what_is_queued_and_what_comes_and_ends_at_the_end(
    dialect: Dialect, quiet: QuietLoop
) -> None:
    registry = StreamStateRegistry(dialect, lockstep=True)
    stream = stream_in(registry, b"a", b"", b"b")
    seen: list[bytes] = []
    task = start(quiet, collect_into(seen, registry.chunks(stream)))
    assert seen == [b"a", b"", b"b"]
    registry.push(stream, b"c")
    registry.push(stream, b"d")
    quiet.settle()
    assert seen == [b"a", b"", b"b", b"c", b"d"]
    registry.push(stream, b"e")
    registry.close(stream)
    quiet.settle()
    assert task.done()
    assert seen[-1] == b"e"


def test_of_an_unknown_stream_ends_at_once(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    assert result_of(quiet, collected(registry.chunks(9))) == []


def test_looks_its_stream_up_when_it_is_called(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    unknown = registry.chunks(1)
    stream = stream_in(registry, b"a")
    registry.close(stream)
    known = registry.chunks(stream)
    assert result_of(quiet, collected(unknown)) == []
    assert result_of(quiet, collected(known)) == [b"a"]


def test_pulls_nothing_before_it_is_asked(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    chunks = registry.chunks(stream)
    assert queue(registry, stream) == (b"a",)
    following = chunks.__anext__()
    assert queue(registry, stream) == (b"a",)
    assert look(following) == b"a"


@pytest.mark.parametrize("waits", [False, True])
def test_raises_the_error_of_the_stream(
    registry: StreamStateRegistry, quiet: QuietLoop, waits: bool
) -> None:
    stream = registry.create()
    boom = ValueError("boom")
    chunks = registry.chunks(stream)
    if waits:
        quiet.loop.call_soon(registry.error, stream, boom)
    else:
        registry.error(stream, boom)
    with pytest.raises(ValueError, match="boom") as caught:
        result_of(quiet, collected(chunks))
    assert (type(caught.value), caught.value.args) == (ValueError, ("boom",))


def test_raises_the_error_after_the_chunks_where_they_drain(quiet: QuietLoop) -> None:
    registry = registry_with(errored_backlog="drain")
    stream = stream_in(registry, b"a", b"b")
    registry.error(stream, ValueError("boom"))
    seen: list[bytes] = []
    with pytest.raises(ValueError, match="boom"):
        result_of(quiet, collect_into(seen, registry.chunks(stream)))
    assert seen == [b"a", b"b"]


def test_two_share_a_stream_where_pulls_queue(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="queue")
    stream = registry.create()
    seen: tuple[list[bytes], list[bytes]] = ([], [])
    tasks = [start(quiet, collect_into(into, registry.chunks(stream))) for into in seen]
    for chunk in (b"a", b"b", b"c", b"d"):
        registry.push(stream, chunk)
        quiet.settle()
    registry.close(stream)
    quiet.settle()
    assert seen == ([b"a", b"c"], [b"b", b"d"])
    assert [task.done() for task in tasks] == [True, True]


@pytest.mark.parametrize("handed", [False, True])
def test_cancelled_in_its_wait_it_loses_nothing_and_can_be_asked_again(
    registry: StreamStateRegistry, quiet: QuietLoop, handed: bool
) -> None:
    stream = registry.create()
    chunks = registry.chunks(stream)
    task = start(quiet, anext_of(chunks))
    if handed:
        registry.push(stream, b"a")
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert not view(registry, stream).pull_waiting
    if not handed:
        registry.push(stream, b"a")
    registry.close(stream)
    assert result_of(quiet, collected(chunks)) == [b"a"]


async def anext_of(chunks: ChunkIterator) -> bytes:
    return await anext(chunks)


def test_left_early_it_leaves_nothing_waiting(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    async def first(chunks: ChunkIterator) -> bytes:
        async for chunk in chunks:
            return chunk
        return b""

    stream = stream_in(registry, b"a", b"b")
    assert result_of(quiet, first(registry.chunks(stream))) == b"a"
    assert queue(registry, stream) == (b"b",)
    assert not view(registry, stream).pull_waiting


def test_a_chunk_is_seen_when_the_loop_body_has_it(quiet: QuietLoop) -> None:
    journal = Journal()
    registry = registry_with(journal)
    stream = stream_in(registry, b"a")
    registry.close(stream)
    result_of(quiet, collected(registry.chunks(stream)))
    assert Seen(1) in journal.ops


def test_asked_in_another_thread_it_raises_and_is_as_it_was(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = stream_in(registry, b"a")
    registry.close(stream)
    chunks = registry.chunks(stream)
    errors: list[BaseException] = []

    def ask() -> None:
        with pytest.raises(RuntimeError, match="thread") as caught:
            look(chunks.__anext__())
        errors.append(caught.value)

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert len(errors) == 1
    assert result_of(quiet, collected(chunks)) == [b"a"]


def test_an_iteration_and_its_producer(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    sent = [bytes([number]) * 1_000 for number in range(256)]

    async def produce() -> None:
        for chunk in sent:
            assert await registry.writable(stream)
            assert registry.push(stream, chunk)
        registry.close(stream)

    async def both() -> list[bytes]:
        producer = asyncio.create_task(produce())
        chunks = await collected(registry.chunks(stream))
        await producer
        return chunks

    assert result_of(quiet, both()) == sent
