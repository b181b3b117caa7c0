"""What `get` returns lives on with its stream, and after it."""

from __future__ import annotations

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.model import View
from tests.registry.support import cancel, registry_with, stream_in, taken, view


def test_a_view_is_live(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    shown = view(registry, stream)
    pull = registry.pull(stream)
    assert shown.snapshot() == View(pull_waiting=True)
    registry.push(stream, b"ab")
    assert shown.snapshot() == View()
    registry.push(stream, b"c")
    assert shown.snapshot() == View((b"c",), 1)
    cancel(pull)
    assert shown.snapshot() == View((b"ab", b"c"), 3)
    registry.close(stream)
    registry.error(stream, "boom")
    assert shown.snapshot() == View((b"ab", b"c"), 3, True, True, "boom")


@pytest.mark.parametrize("clear", [False, True])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("errored", [False, True])
def test_DELETE_2_after_its_stream_it_shows_the_last_flags_and_nothing_else(
    registry: StreamStateRegistry, clear: bool, closed: bool, errored: bool
) -> None:
    stream = stream_in(registry, b"a")
    shown = view(registry, stream)
    if closed:
        registry.close(stream)
    if errored:
        registry.error(stream, "boom")
    before = shown.snapshot()
    if clear:
        registry.clear()
    else:
        registry.delete(stream)
    assert shown.snapshot() == before.detached()
    assert (shown.closed, shown.errored, shown.deleted) == (closed, errored, True)
    assert shown.error_value == ("boom" if errored else None)
    assert "deleted=True" in repr(shown)


def test_DELETE_3_after_its_stream_no_pull_waits(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    shown = view(registry, stream)
    pull = registry.pull(stream)
    registry.delete(stream)
    assert shown.snapshot() == View(deleted=True)
    pull.close()


def test_a_detached_view_shows_nothing_of_later_ops(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    shown = view(registry, stream)
    pull = registry.pull(stream)
    registry.delete(stream)
    cancel(pull)
    registry.push(stream, b"b")
    registry.error(stream, "late")
    registry.close(stream)
    registry.delete(stream)
    registry.create()
    assert shown.snapshot() == View(deleted=True)


def test_a_snapshot_is_not_live(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    snapshot = view(registry, stream).snapshot()
    registry.delete(stream)
    assert snapshot == View((b"a",), 1)


def test_a_view_cannot_be_written_to(registry: StreamStateRegistry) -> None:
    shown = view(registry, registry.create())
    for name in ("queue", "queue_size", "closed", "errored", "deleted", "pull_waiting", "other"):
        with pytest.raises(AttributeError):
            setattr(shown, name, 1)


def test_a_view_counts_given_back_chunks(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"aaa", b"b")
    shown = view(registry, stream)
    pulls = [registry.pull(stream), registry.pull(stream)]
    assert shown.queue_size == 0
    for pull in reversed(pulls):
        cancel(pull)
    assert (shown.queue, shown.queue_size) == ((b"aaa", b"b"), 4)
    taken(registry.pull(stream))
    assert (shown.queue, shown.queue_size) == ((b"b",), 1)


def test_a_registry_says_what_it_is() -> None:
    registry = registry_with(overlapping_pull="queue")
    registry.create()
    assert repr(registry) == ("<StreamStateRegistry reference+overlapping_pull=queue, 1 streams>")
    assert registry.limits == Limits()


@pytest.mark.parametrize("wrong", [{"dialect": "reference"}, {"limits": 16}])
def test_a_registry_is_made_of_a_dialect_and_limits(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError, match=f"{next(iter(wrong))} must be"):
        StreamStateRegistry(**wrong)  # type: ignore[arg-type]


def test_a_negative_limit_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        StreamStateRegistry(limits=Limits(-1, 1))
