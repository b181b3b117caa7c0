"""`wait_closed`: told once a stream takes no more, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from streamstate import Limits, StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.support import result_of, start, stream_in

ENDS: dict[str, Callable[[StreamStateRegistry, int], object]] = {
    "close": lambda registry, stream: registry.close(stream),
    "error": lambda registry, stream: registry.error(stream, "boom"),
    "delete": lambda registry, stream: registry.delete(stream),
    "clear": lambda registry, _stream: registry.clear(),
}

by_end = pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)


@by_end
@pytest.mark.parametrize("queued", [0, 1, 2])
def test_all_who_wait_are_told_of_an_end(
    quiet: QuietLoop, end: Callable[..., object], queued: int
) -> None:
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=2))
    stream, other = stream_in(registry, *[b"a"] * queued), registry.create()
    waiting = [start(quiet, registry.wait_closed(stream)) for _ in range(3)]
    elsewhere = start(quiet, registry.wait_closed(other))
    assert not any(task.done() for task in waiting)
    end(registry, stream)
    quiet.settle()
    assert all(task.done() for task in waiting)
    assert elsewhere.done() is (end is ENDS["clear"])
    elsewhere.cancel()


@by_end
def test_after_it_nobody_waits(
    registry: StreamStateRegistry, quiet: QuietLoop, end: Callable[..., object]
) -> None:
    stream = registry.create()
    end(registry, stream)
    assert result_of(quiet, registry.wait_closed(stream)) is None


def test_what_goes_in_and_out_ends_no_wait(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    waiting = start(quiet, registry.wait_closed(stream))
    for _ in range(20):
        registry.push(stream, b"a")
    for _ in range(20):
        result_of(quiet, registry.pull(stream))
    start(quiet, registry.pull(stream))
    assert not waiting.done()
    registry.close(stream)
    quiet.settle()
    assert waiting.done()


def test_whoever_gives_up_is_forgotten(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    waiting = [start(quiet, registry.wait_closed(stream)) for _ in range(3)]
    dropped = registry.wait_closed(stream)
    quiet.loop.call_soon(dropped.send, None)
    quiet.settle()
    assert len(registry._outside.watched) == 1
    waiting[1].cancel()
    del dropped
    quiet.settle()
    registry.is_queue_full(stream)  # a finalizer only notes that it has gone
    assert [len(each) for each in registry._outside.watched.values()] == [2]
    for each in waiting:
        each.cancel()
    quiet.settle()
    assert registry._outside.watched == {}


def test_a_watcher_that_is_told_may_be_told_too_early_and_looks_itself(
    quiet: QuietLoop,
) -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    waiting = start(quiet, registry.wait_closed(stream))
    for future in next(iter(registry._outside.watched.values())):
        future.set_result(None)
    quiet.settle()
    assert not waiting.done()
    registry.delete(stream)
    quiet.settle()
    assert waiting.done()


def test_an_id_of_another_type_is_named(registry: StreamStateRegistry) -> None:
    with pytest.raises(TypeError, match="stream must be an int, not '1'"):
        asyncio.run(registry.wait_closed("1"))  # type: ignore[arg-type]
