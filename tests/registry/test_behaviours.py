"""What the first implementation pins, one test each, in every dialect that has a name.

Where a name ends in `_in_…` the dialects differ, and the others are in `test_policies`.
"""

from __future__ import annotations

import pytest

from streamstate import (
    MAX_QUEUE_CHUNKS,
    Chunk,
    Dialect,
    Done,
    StreamStateRegistry,
)
from streamstate.model import NAMED
from tests.quiet import QuietLoop
from tests.registry.support import DONE, look, queue, result_of, start, stream_in, taken, view


@pytest.fixture(params=NAMED.values(), ids=str)
def registry(request: pytest.FixtureRequest) -> StreamStateRegistry:
    dialect: Dialect = request.param
    return StreamStateRegistry(dialect)


UNKNOWN = 99


def test_CREATE_1_ids_are_unique_and_count_from_one(registry: StreamStateRegistry) -> None:
    assert [registry.create() for _ in range(4)] == [1, 2, 3, 4]


def test_CREATE_1_an_id_is_not_reused_after_delete(registry: StreamStateRegistry) -> None:
    registry.delete(registry.create())
    assert registry.create() == 2


def test_CREATE_1_an_id_is_not_reused_after_clear(registry: StreamStateRegistry) -> None:
    for _ in range(3):
        registry.create()
    registry.clear()
    assert registry.create() == 4


def test_CREATE_1_a_new_stream_is_open_and_empty(registry: StreamStateRegistry) -> None:
    shown = view(registry, registry.create())
    assert (shown.queue, shown.queue_size) == ((), 0)
    flags = (shown.closed, shown.errored, shown.pull_waiting, shown.deleted)
    assert (flags, shown.error_value) == ((False,) * 4, None)


def test_GET_1_an_unknown_stream_has_no_view(registry: StreamStateRegistry) -> None:
    assert registry.get(UNKNOWN) is None
    stream = registry.create()
    registry.delete(stream)
    assert registry.get(stream) is None


def test_GET_2_a_view_follows_later_ops(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    shown = view(registry, stream)
    registry.push(stream, b"abc")
    assert (shown.queue, shown.queue_size) == ((b"abc",), 3)
    registry.close(stream)
    assert shown.closed


def test_PUSH_1_to_an_unknown_stream_is_false(registry: StreamStateRegistry) -> None:
    assert registry.push(UNKNOWN, b"a") is False


def test_PUSH_2_to_a_closed_stream_is_false_and_changes_nothing(
    registry: StreamStateRegistry,
) -> None:
    stream = stream_in(registry, b"a")
    registry.close(stream)
    assert registry.push(stream, b"b") is False
    assert queue(registry, stream) == (b"a",)


def test_PUSH_3_to_an_errored_stream_is_false_and_changes_nothing(
    registry: StreamStateRegistry,
) -> None:
    stream = registry.create()
    registry.error(stream, ValueError("boom"))
    assert registry.push(stream, b"b") is False
    assert queue(registry, stream) == ()


def test_PUSH_4_hands_the_chunk_to_a_waiting_pull(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    assert registry.push(stream, b"abc") is True
    shown = view(registry, stream)
    assert (shown.queue, shown.queue_size, shown.pull_waiting) == ((), 0, False)
    assert look(pull) == Chunk(b"abc")


def test_PUSH_5_queues_the_chunk_and_counts_its_bytes(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    assert registry.push(stream, b"abc") is True
    assert registry.push(stream, b"") is True
    assert registry.push(stream, b"de") is True
    shown = view(registry, stream)
    assert (shown.queue, shown.queue_size) == ((b"abc", b"", b"de"), 5)


def test_PUSH_6_takes_a_chunk_also_when_full(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, *[b"x"] * MAX_QUEUE_CHUNKS)
    assert registry.push(stream, b"y") is True
    assert view(registry, stream).queue_size == MAX_QUEUE_CHUNKS + 1


def test_PULL_1_of_an_unknown_stream_is_done(registry: StreamStateRegistry) -> None:
    assert look(registry.pull(UNKNOWN)) == Done()


def test_PULL_2_brings_a_chunk_that_is_there(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = stream_in(registry, b"\1\2\3")
    result = result_of(quiet, registry.pull(stream))
    assert isinstance(result, Chunk)
    assert (result.value, result.done) == (b"\1\2\3", False)


def test_PULL_2_takes_the_chunk_when_it_is_called(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"abc", b"de")
    pull = registry.pull(stream)
    shown = view(registry, stream)
    assert (shown.queue, shown.queue_size) == ((b"de",), 2)
    assert taken(pull) == b"abc"


def test_PULL_2_brings_chunks_in_the_order_of_pushes(registry: StreamStateRegistry) -> None:
    chunks = [bytes([letter]) for letter in b"abcdef"]
    stream = stream_in(registry, *chunks)
    assert [taken(registry.pull(stream)) for _ in chunks] == chunks


def test_PULL_3_waits_for_a_chunk(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    assert not task.done()
    assert view(registry, stream).pull_waiting
    registry.push(stream, b"\4\5\6")
    quiet.settle()
    assert task.result() == Chunk(b"\4\5\6")


def test_PULL_3_waits_from_the_call_on(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    assert view(registry, stream).pull_waiting
    registry.push(stream, b"first")
    registry.push(stream, b"second")
    assert taken(pull) == b"first"


def test_PULL_4_of_a_closed_stream_brings_what_is_queued_then_the_end(
    registry: StreamStateRegistry,
) -> None:
    stream = stream_in(registry, b"a", b"b")
    registry.close(stream)
    assert [taken(registry.pull(stream)) for _ in range(2)] == [b"a", b"b"]
    assert look(registry.pull(stream)) == DONE


def test_PULL_5_of_a_closed_empty_stream_is_done(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    registry.close(stream)
    result = look(registry.pull(stream))
    assert isinstance(result, Done)
    assert result.done is True


def test_PULL_6_of_an_errored_stream_is_rejected(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    registry.error(stream, ValueError("boom"))
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^boom$"):
            look(registry.pull(stream))


def test_PULL_7_of_an_errored_stream_is_rejected_with_chunks_queued_in_plan_01() -> None:
    for name in ("plan-01", "reference"):
        registry = StreamStateRegistry(NAMED[name])
        stream = stream_in(registry, b"a")
        registry.error(stream, ValueError("boom"))
        with pytest.raises(ValueError, match=r"^boom$"):
            look(registry.pull(stream))
        assert view(registry, stream).queue_size == 1
