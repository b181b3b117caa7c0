"""What differs from dialect to dialect, one test for each rule that a policy value has."""

from __future__ import annotations

import asyncio

import pytest

from streamstate import (
    Chunk,
    Dialect,
    Limits,
    PullRefused,
    PullSuperseded,
    StreamDeleted,
    StreamStateRegistry,
)
from streamstate.model import PullResult, lattice
from streamstate.model.dialect import ErroredBacklog
from streamstate.registry import PendingPull
from tests.quiet import QuietLoop
from tests.registry.support import (
    DONE,
    cancel,
    look,
    queue,
    registry_with,
    start,
    stream_in,
    taken,
    view,
)


async def noted(log: list[str], name: str, pull: PendingPull) -> None:
    try:
        result = await pull
    except Exception as error:
        log.append(f"{name}: {error}")
    else:
        log.append(f"{name}: {result.value.decode() if isinstance(result, Chunk) else 'done'}")


def watched(quiet: QuietLoop, registry: StreamStateRegistry, log: list[str], names: str) -> int:
    """A stream with a pull of each name called, in that order, and awaited."""
    stream = registry.create()
    watch(quiet, registry, stream, log, names)
    return stream


def watch(
    quiet: QuietLoop, registry: StreamStateRegistry, stream: int, log: list[str], names: str
) -> list[asyncio.Task[None]]:
    pulls = [(name, registry.pull(stream)) for name in names]
    return [start(quiet, noted(log, name, pull)) for name, pull in pulls]


def test_PULL_9_overwrite_the_earlier_pull_never_settles(quiet: QuietLoop) -> None:
    log: list[str] = []
    registry = registry_with(overlapping_pull="overwrite")
    stream = watched(quiet, registry, log, "ab")
    registry.push(stream, b"x")
    registry.push(stream, b"y")
    quiet.settle()
    assert log == ["b: x"]
    assert queue(registry, stream) == (b"y",)
    registry.close(stream)
    quiet.settle()
    assert log == ["b: x"]


def test_PULL_10_supersede_the_earlier_pull_is_rejected(quiet: QuietLoop) -> None:
    log: list[str] = []
    registry = registry_with(overlapping_pull="supersede")
    stream = watched(quiet, registry, log, "ab")
    quiet.settle()
    assert log == ["a: Pull superseded"]
    registry.push(stream, b"x")
    quiet.settle()
    assert log == ["a: Pull superseded", "b: x"]


def test_PULL_11_refuse_the_later_pull_is_rejected(quiet: QuietLoop) -> None:
    log: list[str] = []
    registry = registry_with(overlapping_pull="refuse")
    stream = watched(quiet, registry, log, "ab")
    quiet.settle()
    assert log == ["b: Pull refused"]
    registry.push(stream, b"x")
    quiet.settle()
    assert log == ["b: Pull refused", "a: x"]


def test_PULL_12_queue_pulls_are_answered_in_the_order_of_calls(quiet: QuietLoop) -> None:
    log: list[str] = []
    registry = registry_with(overlapping_pull="queue")
    stream = watched(quiet, registry, log, "abc")
    for chunk in (b"x", b"y", b"z", b"q"):
        registry.push(stream, chunk)
    quiet.settle()
    assert log == ["a: x", "b: y", "c: z"]
    assert queue(registry, stream) == (b"q",)


def test_what_a_pull_is_rejected_with_is_of_its_own_class() -> None:
    refusing = registry_with(overlapping_pull="refuse")
    stream = refusing.create()
    first, second = refusing.pull(stream), refusing.pull(stream)
    with pytest.raises(PullRefused):
        look(second)
    superseding = StreamStateRegistry()
    earlier = superseding.pull(superseding.create())
    later = superseding.pull(1)
    with pytest.raises(PullSuperseded):
        look(earlier)
    for pull in (first, later):
        pull.close()


def test_ERROR_4_PULL_7_hold_chunks_stay_counted_and_out_of_reach() -> None:
    registry = registry_with(errored_backlog="hold")
    stream = stream_in(registry, b"aa", b"b")
    registry.error(stream, ValueError("boom"))
    shown = view(registry, stream)
    assert (shown.queue, shown.queue_size) == ((b"aa", b"b"), 3)
    with pytest.raises(ValueError, match="boom"):
        look(registry.pull(stream))
    assert shown.queue_size == 3


def test_ERROR_5_PULL_8_drain_chunks_are_pulled_first() -> None:
    registry = registry_with(errored_backlog="drain")
    stream = stream_in(registry, b"aa", b"b")
    registry.error(stream, ValueError("boom"))
    assert [taken(registry.pull(stream)) for _ in range(2)] == [b"aa", b"b"]
    with pytest.raises(ValueError, match="boom"):
        look(registry.pull(stream))


@pytest.mark.parametrize("closed_first", [False, True], ids=["ERROR_6", "ERROR_9"])
def test_ERROR_6_ERROR_9_drop_chunks_are_gone_at_once(closed_first: bool) -> None:
    registry = registry_with(errored_backlog="drop")
    stream = stream_in(registry, b"aa", b"b")
    if closed_first:
        registry.close(stream)
    registry.error(stream, ValueError("boom"))
    shown = view(registry, stream)
    assert (shown.queue, shown.queue_size, shown.closed) == ((), 0, closed_first)
    assert not registry.is_queue_full(stream)
    with pytest.raises(ValueError, match="boom"):
        look(registry.pull(stream))


def test_ERROR_7_ignore_an_error_after_close_changes_nothing() -> None:
    registry = registry_with(error_when_closed="ignore")
    stream = stream_in(registry, b"a")
    registry.close(stream)
    before = view(registry, stream).snapshot()
    registry.error(stream, ValueError("boom"))
    assert view(registry, stream).snapshot() == before
    assert taken(registry.pull(stream)) == b"a"
    assert look(registry.pull(stream)) == DONE


@pytest.mark.parametrize("backlog", ["hold", "drain", "drop"])
def test_ERROR_12_while_queued_an_error_after_the_last_chunk_changes_nothing(
    backlog: ErroredBacklog,
) -> None:
    registry = registry_with(error_when_closed="while_queued", errored_backlog=backlog)
    stream = stream_in(registry, b"a")
    registry.close(stream)
    assert taken(registry.pull(stream)) == b"a"
    registry.error(stream, ValueError("boom"))
    assert look(registry.pull(stream)) == DONE


def test_ERROR_8_while_queued_an_error_before_the_last_chunk_counts() -> None:
    registry = registry_with(error_when_closed="while_queued", errored_backlog="drain")
    stream = stream_in(registry, b"a")
    registry.close(stream)
    registry.error(stream, ValueError("boom"))
    assert taken(registry.pull(stream)) == b"a"
    with pytest.raises(ValueError, match="boom"):
        look(registry.pull(stream))


def test_ERROR_8_apply_an_error_after_close_counts_with_chunks_queued() -> None:
    registry = registry_with(errored_backlog="drain")
    stream = stream_in(registry, b"a")
    registry.close(stream)
    registry.error(stream, ValueError("boom"))
    shown = view(registry, stream)
    assert (shown.closed, shown.errored, shown.queue) == (True, True, (b"a",))


def test_ERROR_10_replace_the_latest_error_stays() -> None:
    registry = registry_with(repeated_error="replace")
    stream = registry.create()
    registry.error(stream, "first")
    registry.error(stream, "second")
    assert view(registry, stream).error_value == "second"


def test_ERROR_11_keep_the_first_error_stays() -> None:
    registry = registry_with(repeated_error="keep")
    stream = registry.create()
    registry.error(stream, "first")
    registry.error(stream, "second")
    assert view(registry, stream).error_value == "first"


def test_CLOSE_5_of_an_errored_stream_leaves_value_and_queue() -> None:
    registry = registry_with(errored_backlog="hold")
    stream = stream_in(registry, b"a")
    registry.error(stream, "boom")
    registry.close(stream)
    shown = view(registry, stream)
    assert (shown.closed, shown.errored, shown.error_value) == (True, True, "boom")
    assert shown.queue == (b"a",)


def test_PUSH_7_refuse_a_full_stream_takes_nothing() -> None:
    dialect = Dialect(push_when_full="refuse")
    registry = StreamStateRegistry(dialect, Limits(max_queue_chunks=2))
    stream = stream_in(registry, b"a", b"b")
    assert registry.push(stream, b"c") is False
    assert queue(registry, stream) == (b"a", b"b")
    taken(registry.pull(stream))
    assert registry.push(stream, b"c") is True


@pytest.mark.parametrize("op", ["close", "error", "delete", "clear"])
def test_CLOSE_2_ERROR_2_DELETE_3_CLEAR_2_settle_the_oldest_pull_first(
    op: str, quiet: QuietLoop
) -> None:
    log: list[str] = []
    registry = registry_with(overlapping_pull="queue")
    streams = [watched(quiet, registry, log, names) for names in ("abc", "de")]
    late = watch(quiet, registry, streams[0], log, "f")
    for stream in streams:
        match op:
            case "close":
                registry.close(stream)
            case "error":
                registry.error(stream, ValueError("boom"))
            case "delete":
                registry.delete(stream)
            case _:
                registry.clear()
    quiet.settle()
    assert [line[0] for line in log] == list("abcfde")
    said = {"close": "done", "error": "boom"}.get(op, "Stream deleted")
    assert {line[3:] for line in log} == {said}
    assert late[0].done()


def test_CANCEL_PULL_1_2_one_of_several_goes_and_the_others_keep_their_order(
    quiet: QuietLoop,
) -> None:
    for going in range(3):
        log: list[str] = []
        registry = registry_with(overlapping_pull="queue")
        stream = registry.create()
        tasks = watch(quiet, registry, stream, log, "abc")
        tasks[going].cancel()
        quiet.settle()
        registry.push(stream, b"x")
        registry.push(stream, b"y")
        quiet.settle()
        left = [name for name in "abc" if name != "abc"[going]]
        assert log == [f"{left[0]}: x", f"{left[1]}: y"]
        assert not view(registry, stream).pull_waiting


def test_CANCEL_PULL_1_in_refuse_makes_room_for_the_next_pull() -> None:
    registry = registry_with(overlapping_pull="refuse")
    stream = registry.create()
    cancel(registry.pull(stream))
    pull = registry.pull(stream)
    registry.push(stream, b"x")
    assert taken(pull) == b"x"


@pytest.mark.parametrize("dialect", lattice(), ids=str)
def test_in_every_dialect_an_ordinary_life_is_the_same(dialect: Dialect) -> None:
    registry = StreamStateRegistry(dialect, lockstep=True)
    stream = stream_in(registry, b"a", b"b")
    results: list[PullResult] = [look(registry.pull(stream)) for _ in range(2)]
    waiting = registry.pull(stream)
    registry.push(stream, b"c")
    registry.close(stream)
    results += [look(waiting), look(registry.pull(stream))]
    assert results == [Chunk(b"a"), Chunk(b"b"), Chunk(b"c"), DONE]
    last = registry.pull(registry.create())
    registry.clear()
    with pytest.raises(StreamDeleted):
        look(last)
