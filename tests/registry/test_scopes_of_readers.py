"""Scopes of readers: whoever writes is told that nobody reads any more."""

from __future__ import annotations

import pytest

from streamstate import Limits, StreamDeleted, StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.support import result_of, stream_in
from tests.registry.test_scopes import collect, write_all

# --- A reader ------------------------------------------------------------------------------------


def test_a_reader_that_leaves_early_tells_the_writer(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(limits=Limits(max_queue_chunks=1))
    stream = registry.create()
    writing = quiet.loop.create_task(write_all(registry, stream, *[b"a"] * 9))

    async def first() -> bytes:
        async with registry.reader(stream) as chunks:
            async for chunk in chunks:
                return chunk
        raise AssertionError("there is one")

    assert result_of(quiet, first()) == b"a"
    quiet.settle()
    assert not all(writing.result())
    assert registry.get(stream) is None


def test_a_reader_at_the_end_leaves_the_stream_as_it_is(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = stream_in(registry, b"a")
    registry.close(stream)
    assert result_of(quiet, collect(registry, stream)) == [b"a"]
    assert registry.get(stream) is not None


def test_a_cancelled_reader_tells_the_writer(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    reading = quiet.loop.create_task(collect(registry, stream))
    quiet.settle()
    reading.cancel()
    quiet.settle()
    assert registry.push(stream, b"a") is False


def test_a_stream_that_is_gone_before_its_reader_comes_is_no_end(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    registry.delete(stream)
    with pytest.raises(StreamDeleted):
        result_of(quiet, collect(registry, stream))


def test_who_hands_on_what_is_gone_tells_who_reads_that(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    gone, stream = registry.create(), registry.create()
    registry.delete(gone)

    async def hand_on() -> None:
        async with registry.reader(gone) as chunks, registry.writer(stream) as write:
            async for chunk in chunks:
                await write(chunk)

    reading = quiet.loop.create_task(collect(registry, stream))
    with pytest.raises(StreamDeleted):
        result_of(quiet, hand_on())
    quiet.settle()
    assert isinstance(reading.exception(), StreamDeleted)
