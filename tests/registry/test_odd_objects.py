"""Objects that are half made, copied, or not what they say: a clear error, and nothing lost."""

from __future__ import annotations

import asyncio
import copy
import pickle
import sys
import tracemalloc
from collections import deque
from collections.abc import Callable
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamstate import Chunk, StreamErrored, StreamStateRegistry
from streamstate.model import PullResult
from streamstate.registry import PendingPull
from streamstate.registry.native import ChunkQueue
from tests.quiet import QuietLoop
from tests.registry.support import look, queue, start, stream_in, taken

COPIES: dict[str, Callable[[object], object]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": pickle.dumps,
}


@pytest.mark.parametrize("how", COPIES)
def test_a_pull_cannot_be_copied_and_its_chunk_comes_once(
    registry: StreamStateRegistry, how: str, unraisable: list[object]
) -> None:
    stream = stream_in(registry, b"a")
    handed, waiting = registry.pull(stream), registry.pull(stream)
    for pull in (handed, waiting):
        with pytest.raises(TypeError, match="a pull cannot be copied or pickled"):
            COPIES[how](pull)
    assert taken(handed) == b"a"
    registry.push(stream, b"b")
    assert taken(waiting) == b"b"
    assert not unraisable


@pytest.mark.parametrize("how", COPIES)
def test_a_registry_cannot_be_copied(registry: StreamStateRegistry, how: str) -> None:
    with pytest.raises(TypeError, match="a registry cannot be copied or pickled"):
        COPIES[how](registry)


def test_a_pull_is_made_by_a_registry_only(unraisable: list[object]) -> None:
    kind: type = PendingPull
    with pytest.raises(TypeError, match=r"a pull is made by StreamStateRegistry\.pull"):
        kind()
    assert not unraisable


class Forgetful(StreamStateRegistry):
    def __init__(self) -> None:
        pass


@pytest.mark.parametrize("op", ["create", "clear"])
def test_a_subclass_that_forgets_to_make_it_gets_an_attribute_error(op: str) -> None:
    with pytest.raises(AttributeError):
        getattr(Forgetful(), op)()


def test_what_only_says_that_it_is_an_exception_arrives_as_a_value(
    registry: StreamStateRegistry,
) -> None:
    stream = registry.create()
    pretender = Mock(spec=ValueError)
    registry.error(stream, pretender)
    with pytest.raises(StreamErrored) as caught:
        look(registry.pull(stream))
    assert caught.value.value is pretender


def test_the_later_of_two_awaiters_is_turned_away_though_the_chunk_is_there(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)

    async def wait() -> PullResult:
        return await pull

    first = start(quiet, wait())
    registry.push(stream, b"a")
    second = quiet.loop.create_task(wait())
    quiet.settle()
    assert first.result() == Chunk(b"a")
    assert isinstance(second.exception(), RuntimeError)


Steps = list[tuple[str, int]]


@given(st.lists(st.tuples(st.sampled_from(["append", "popleft", "insert"]), st.integers(0, 9))))
def test_the_queue_is_what_a_deque_is(steps: Steps) -> None:
    ours, theirs = ChunkQueue(), deque[bytes]()
    for number, (step, index) in enumerate(steps * 9):
        chunk = str(number).encode()
        match step:
            case "append":
                ours.append(chunk)
                theirs.append(chunk)
            case "insert":
                at = min(index, len(theirs))
                ours.insert(at, chunk)
                theirs.insert(at, chunk)
            case _ if theirs:
                assert ours.popleft() == theirs.popleft()
            case _:
                pass
        assert len(ours) == len(theirs)
        if theirs:
            assert ours[0] == theirs[0]
    assert list(ours) == list(theirs)


def test_a_chunk_that_was_given_back_and_seen_is_kept_nowhere(
    registry: StreamStateRegistry,
) -> None:
    stream = stream_in(registry, *[b"x"] * 5)
    for _ in range(5):
        taken(registry.pull(stream))
    chunks = [bytes([letter]) * 1_000 for letter in b"abc"]
    before = [sys.getrefcount(chunk) for chunk in chunks]
    for chunk in chunks:
        registry.push(stream, chunk)
    registry.pull(stream).close()
    for chunk in chunks:
        same = taken(registry.pull(stream)) is chunk
        assert same
    del chunk
    assert [sys.getrefcount(chunk) for chunk in chunks] == before


def test_a_backlog_that_is_gone_leaves_its_room_behind(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    tracemalloc.start()
    for _ in range(100_000):
        registry.push(stream, b"x")
    for _ in range(100_000):
        taken(registry.pull(stream))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 50_000


class Falsy(Exception):
    def __bool__(self) -> bool:
        return False


def test_an_error_of_a_listener_that_is_falsy_comes_out_too() -> None:
    def listener(_op: object, _effects: object) -> None:
        raise Falsy

    with pytest.raises(Falsy):
        StreamStateRegistry(listener=listener).create()


class Refusing(Exception):
    __slots__ = ("kept",)

    def __setattr__(self, name: str, value: object) -> None:
        raise RuntimeError("frozen")


class Odd(Exception):
    @property
    def args(self) -> tuple[object, ...]:  # type: ignore[override]
        raise KeyError("args")


def refusing() -> Exception:
    error = Refusing("boom")
    Refusing.kept.__set__(error, 5)  # type: ignore[attr-defined]
    return error


def with_odd_notes() -> Exception:
    error = ValueError("boom")
    vars(error)["__notes__"] = 5
    return error


@pytest.mark.parametrize("make", [refusing, with_odd_notes, Odd])
def test_an_error_that_is_hard_to_copy_arrives_all_the_same(
    registry: StreamStateRegistry, make: Callable[[], Exception]
) -> None:
    error = make()
    stream = registry.create()
    registry.error(stream, error)
    with pytest.raises(type(error)) as caught:
        look(registry.pull(stream))
    assert getattr(caught.value, "kept", None) == getattr(error, "kept", None)


def test_a_pull_in_debug_mode_with_a_collection_at_every_turn(
    registry: StreamStateRegistry,
) -> None:
    import gc  # noqa: PLC0415  # only here

    stream = registry.create()
    gc_before = gc.get_threshold()
    gc.set_threshold(1)
    try:

        async def main() -> list[bytes]:
            task = asyncio.create_task(registry.pull(stream))
            await asyncio.sleep(0)
            registry.push(stream, b"a")
            task.cancel()
            await asyncio.wait([task])
            registry.close(stream)
            return [chunk async for chunk in registry.chunks(stream)]

        assert asyncio.run(main(), debug=True) == [b"a"]
    finally:
        gc.set_threshold(*gc_before)
    assert queue(registry, stream) == ()
