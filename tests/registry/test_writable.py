"""`writable`: a writer waits for room without polling, and finds it when it is told of it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest

from streamstate import Dialect, Limits, StreamStateRegistry
from streamstate.model import lattice
from tests.quiet import QuietLoop
from tests.registry.support import cancel, queue, result_of, start, stream_in, taken, view


@pytest.fixture
def registry() -> StreamStateRegistry:
    return StreamStateRegistry(limits=Limits(max_queue_chunks=2))


def blocked(registry: StreamStateRegistry) -> int:
    return stream_in(registry, b"a", b"b")


def test_of_an_unknown_stream_is_false(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    assert result_of(quiet, registry.writable(9)) is False


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("end", ["close", "error", "both", "delete"])
def test_of_a_stream_that_takes_nothing_more_is_false(
    registry: StreamStateRegistry, quiet: QuietLoop, full: bool, end: str
) -> None:
    stream = blocked(registry) if full else registry.create()
    if end in {"close", "both"}:
        registry.close(stream)
    if end in {"error", "both"}:
        registry.error(stream, "boom")
    if end == "delete":
        registry.delete(stream)
    assert result_of(quiet, registry.writable(stream)) is False


def test_of_a_stream_with_room_is_true_at_once(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    assert result_of(quiet, registry.writable(stream_in(registry, b"a"))) is True


def test_of_a_stream_on_which_a_pull_waits_is_true_at_once(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    assert result_of(quiet, registry.writable(stream)) is True
    pull.close()


UNBLOCKING: dict[str, tuple[Callable[[StreamStateRegistry, int], object], bool]] = {
    "pull": (lambda registry, stream: taken(registry.pull(stream)), True),
    "close": (lambda registry, stream: registry.close(stream), False),
    "error": (lambda registry, stream: registry.error(stream, "boom"), False),
    "delete": (lambda registry, stream: registry.delete(stream), False),
    "clear": (lambda registry, _stream: registry.clear(), False),
}


@pytest.mark.parametrize("writers", [1, 3])
@pytest.mark.parametrize("op", UNBLOCKING)
def test_waits_until_the_stream_is_not_blocked(
    registry: StreamStateRegistry, quiet: QuietLoop, op: str, writers: int
) -> None:
    stream = blocked(registry)
    tasks = [start(quiet, registry.writable(stream)) for _ in range(writers)]
    assert not any(task.done() for task in tasks)
    unblock, answer = UNBLOCKING[op]
    unblock(registry, stream)
    quiet.settle()
    assert [task.result() for task in tasks] == [answer] * writers


@pytest.mark.parametrize("dialect", lattice(), ids=str)
def test_in_every_dialect_an_error_tells_a_waiting_writer(
    dialect: Dialect, quiet: QuietLoop
) -> None:
    registry = StreamStateRegistry(dialect, Limits(max_queue_chunks=2), lockstep=True)
    stream = blocked(registry)
    task = start(quiet, registry.writable(stream))
    registry.error(stream, "boom")
    quiet.settle()
    assert task.result() is False


def test_full_again_before_the_writer_ran_it_goes_on_waiting(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    task = start(quiet, registry.writable(stream))
    taken(registry.pull(stream))
    registry.push(stream, b"c")
    quiet.settle()
    assert not task.done()
    taken(registry.pull(stream))
    quiet.settle()
    assert task.result() is True


def test_a_chunk_that_is_given_back_makes_it_wait_again(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    task = start(quiet, registry.writable(stream))
    cancel(registry.pull(stream))
    quiet.settle()
    assert not task.done()
    registry.delete(stream)
    quiet.settle()
    assert task.result() is False


def test_a_dropped_pull_gives_its_chunk_back_before_the_last_look(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    task = start(quiet, registry.writable(stream))
    registry.pull(stream)  # dropped: the room that it made is none
    quiet.settle()
    assert not task.done()
    task.cancel()


def test_several_writers_never_find_the_room_of_another(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)

    async def write(chunk: bytes) -> None:
        assert await registry.writable(stream)
        assert not registry.is_queue_full(stream)
        registry.push(stream, chunk)

    tasks = [start(quiet, write(bytes([letter]))) for letter in b"cdefg"]
    seen = []
    for _ in range(7):
        seen.append(taken(registry.pull(stream)))
        quiet.settle()
        assert len(queue(registry, stream)) <= 2
    assert sorted(seen) == [b"a", b"b", b"c", b"d", b"e", b"f", b"g"]
    assert all(task.done() for task in tasks)


def test_a_cancelled_writer_leaves_the_others_waiting(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    going, staying = (start(quiet, registry.writable(stream)) for _ in range(2))
    going.cancel()
    quiet.settle()
    assert going.cancelled()
    assert not staying.done()
    taken(registry.pull(stream))
    quiet.settle()
    assert staying.result() is True


def test_a_writer_cancelled_after_it_was_told_leaves_the_room(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    task = start(quiet, registry.writable(stream))
    taken(registry.pull(stream))
    task.cancel()
    quiet.settle()
    assert task.cancelled()
    assert result_of(quiet, registry.writable(stream)) is True


def test_a_waiting_writer_is_held_though_nobody_else_does(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = blocked(registry)
    done: list[bool] = []

    async def writer() -> None:
        done.append(await registry.writable(stream))

    start(quiet, writer())
    gc.collect()
    taken(registry.pull(stream))
    quiet.settle()
    assert done == [True]


def test_waits_without_polling(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = blocked(registry)
    runs: list[str] = []
    task = start(quiet, counted(runs, registry, stream))
    for _ in range(100):  # other streams and other ops do not concern it
        registry.push(registry.create(), b"x")
        registry.push(stream, b"y")
        quiet.settle()
    assert runs == ["asked"]
    registry.delete(stream)
    quiet.settle()
    assert runs == ["asked", "told"]
    assert task.result() is False


async def counted(runs: list[str], registry: StreamStateRegistry, stream: int) -> bool:
    """Drives `writable` by hand, so that each time that it is resumed is seen."""
    answer = registry.writable(stream)
    runs.append("asked")
    waited_on: asyncio.Future[None] = answer.send(None)
    waited_on._asyncio_future_blocking = False
    await waited_on
    runs.append("told")
    try:
        answer.send(None)
    except StopIteration as end:
        return bool(end.value)
    raise AssertionError("it waits again")


def test_no_push_is_too_much_with_real_limits(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    most = 0

    async def produce() -> None:
        nonlocal most
        for _ in range(300):
            assert await registry.writable(stream)
            registry.push(stream, bytes(5_000))
            most = max(most, view(registry, stream).queue_size)
        registry.close(stream)

    async def both() -> int:
        producer = asyncio.create_task(produce())
        total = 0
        async for chunk in registry.chunks(stream):
            total += len(chunk)
            await asyncio.sleep(0)
        await producer
        return total

    assert result_of(quiet, both()) == 1_500_000
    assert 60_000 < most < 65_536 + 5_000
