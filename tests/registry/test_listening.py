"""A listener is told of every op once it is done, and its errors lose no chunk."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

import pytest

from streamstate import Chunk, StreamStateRegistry
from streamstate.model import (
    CancelPull,
    Clear,
    Close,
    Create,
    Delete,
    Done,
    Effect,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Rejected,
    Resolved,
    Returned,
    Seen,
    Unblocked,
    View,
)
from streamstate.model.values import Deleted, Errored
from tests.quiet import QuietLoop
from tests.registry.support import Journal, cancel, look, queue, start, stream_in, taken


def test_a_listener_is_told_of_every_op_with_its_effects() -> None:
    journal = Journal()
    registry = StreamStateRegistry(listener=journal)
    stream = registry.create()
    registry.get(stream)
    registry.get(9)
    for _ in range(16):
        registry.push(stream, b"a")
    journal.told.clear()
    registry.is_queue_full(stream)
    handed = registry.pull(stream)
    cancel(handed)
    registry.close(stream)
    registry.error(stream, "boom")
    registry.delete(stream)
    pull = registry.pull(registry.create())
    registry.clear()
    assert look(registry.pull(9)) == Done()
    assert journal.told == [
        (IsQueueFull(stream), (Returned(True),)),
        (Pull(stream), (Resolved(1, Chunk(b"a")), Unblocked(stream))),
        (CancelPull(1), ()),
        (Close(stream), (Unblocked(stream),)),
        (Error(stream, "boom"), ()),
        (Delete(stream), ()),
        (Create(), (Returned(2),)),
        (Pull(2), ()),
        (Clear(), (Rejected(2, Deleted()),)),
        (Pull(9), (Resolved(3, Done()),)),
    ]
    pull.close()


def test_a_listener_is_told_of_looks_and_of_what_they_saw() -> None:
    journal = Journal()
    registry = StreamStateRegistry(listener=journal)
    stream = registry.create()
    pull = registry.pull(stream)
    registry.push(stream, b"a")
    registry.get(stream)
    taken(pull)
    registry.error(stream, "boom")
    registry.pull(stream).close()
    assert journal.told == [
        (Create(), (Returned(1),)),
        (Pull(1), ()),
        (Push(1, b"a"), (Returned(True), Resolved(1, Chunk(b"a")))),
        (Get(1), (Returned(View()),)),
        (Seen(1), ()),
        (Error(1, "boom"), ()),
        (Pull(1), (Rejected(2, Errored("boom")),)),
        (CancelPull(2), ()),
    ]


def test_a_listener_is_told_of_the_bytes_and_not_of_the_buffer() -> None:
    journal = Journal()
    registry = StreamStateRegistry(listener=journal)
    buffer = bytearray(b"abc")
    registry.push(registry.create(), buffer)
    buffer[:] = b"xyz"
    assert journal.ops[-1] == Push(1, b"abc")


class ListenerError(Exception):
    pass


class Failing:
    """A listener that raises when it is told of one kind of op, once."""

    def __init__(self, kind: type[Op]) -> None:
        self.kind: type[Op] | None = kind

    def __call__(self, op: Op, _effects: tuple[Effect, ...]) -> None:
        if self.kind is not None and isinstance(op, self.kind):
            self.kind = None
            raise ListenerError


CASES: dict[type[Op], Callable[[StreamStateRegistry], object]] = {
    Create: lambda registry: registry.create(),
    Get: lambda registry: registry.get(1),
    Push: lambda registry: registry.push(1, b"c"),
    Pull: lambda registry: registry.pull(1),
    Seen: lambda registry: look(registry.pull(1)),
    CancelPull: lambda registry: registry.pull(1).throw(ListenerError()),
    Close: lambda registry: registry.close(1),
    IsQueueFull: lambda registry: registry.is_queue_full(1),
}


@pytest.mark.parametrize("lockstep", [False, True])
@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_an_error_of_a_listener_comes_out_of_its_op_and_no_chunk_is_lost(
    kind: type[Op], lockstep: bool
) -> None:
    registry = StreamStateRegistry(listener=Failing(kind), lockstep=lockstep)
    if kind is Create:
        with pytest.raises(ListenerError):
            registry.create()
    else:
        registry.create()
    pushed = [b"a", b"b"]
    if kind is Push:
        with pytest.raises(ListenerError):
            registry.push(1, b"z")
        pushed.insert(0, b"z")
    for chunk in (b"a", b"b"):
        registry.push(1, chunk)
    if kind not in {Create, Push}:
        with pytest.raises(ListenerError):
            CASES[kind](registry)
    assert queue(registry, 1) == tuple(pushed)
    assert [taken(registry.pull(1)) for _ in pushed] == pushed


@pytest.mark.parametrize("lockstep", [False, True])
def test_an_error_at_the_hand_over_still_wakes_the_awaiter(
    quiet: QuietLoop, lockstep: bool
) -> None:
    registry = StreamStateRegistry(listener=Failing(Push), lockstep=lockstep)
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    with pytest.raises(ListenerError):
        registry.push(stream, b"a")
    quiet.settle()
    assert task.result() == Chunk(b"a")


@pytest.mark.parametrize("lockstep", [False, True])
def test_an_error_at_the_look_of_an_iteration_loses_nothing(
    quiet: QuietLoop, lockstep: bool
) -> None:
    registry = StreamStateRegistry(listener=Failing(Seen), lockstep=lockstep)
    stream = registry.create()
    registry.push(stream, b"a")
    chunks = registry.chunks(stream)
    first = start(quiet, chunks.__anext__())
    assert isinstance(first.exception(), ListenerError)
    second = start(quiet, chunks.__anext__())
    assert second.result() == b"a"


@pytest.mark.parametrize("lockstep", [False, True])
def test_an_error_at_the_cancel_of_a_dropped_pull_comes_out_of_the_next_op(lockstep: bool) -> None:
    registry = StreamStateRegistry(listener=Failing(CancelPull), lockstep=lockstep)
    stream = registry.create()
    for chunk in (b"a", b"b"):
        registry.push(stream, chunk)
    pulls = [registry.pull(stream), registry.pull(stream)]
    pulls.clear()
    with pytest.raises(ListenerError):
        registry.push(stream, b"c")
    assert queue(registry, stream) == (b"a", b"b")


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_an_error_of_a_listener_keeps_no_pull_that_its_caller_dropped(kind: type[Op]) -> None:
    failing = Failing(Clear)
    registry = StreamStateRegistry(listener=failing)
    stream = stream_in(registry, b"a", b"b")

    def leave_one_where_it_raises() -> None:
        pull = registry.pull(stream)
        failing.kind = kind
        try:
            CASES[kind](registry)
        except ListenerError:
            assert pull is not None
        else:
            raise AssertionError("it did not raise")

    gc.disable()  # which would let go of it some time
    try:
        leave_one_where_it_raises()
        assert queue(registry, stream)[:2] == (b"a", b"b")
    finally:
        gc.enable()


def test_a_registry_without_listeners_keeps_no_effects(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry()
    stream = registry.create()

    async def consumer() -> None:
        for _ in range(10):
            registry.push(stream, b"a")
            await registry.pull(stream)
            await asyncio.sleep(0)

    assert start(quiet, consumer()).done()
    assert registry._outside.announcer is None
