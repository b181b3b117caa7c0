"""Small tools for tests of the registry: driving pulls with or without a loop, and looking."""

from __future__ import annotations

import asyncio
from asyncio import CancelledError
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from streamstate import (
    Chunk,
    Dialect,
    Done,
    Limits,
    StreamClosed,
    StreamDeleted,
    StreamStateRegistry,
    StreamView,
)
from streamstate.model import Effect, Op, PullResult
from streamstate.registry import Listener, PendingPull, PendingSend
from tests.quiet import QuietLoop

T = TypeVar("T")

TWO_CHUNKS = Limits(max_queue_chunks=2)
DONE = Done()


def registry_with(listener: Listener | None = None, **policies: str) -> StreamStateRegistry:
    """A registry of `reference` with these policies."""
    parts = ["reference", *(f"{field}={value}" for field, value in policies.items())]
    return StreamStateRegistry(Dialect.parse("+".join(parts)), listener=listener)


def stream_in(registry: StreamStateRegistry, *chunks: bytes) -> int:
    """A new stream with these chunks pushed."""
    stream = registry.create()
    for chunk in chunks:
        assert registry.push(stream, chunk)
    return stream


def view(registry: StreamStateRegistry, stream: int) -> StreamView:
    shown = registry.get(stream)
    assert shown is not None
    return shown


def queue(registry: StreamStateRegistry, stream: int) -> tuple[bytes, ...]:
    return view(registry, stream).queue


def look(pull: Coroutine[Any, Any, T]) -> T:
    """What a pull that has settled brings its awaiter; raises what it would raise."""
    try:
        pull.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waits")


def taken(pull: Coroutine[Any, Any, PullResult]) -> bytes:
    """The bytes that a settled pull brings."""
    result = look(pull)
    assert isinstance(result, Chunk)
    return result.value


def cancel(pending: PendingPull | PendingSend) -> None:
    """Cancel a pull or a send as the loop does that of a task, without a loop."""
    with pytest.raises(CancelledError):
        pending.throw(CancelledError())


def start(quiet: QuietLoop, awaitable: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task that has run as far as it can."""
    task = quiet.loop.create_task(awaitable)
    quiet.settle()
    return task


def result_of(quiet: QuietLoop, awaitable: Coroutine[Any, Any, T]) -> T:
    """What it returns or raises; it must not need anything else to happen."""
    task = start(quiet, awaitable)
    assert task.done(), "it waits"
    return task.result()


ENDS: dict[str, tuple[Callable[[StreamStateRegistry, int], None], type[Exception]]] = {
    "close": (lambda registry, stream: registry.close(stream), StreamClosed),
    "error": (lambda registry, stream: registry.error(stream, ValueError("boom")), ValueError),
    "delete": (lambda registry, stream: registry.delete(stream), StreamDeleted),
    "clear": (lambda registry, _: registry.clear(), StreamDeleted),
}
"""How a stream can end while a push waits on it, and what the push raises then."""


class Journal:
    """A listener that writes everything down."""

    def __init__(self) -> None:
        self.told: list[tuple[Op, tuple[Effect, ...]]] = []

    def __call__(self, op: Op, effects: tuple[Effect, ...]) -> None:
        self.told.append((op, effects))

    @property
    def ops(self) -> list[Op]:
        return [op for op, _ in self.told]


class Hands:
    """A loop's clock, moved by hand."""

    def __init__(self, quiet: QuietLoop) -> None:
        self.now = 0.0
        quiet.loop.time = lambda: self.now  # type: ignore[method-assign]
