"""What a listener may do, or raise, while somebody iterates or waits; and what may be thrown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine

import pytest

from streamstate import Chunk, StreamDeleted, StreamStateRegistry
from streamstate.model import CancelPull, Effect, Op, Pull, Push, Seen
from streamstate.registry import ChunkIterator
from tests.quiet import QuietLoop
from tests.registry.support import look, queue, result_of, start, stream_in, view

LOCKSTEP = pytest.mark.parametrize("lockstep", [False, True])


class Once:
    """A listener that does `reaction` the first time that it is told of an op of this kind."""

    def __init__(self, kind: type[Op], reaction: Callable[[], object]) -> None:
        self.kind: type[Op] | None = kind
        self.reaction = reaction

    def __call__(self, op: Op, _effects: tuple[Effect, ...]) -> None:
        if self.kind is not None and isinstance(op, self.kind):
            self.kind = None
            self.reaction()


@LOCKSTEP
@pytest.mark.parametrize("asked_in", [Pull, Seen], ids=["the pull", "the look"])
def test_an_iterator_asked_again_by_a_listener_brings_every_chunk(
    asked_in: type[Op], lockstep: bool
) -> None:
    seen: list[bytes] = []
    chunks: ChunkIterator

    def ask() -> None:
        seen.append(look(chunks.__anext__()))

    registry = StreamStateRegistry(listener=Once(asked_in, ask), lockstep=lockstep)
    chunks = registry.chunks(stream_in(registry, b"a", b"b", b"c"))
    ask()
    assert seen == [b"b", b"a"]  # the listener is through before whoever it heard of
    ask()
    assert seen == [b"b", b"a", b"c"]


@LOCKSTEP
def test_an_iterator_asked_again_by_a_listener_that_raises_keeps_its_chunk(lockstep: bool) -> None:
    seen: list[bytes] = []
    chunks: ChunkIterator

    def ask_and_raise() -> None:
        seen.append(look(chunks.__anext__()))
        raise KeyError

    registry = StreamStateRegistry(listener=Once(Seen, ask_and_raise), lockstep=lockstep)
    stream = stream_in(registry, b"a", b"b")
    chunks = registry.chunks(stream)
    with pytest.raises(KeyError):
        look(chunks.__anext__())
    assert seen == [b"b"]
    assert queue(registry, stream) == (b"a",)


def test_a_stream_that_goes_as_its_iterator_is_asked_is_no_end(quiet: QuietLoop) -> None:
    registry: StreamStateRegistry
    registry = StreamStateRegistry(listener=Once(CancelPull, lambda: registry.delete(stream)))
    stream = registry.create()
    chunks = registry.chunks(stream)
    dropped = [registry.pull(registry.create())]
    dropped.clear()  # which the next op tells the listener of
    with pytest.raises(StreamDeleted):
        result_of(quiet, collected(chunks))


async def collected(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


async def by_await(registry: StreamStateRegistry, stream: int) -> object:
    return await registry.pull(stream)


async def by_a_task(registry: StreamStateRegistry, stream: int) -> object:
    return await asyncio.create_task(registry.pull(stream))


async def by_iteration(registry: StreamStateRegistry, stream: int) -> object:
    return await collected(registry.chunks(stream))


Reading = Callable[[StreamStateRegistry, int], Coroutine[object, object, object]]
READINGS = pytest.mark.parametrize("read", [by_await, by_a_task, by_iteration])
STOPS = pytest.mark.parametrize("stop", [StopIteration(7), StopAsyncIteration(7)], ids=repr)


def raising(error: BaseException) -> Callable[[], object]:
    def react() -> None:
        raise error

    return react


@STOPS
@READINGS
@pytest.mark.parametrize("waits", [False, True])
def test_a_listener_that_stops_an_iteration_is_no_result_and_no_end(
    quiet: QuietLoop, stop: Exception, read: Reading, waits: bool
) -> None:
    registry = StreamStateRegistry(listener=Once(Seen, raising(stop)))
    stream = registry.create() if waits else stream_in(registry, b"a")
    task = start(quiet, read(registry, stream))
    if waits:
        registry.push(stream, b"a")
        quiet.settle()
    error = task.exception()
    assert isinstance(error, RuntimeError)
    assert error.__cause__ is stop
    assert queue(registry, stream) == (b"a",)


@STOPS
def test_a_listener_that_stops_an_iteration_as_somebody_leaves_is_no_result(
    quiet: QuietLoop, stop: Exception
) -> None:
    registry = StreamStateRegistry(listener=Once(CancelPull, raising(stop)))
    stream = stream_in(registry, b"a", b"b")
    dropped, pull = [registry.pull(stream)], registry.pull(stream)
    dropped.clear()
    task = start(quiet, pull)
    error = task.exception()
    assert isinstance(error, RuntimeError)
    assert error.__cause__ is stop
    assert queue(registry, stream) == (b"a", b"b")


@STOPS
def test_a_listener_that_stops_an_iteration_does_so_for_no_op(stop: Exception) -> None:
    registry = StreamStateRegistry(listener=Once(Push, raising(stop)))
    with pytest.raises(RuntimeError) as caught:
        registry.push(registry.create(), b"a")
    assert caught.value.__cause__ is stop


@pytest.mark.parametrize("handed", [False, True])
def test_StopIteration_thrown_into_a_pull_is_no_result(
    registry: StreamStateRegistry, handed: bool
) -> None:
    stream = stream_in(registry, b"a") if handed else registry.create()
    pull = registry.pull(stream)
    stop = StopIteration(Chunk(b"z"))
    with pytest.raises(RuntimeError) as caught:
        pull.throw(stop)
    assert caught.value.__cause__ is stop
    assert queue(registry, stream) == ((b"a",) if handed else ())
    assert not view(registry, stream).pull_waiting


def test_StopIteration_thrown_into_an_await_is_no_result(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()

    async def throwing() -> None:
        awaiting = by_await(registry, stream)
        awaiting.send(None)
        with pytest.raises(RuntimeError):
            awaiting.throw(StopIteration(Chunk(b"z")))

    result_of(quiet, throwing())
    assert not view(registry, stream).pull_waiting
