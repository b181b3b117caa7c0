"""`chunks`: an `async for` over a stream, which never takes a cut for an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from threading import Thread

import pytest

from streamstate import PullRefused, PullSuperseded, StreamDeleted, StreamStateRegistry
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
    taken,
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


DELETES = ("delete", "clear")


def gone(registry: StreamStateRegistry, stream: int, op: str) -> None:
    if op == "clear":
        registry.clear()
    else:
        registry.delete(stream)


@pytest.mark.parametrize("op", DELETES)
@pytest.mark.parametrize("before", ["queued", "closed", "errored", "started", "nothing"])
def test_raises_if_its_stream_went_before_it_was_done(
    registry: StreamStateRegistry, quiet: QuietLoop, op: str, before: str
) -> None:
    stream = stream_in(registry, b"a", b"b")
    chunks = registry.chunks(stream)
    match before:
        case "queued":
            pass
        case "closed":
            registry.close(stream)
        case "errored":
            registry.error(stream, ValueError("boom"))
        case "started":
            assert look(chunks.__anext__()) == b"a"
        case _:
            taken(registry.pull(stream))
            taken(registry.pull(stream))
            registry.close(stream)
    gone(registry, stream, op)
    for _ in range(2):  # and never turns into an end
        with pytest.raises(StreamDeleted, match=r"^Stream deleted$"):
            result_of(quiet, collected(chunks))


@pytest.mark.parametrize("op", DELETES)
def test_raises_if_its_stream_goes_while_it_waits(
    registry: StreamStateRegistry, quiet: QuietLoop, op: str
) -> None:
    stream = registry.create()
    chunks = registry.chunks(stream)
    task = start(quiet, collected(chunks))
    gone(registry, stream, op)
    quiet.settle()
    assert isinstance(task.exception(), StreamDeleted)
    with pytest.raises(StreamDeleted):
        result_of(quiet, collected(chunks))


def test_brings_the_chunk_that_was_handed_before_the_delete(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    seen: list[bytes] = []
    task = start(quiet, collect_into(seen, registry.chunks(stream)))
    registry.push(stream, b"a")
    registry.delete(stream)
    quiet.settle()
    assert seen == [b"a"]
    assert isinstance(task.exception(), StreamDeleted)


def test_once_done_it_stays_done_whatever_becomes_of_the_stream(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    chunks = registry.chunks(stream)
    registry.close(stream)
    assert result_of(quiet, collected(chunks)) == []
    registry.delete(stream)
    assert result_of(quiet, collected(chunks)) == []


def test_done_while_it_waited_and_deleted_in_the_same_turn_is_an_end(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    task = start(quiet, collected(registry.chunks(stream)))
    registry.close(stream)
    registry.delete(stream)
    quiet.settle()
    assert task.result() == []


def test_raises_if_another_pull_takes_its_place(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    task = start(quiet, collected(registry.chunks(stream)))
    pull = registry.pull(stream)
    quiet.settle()
    assert isinstance(task.exception(), PullSuperseded)
    registry.push(stream, b"a")
    assert taken(pull) == b"a"


def test_raises_if_it_is_refused(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="refuse")
    stream = registry.create()
    pull = registry.pull(stream)
    with pytest.raises(PullRefused):
        result_of(quiet, collected(registry.chunks(stream)))
    pull.close()


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
