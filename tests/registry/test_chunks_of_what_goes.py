"""`chunks` of a stream that goes before it was read to its end: an error, and no end."""

from __future__ import annotations

import pytest

from streamstate import PullRefused, PullSuperseded, StreamDeleted, StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.support import look, registry_with, result_of, start, stream_in, taken
from tests.registry.test_chunks import collect_into, collected

DELETES = ("delete", "clear")


def gone(registry: StreamStateRegistry, stream: int, op: str) -> None:
    if op == "clear":
        registry.clear()
    else:
        registry.delete(stream)


@pytest.mark.parametrize("op", DELETES)
@pytest.mark.parametrize("before", ["queued", "closed", "errored", "started", "nothing"])
def test_raises_if_its_stream_went_before_it_was_done(
    registry: StreamStateRegistry, quiet: QuietLoop, op: str, before: str
) -> None:
    stream = stream_in(registry, b"a", b"b")
    chunks = registry.chunks(stream)
    match before:
        case "queued":
            pass
        case "closed":
            registry.close(stream)
        case "errored":
            registry.error(stream, ValueError("boom"))
        case "started":
            assert look(chunks.__anext__()) == b"a"
        case _:
            taken(registry.pull(stream))
            taken(registry.pull(stream))
            registry.close(stream)
    gone(registry, stream, op)
    for _ in range(2):  # and never turns into an end
        with pytest.raises(StreamDeleted, match=r"^Stream deleted$"):
            result_of(quiet, collected(chunks))


@pytest.mark.parametrize("op", DELETES)
def test_raises_if_its_stream_goes_while_it_waits(
    registry: StreamStateRegistry, quiet: QuietLoop, op: str
) -> None:
    stream = registry.create()
    chunks = registry.chunks(stream)
    task = start(quiet, collected(chunks))
    gone(registry, stream, op)
    quiet.settle()
    assert isinstance(task.exception(), StreamDeleted)
    with pytest.raises(StreamDeleted):
        result_of(quiet, collected(chunks))


def test_brings_the_chunk_that_was_handed_before_the_delete(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    seen: list[bytes] = []
    task = start(quiet, collect_into(seen, registry.chunks(stream)))
    registry.push(stream, b"a")
    registry.delete(stream)
    quiet.settle()
    assert seen == [b"a"]
    assert isinstance(task.exception(), StreamDeleted)


def test_once_done_it_stays_done_whatever_becomes_of_the_stream(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    chunks = registry.chunks(stream)
    registry.close(stream)
    assert result_of(quiet, collected(chunks)) == []
    registry.delete(stream)
    assert result_of(quiet, collected(chunks)) == []


def test_done_while_it_waited_and_deleted_in_the_same_turn_is_an_end(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    task = start(quiet, collected(registry.chunks(stream)))
    registry.close(stream)
    registry.delete(stream)
    quiet.settle()
    assert task.result() == []


def test_raises_if_another_pull_takes_its_place(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = registry.create()
    task = start(quiet, collected(registry.chunks(stream)))
    pull = registry.pull(stream)
    quiet.settle()
    assert isinstance(task.exception(), PullSuperseded)
    registry.push(stream, b"a")
    assert taken(pull) == b"a"


def test_raises_if_it_is_refused(quiet: QuietLoop) -> None:
    registry = registry_with(overlapping_pull="refuse")
    stream = registry.create()
    pull = registry.pull(stream)
    with pytest.raises(PullRefused):
        result_of(quiet, collected(registry.chunks(stream)))
    pull.close()
