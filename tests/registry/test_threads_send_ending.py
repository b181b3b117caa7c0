"""Sends of threads as the loop ends: what was accepted is reported so, and the rest never sent."""

from __future__ import annotations

import pytest

from streamstate import StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.in_threads import in_a_thread, of
from tests.registry.support import queue, stream_in, taken
from tests.registry.test_threads_ending import ENDED
from tests.registry.test_threads_send import of_one_chunk


@pytest.fixture(name="registry")
def _registry() -> StreamStateRegistry:
    return of_one_chunk()


def test_what_still_waits_as_the_loop_is_closed_is_not_sent(registry: StreamStateRegistry) -> None:
    quiet = QuietLoop()
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answer = ops.submit_send(stream, b"never")
    quiet.settle()
    quiet.loop.close()
    with pytest.raises(RuntimeError, match=ENDED):
        answer.result(0)
    assert taken(registry.pull(stream)) == b"a"
    assert queue(registry, stream) == ()


def test_what_was_accepted_as_the_loop_is_closed_is_reported_as_sent(
    registry: StreamStateRegistry,
) -> None:
    quiet = QuietLoop()
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answer = ops.submit_send(stream, b"b")
    quiet.settle()
    taken(registry.pull(stream))
    quiet.loop.close()
    assert answer.result(0) is True
    assert queue(registry, stream) == (b"b",)


@pytest.mark.parametrize("refused", ["before", "meanwhile", "afterwards"])
def test_who_refuses_in_another_thread_and_the_registry_agree(
    registry: StreamStateRegistry, quiet: QuietLoop, refused: str
) -> None:
    """A thread that finds the loop closed refuses all that wait, whatever the registry does."""
    stream, ops = stream_in(registry, b"a"), of(quiet, registry)
    answer = ops.submit_send(stream, b"b")
    quiet.settle()
    [asked] = ops._crossing.waiting
    offers = registry._streams[stream].offers
    assert offers is not None
    offer, hold = offers[1], offers[1].hold
    assert hold is not None

    def refuse_and_hold() -> bool:
        in_a_thread(asked.refuse)
        return hold()

    if refused == "before":
        in_a_thread(asked.refuse)
    elif refused == "meanwhile":
        offer.hold = refuse_and_hold
    taken(registry.pull(stream))
    if refused == "afterwards":
        in_a_thread(asked.refuse)
        assert (answer.result(0), queue(registry, stream)) == (True, (b"b",))
    else:
        assert queue(registry, stream) == ()
        with pytest.raises(RuntimeError, match=ENDED):
            answer.result(0)
