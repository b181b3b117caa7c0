"""What becomes of a chunk that is given up once its stream is over, or gone."""

from __future__ import annotations

import pytest

from streamstate import StreamStateRegistry
from tests.registry.support import DONE, cancel, look, queue, registry_with, stream_in, taken, view


def test_CANCEL_PULL_4_after_close_the_chunk_can_still_be_pulled(
    registry: StreamStateRegistry,
) -> None:
    stream = stream_in(registry, b"a")
    pull = registry.pull(stream)
    registry.close(stream)
    cancel(pull)
    assert taken(registry.pull(stream)) == b"a"
    assert look(registry.pull(stream)) == DONE


@pytest.mark.parametrize(
    ("backlog", "left"), [("hold", (b"a", b"b")), ("drain", (b"a", b"b")), ("drop", ())]
)
@pytest.mark.parametrize("closed", [False, True])
def test_CANCEL_PULL_5_6_7_after_an_error_as_the_backlog_says(
    backlog: str, left: tuple[bytes, ...], closed: bool
) -> None:
    registry = registry_with(errored_backlog=backlog)
    stream = stream_in(registry, b"a", b"b")
    pull = registry.pull(stream)
    registry.error(stream, ValueError("boom"))
    if closed:
        registry.close(stream)
    cancel(pull)
    assert queue(registry, stream) == left
    if backlog == "drain":
        assert taken(registry.pull(stream)) == b"a"
    else:
        with pytest.raises(ValueError, match="boom"):
            look(registry.pull(stream))


@pytest.mark.parametrize("clear", [False, True])
def test_CANCEL_PULL_8_after_delete_the_chunk_is_dropped(
    registry: StreamStateRegistry, clear: bool
) -> None:
    stream = stream_in(registry, b"a")
    shown = view(registry, stream)
    pull = registry.pull(stream)
    if clear:
        registry.clear()
    else:
        registry.delete(stream)
    cancel(pull)
    assert (shown.queue, shown.queue_size, shown.deleted) == ((), 0, True)
    assert registry.get(stream) is None


def test_a_handed_chunk_survives_the_delete_of_its_stream(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"a")
    pull = registry.pull(stream)
    registry.delete(stream)
    assert taken(pull) == b"a"
