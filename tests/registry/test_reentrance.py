"""What a listener may do while somebody iterates."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from streamstate import StreamDeleted, StreamStateRegistry
from streamstate.model import CancelPull, Effect, Op, Pull, Seen
from streamstate.registry import ChunkIterator
from tests.quiet import QuietLoop
from tests.registry.support import look, queue, result_of, stream_in

LOCKSTEP = pytest.mark.parametrize("lockstep", [False, True])


class Once:
    """A listener that does `reaction` the first time that it is told of an op of this kind."""

    def __init__(self, kind: type[Op], reaction: Callable[[], object]) -> None:
        self.kind: type[Op] | None = kind
        self.reaction = reaction

    def __call__(self, op: Op, _effects: tuple[Effect, ...]) -> None:
        if self.kind is not None and isinstance(op, self.kind):
            self.kind = None
            self.reaction()


@LOCKSTEP
@pytest.mark.parametrize("asked_in", [Pull, Seen], ids=["the pull", "the look"])
def test_an_iterator_asked_again_by_a_listener_brings_every_chunk(
    asked_in: type[Op], lockstep: bool
) -> None:
    seen: list[bytes] = []
    chunks: ChunkIterator

    def ask() -> None:
        seen.append(look(chunks.__anext__()))

    registry = StreamStateRegistry(listener=Once(asked_in, ask), lockstep=lockstep)
    chunks = registry.chunks(stream_in(registry, b"a", b"b", b"c"))
    ask()
    assert seen == [b"b", b"a"]  # the listener is through before whoever it heard of
    ask()
    assert seen == [b"b", b"a", b"c"]


@LOCKSTEP
def test_an_iterator_asked_again_by_a_listener_that_raises_keeps_its_chunk(lockstep: bool) -> None:
    seen: list[bytes] = []
    chunks: ChunkIterator

    def ask_and_raise() -> None:
        seen.append(look(chunks.__anext__()))
        raise KeyError

    registry = StreamStateRegistry(listener=Once(Seen, ask_and_raise), lockstep=lockstep)
    stream = stream_in(registry, b"a", b"b")
    chunks = registry.chunks(stream)
    with pytest.raises(KeyError):
        look(chunks.__anext__())
    assert seen == [b"b"]
    assert queue(registry, stream) == (b"a",)


def test_a_stream_that_goes_as_its_iterator_is_asked_is_no_end(quiet: QuietLoop) -> None:
    registry: StreamStateRegistry
    registry = StreamStateRegistry(listener=Once(CancelPull, lambda: registry.delete(stream)))
    stream = registry.create()
    chunks = registry.chunks(stream)
    dropped = [registry.pull(registry.create())]
    dropped.clear()  # which the next op tells the listener of
    with pytest.raises(StreamDeleted):
        result_of(quiet, collected(chunks))


async def collected(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]
