"""What the first implementation pins of ends and limits, in the three dialects that follow it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streamstate import (
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    Dialect,
    StreamDeleted,
    StreamStateRegistry,
)
from streamstate.model import ISOLATE, PLAN_01, REFERENCE
from tests.quiet import QuietLoop
from tests.registry.support import DONE, look, start, stream_in, taken, view


@pytest.fixture(params=[REFERENCE, PLAN_01, ISOLATE], ids=str)
def registry(request: pytest.FixtureRequest) -> StreamStateRegistry:
    dialect: Dialect = request.param
    return StreamStateRegistry(dialect)


UNKNOWN = 99


def test_CLOSE_1_of_an_unknown_stream_does_nothing(registry: StreamStateRegistry) -> None:
    registry.close(UNKNOWN)
    assert registry.get(UNKNOWN) is None


def test_CLOSE_2_finishes_a_waiting_pull(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    registry.close(stream)
    quiet.settle()
    assert task.result() == DONE
    assert not view(registry, stream).pull_waiting


def test_CLOSE_4_again_changes_nothing(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    registry.close(stream)
    before = view(registry, stream).snapshot()
    registry.close(stream)
    assert view(registry, stream).snapshot() == before


def test_ERROR_1_of_an_unknown_stream_does_nothing(registry: StreamStateRegistry) -> None:
    registry.error(UNKNOWN, ValueError("boom"))
    assert registry.get(UNKNOWN) is None


def test_ERROR_2_rejects_a_waiting_pull(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    registry.error(stream, ValueError("test error"))
    quiet.settle()
    with pytest.raises(ValueError, match=r"^test error$"):
        task.result()


def test_ERROR_3_shows_flag_and_value(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    boom = ValueError("boom")
    registry.error(stream, boom)
    shown = view(registry, stream)
    assert (shown.errored, shown.closed) == (True, False)
    assert shown.error_value is boom


def test_ERROR_8_applies_after_close(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    registry.close(stream)
    registry.error(stream, ValueError("boom"))
    shown = view(registry, stream)
    assert (shown.errored, shown.closed) == (True, True)
    with pytest.raises(ValueError, match=r"^boom$"):
        look(registry.pull(stream))


def test_ERROR_10_the_latest_value_stays(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    registry.error(stream, ValueError("first"))
    registry.error(stream, KeyError("second"))
    with pytest.raises(KeyError):
        look(registry.pull(stream))


def test_IS_QUEUE_FULL_1_of_an_unknown_stream_is_true(registry: StreamStateRegistry) -> None:
    assert registry.is_queue_full(UNKNOWN) is True


@pytest.mark.parametrize(
    "chunks",
    [
        [bytes(HIGH_WATER_MARK)],
        [bytes(HIGH_WATER_MARK + 1)],
        [bytes(HIGH_WATER_MARK - 1), b"x"],
        [b"x"] * MAX_QUEUE_CHUNKS,
        [b""] * MAX_QUEUE_CHUNKS,
    ],
    ids=["bytes", "more-bytes", "bytes-in-two", "chunks", "empty-chunks"],
)
@pytest.mark.parametrize("after", ["open", "closed", "errored"])
def test_IS_QUEUE_FULL_2_by_bytes_or_by_chunks(
    registry: StreamStateRegistry, chunks: list[bytes], after: str
) -> None:
    stream = stream_in(registry, *chunks)
    finish: dict[str, Callable[[], None]] = {
        "open": lambda: None,
        "closed": lambda: registry.close(stream),
        "errored": lambda: registry.error(stream, "boom"),
    }
    finish[after]()
    assert registry.is_queue_full(stream) is True


@pytest.mark.parametrize(
    "chunks",
    [[], [bytes(HIGH_WATER_MARK - 1)], [b"x"] * (MAX_QUEUE_CHUNKS - 1)],
    ids=["empty", "one-byte-below", "one-chunk-below"],
)
def test_IS_QUEUE_FULL_3_below_both_limits(
    registry: StreamStateRegistry, chunks: list[bytes]
) -> None:
    assert registry.is_queue_full(stream_in(registry, *chunks)) is False


def test_IS_QUEUE_FULL_3_again_once_a_chunk_is_pulled(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, bytes(HIGH_WATER_MARK))
    taken(registry.pull(stream))
    assert registry.is_queue_full(stream) is False


def test_DELETE_1_of_an_unknown_stream_does_nothing(registry: StreamStateRegistry) -> None:
    registry.delete(UNKNOWN)
    assert registry.create() == 1


def test_DELETE_2_makes_the_stream_unknown(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    registry.delete(stream)
    assert registry.push(stream, b"b") is False
    assert look(registry.pull(stream)) == DONE


def test_DELETE_3_rejects_a_waiting_pull(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    registry.delete(stream)
    quiet.settle()
    with pytest.raises(StreamDeleted, match=r"^Stream deleted$"):
        task.result()


def test_CLEAR_1_forgets_every_stream(registry: StreamStateRegistry) -> None:
    streams = [stream_in(registry, b"a") for _ in range(3)]
    registry.clear()
    assert [registry.get(stream) for stream in streams] == [None] * 3
    registry.clear()


def test_CLEAR_2_rejects_every_waiting_pull(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    tasks = [start(quiet, registry.pull(registry.create())) for _ in range(3)]
    registry.clear()
    quiet.settle()
    assert [type(task.exception()) for task in tasks] == [StreamDeleted] * 3


def test_streams_do_not_disturb_each_other(registry: StreamStateRegistry) -> None:
    first, second = stream_in(registry, b"a"), stream_in(registry, b"b")
    registry.error(first, ValueError("boom"))
    assert taken(registry.pull(second)) == b"b"
    registry.delete(first)
    assert view(registry, second).snapshot() == view(registry, registry.create()).snapshot()
