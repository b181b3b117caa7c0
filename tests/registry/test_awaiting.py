"""What `pull` returns works wherever a coroutine does."""

from __future__ import annotations

import asyncio
import inspect
from asyncio import CancelledError
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import TypeAlias

import pytest

from streamstate import Chunk, StreamDeleted, StreamStateRegistry
from streamstate.model import PullResult
from streamstate.registry import PendingPull
from tests.quiet import QuietLoop
from tests.registry.support import DONE, cancel, look, queue, result_of, start, stream_in, view


def test_it_is_a_coroutine(registry: StreamStateRegistry) -> None:
    pull = registry.pull(9)
    assert isinstance(pull, Coroutine)
    assert asyncio.iscoroutine(pull)
    assert inspect.isawaitable(pull)


def test_asyncio_run_takes_it(registry: StreamStateRegistry) -> None:
    assert asyncio.run(registry.pull(stream_in(registry, b"a"))) == Chunk(b"a")


def test_await_in_place(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = stream_in(registry, b"a")

    async def consumer() -> list[PullResult]:
        return [await registry.pull(stream), await registry.pull(9)]

    assert result_of(quiet, consumer()) == [Chunk(b"a"), DONE]


@pytest.mark.parametrize("debug", [False, True], ids=["plain", "debug"])
def test_tasks_of_every_kind(registry: StreamStateRegistry, quiet: QuietLoop, debug: bool) -> None:
    quiet.loop.set_debug(debug)
    stream = stream_in(registry, b"a", b"b", b"c", b"d", b"e")

    async def consumer() -> list[PullResult]:
        results = [*await asyncio.gather(registry.pull(stream), registry.pull(stream))]
        results.append(await asyncio.create_task(registry.pull(stream)))
        async with asyncio.TaskGroup() as group:
            task = group.create_task(registry.pull(stream))
        results.append(task.result())
        results.append(await asyncio.shield(registry.pull(stream)))
        waiting = asyncio.wait_for(registry.pull(stream), 5)
        asyncio.get_running_loop().call_soon(registry.push, stream, b"f")
        results.append(await waiting)
        return results

    values = [result.value for result in result_of(quiet, consumer()) if isinstance(result, Chunk)]
    assert values == [b"a", b"b", b"c", b"d", b"e", b"f"]
    assert queue(registry, stream) == ()


def test_a_shielded_pull_outlives_the_cancel_of_its_awaiter(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    kept: list[asyncio.Task[PullResult]] = []

    async def consumer() -> PullResult:
        kept.append(asyncio.create_task(registry.pull(stream)))
        return await asyncio.shield(kept[0])

    task = start(quiet, consumer())
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    registry.push(stream, b"a")
    quiet.settle()
    assert kept[0].result() == Chunk(b"a")


def test_a_cancelled_gather_cancels_its_pulls(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    streams = [registry.create(), registry.create()]

    async def consumer() -> list[PullResult]:
        return await asyncio.gather(*map(registry.pull, streams))

    task = start(quiet, consumer())
    for stream in streams:
        registry.push(stream, b"a")
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert [queue(registry, stream) for stream in streams] == [(b"a",), (b"a",)]


def test_a_failing_task_group_cancels_its_pulls(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    broken, other = registry.create(), registry.create()

    async def consumer() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(registry.pull(broken))
            group.create_task(registry.pull(other))

    task = start(quiet, consumer())
    registry.delete(broken)
    quiet.settle()
    group = task.exception()
    assert isinstance(group, ExceptionGroup)
    assert [type(error) for error in group.exceptions] == [StreamDeleted]
    assert not view(registry, other).pull_waiting


@pytest.mark.parametrize("waits", [False, True])
def test_awaited_twice_it_raises(
    registry: StreamStateRegistry, quiet: QuietLoop, waits: bool
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    if waits:
        quiet.loop.call_soon(registry.push, stream, b"a")
    else:
        registry.push(stream, b"a")

    async def consumer() -> PullResult:
        assert await pull == Chunk(b"a")
        registry.push(stream, b"b")
        return await pull

    with pytest.raises(RuntimeError, match="awaited"):
        result_of(quiet, consumer())
    assert queue(registry, stream) == (b"b",)


@pytest.mark.parametrize("how", ["cancelled", "closed", "looked at"])
def test_awaited_after_its_end_it_raises(
    registry: StreamStateRegistry, quiet: QuietLoop, how: str
) -> None:
    pull = registry.pull(stream_in(registry, b"a"))
    match how:
        case "cancelled":
            cancel(pull)
        case "closed":
            pull.close()
        case _:
            look(pull)
    with pytest.raises(RuntimeError, match="awaited"):
        result_of(quiet, pull)
    with pytest.raises(RuntimeError, match="awaited"):
        pull.throw(KeyError())


Awaiting: TypeAlias = Callable[[PendingPull], Coroutine[object, object, PullResult]]


async def awaiting(pull: PendingPull) -> PullResult:
    return await pull


def run_itself(pull: PendingPull) -> Coroutine[object, object, PullResult]:
    return pull


@pytest.mark.parametrize("first", [awaiting, run_itself])
@pytest.mark.parametrize("second", [awaiting, run_itself])
def test_a_second_awaiter_at_the_same_time_is_turned_away(
    registry: StreamStateRegistry,
    quiet: QuietLoop,
    first: Awaiting,
    second: Awaiting,
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    served = start(quiet, first(pull))
    turned_away = start(quiet, second(pull))
    assert isinstance(turned_away.exception(), RuntimeError)
    assert view(registry, stream).pull_waiting
    registry.push(stream, b"a")
    quiet.settle()
    assert served.result() == Chunk(b"a")


@pytest.mark.parametrize("first", [awaiting, run_itself])
def test_a_second_awaiter_after_the_hand_over_loses_nothing(
    registry: StreamStateRegistry,
    quiet: QuietLoop,
    first: Awaiting,
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    tasks = [start(quiet, first(pull))]
    registry.push(stream, b"a")
    tasks.append(quiet.loop.create_task(run_itself(pull)))
    quiet.settle()
    results = [task.result() for task in tasks if task.exception() is None]
    assert results == [Chunk(b"a")]


@pytest.mark.parametrize("how", ["close", "throw", "second task"])
def test_a_pull_ended_by_somebody_else_does_not_leave_its_awaiter_waiting(
    registry: StreamStateRegistry, quiet: QuietLoop, how: str
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    served = start(quiet, run_itself(pull))
    match how:
        case "close":
            pull.close()
        case "throw":
            cancel(pull)
        case _:
            start_cancelled = quiet.loop.create_task(run_itself(pull))
            start_cancelled.cancel()
    quiet.settle()
    assert isinstance(served.exception(), RuntimeError)
    registry.push(stream, b"a")
    assert queue(registry, stream) == (b"a",)


def test_its_repr_and_that_of_its_task_say_what_it_is(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    assert repr(pull) == "<pull 1 of stream 1, waiting>"
    task = start(quiet, pull)
    assert "coro=<StreamStateRegistry.pull()>" in repr(task)
    registry.push(stream, b"a")
    assert repr(pull) == "<pull 1 of stream 1, settled>"
    quiet.settle()
    assert repr(pull) == "<pull 1 of stream 1, over>"
    assert repr(registry.pull(9)) == "<pull 2 of stream unknown, settled>"
    task.print_stack()
    assert not hasattr(pull, "cr_code")


def test_it_can_be_weakly_referenced_and_compares_by_identity(
    registry: StreamStateRegistry,
) -> None:
    one, other = registry.pull(9), registry.pull(9)
    assert one != other
    assert len({one, other}) == 2


def test_a_pull_that_settled_needs_no_event_loop(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    assert look(registry.pull(stream)) == Chunk(b"a")
    with pytest.raises(RuntimeError, match="no running event loop"):
        look(registry.pull(stream))
    assert not view(registry, stream).pull_waiting


def test_asyncio_in_debug_mode_reports_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    registry = StreamStateRegistry()
    stream = stream_in(registry, b"a")

    async def consumer() -> None:
        await registry.pull(stream)
        registry.pull(stream)
        task = asyncio.create_task(registry.pull(stream))
        await asyncio.sleep(0)
        task.cancel()
        with suppress(CancelledError):
            await task
        writer = asyncio.create_task(registry.writable(stream))
        await asyncio.sleep(0)
        assert writer.done()

    asyncio.run(consumer(), debug=True)
    assert capfd.readouterr() == ("", "")
