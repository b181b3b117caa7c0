"""How the results of pulls and views of streams are read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streamstate import Chunk, Done
from streamstate.model import Create, Get
from streamstate.oracle.adapters.convention import chunk_or_end, message_or_end
from streamstate.testing import Convention, Factory, UnreadableError, assert_conforms
from tests.testing.simple import Delivery, SimpleRegistry
from tests.thorough import one_in


class PullsPlainly(SimpleRegistry):
    """Gives the chunk itself, which nobody can wait for."""

    def pull(self, stream: int) -> Any:
        return super().pull(stream).result(timeout=0) if stream == 1 else Delivery()


class GivesUp(SimpleRegistry):
    """Raises what asyncio uses for itself."""

    def create(self) -> int:
        raise asyncio.CancelledError


class Fails(SimpleRegistry):
    """Cannot be made a second time."""

    made_so_far = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).made_so_far += 1
        if self.made_so_far > 6:  # two drivers see what it takes, with three each
            raise OSError("no more handles")


class SaysOne(SimpleRegistry):
    """Returns what is equal to true and is not true."""

    def push(self, stream: int, chunk: bytes) -> Any:
        return {1} if super().push(stream, chunk) else 0


@pytest.mark.parametrize(
    ("factory", "program", "observed"),
    one_in(
        2,
        [
            (
                PullsPlainly,
                '[["create"],["push",1,"AQ=="],["pull",1]]',
                ", which cannot be awaited'",
            ),
            (GivesUp, '[["create"]]', "throws 'CancelledError'"),
            (Fails, '[["create"]]', "the adapter failed: 'no more handles'"),
            (SaysOne, '[["create"],["push",1,"AQ=="]]', 'returns "set {1}"'),
        ],
    ),
)
def test_what_cannot_be_is_a_deviation_in_clear_words(
    factory: Factory, program: str, observed: str
) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_conforms(factory, programs=[program])
    assert observed in str(caught.value)


@pytest.mark.parametrize(
    ("result", "chunk"),
    [
        (b"a", b"a"),
        (bytearray(b"a"), b"a"),
        (memoryview(b"a"), b"a"),
        (b"", b""),
        (None, None),
        (Chunk(b"a"), b"a"),
        (Done(), None),
        (Done, None),
        ({"value": b"a", "done": False}, b"a"),
        ({"value": None, "done": True}, None),
        ({"done": True}, None),
    ],
)
def test_what_pulls_bring_is_read(result: object, chunk: bytes | None) -> None:
    assert chunk_or_end(result) == chunk


@pytest.mark.parametrize("result", [3, "a", {}, {"value": 3}, object(), True])
def test_what_pulls_cannot_bring_is_refused(result: object) -> None:
    with pytest.raises(UnreadableError, match="neither a chunk nor the end"):
        chunk_or_end(result)


def test_what_pulls_raise_is_read() -> None:
    assert message_or_end(KeyError("gone")) == "gone"
    assert message_or_end(OSError(2, "no file")) == "[Errno 2] no file"
    assert message_or_end(RuntimeError()) == ""
    assert message_or_end(StopAsyncIteration()) is None


def test_a_convention_that_fails_is_a_deviation() -> None:
    def no_reading(_error: BaseException) -> str:
        raise LookupError("no such word")

    with pytest.raises(AssertionError, match="unreadable: no such word"):
        assert_conforms(
            SimpleRegistry,
            convention=Convention(rejection=no_reading),
            programs=['[["create"],["pull",1],["delete",1]]'],
        )


class Blurred(SimpleRegistry):
    """Shows a queue that is none."""

    def get(self, stream: int) -> dict[str, object] | None:
        return {"queue": 3} if stream in self.streams else None


class Withdrawn(SimpleRegistry):
    """Never comes to show anything."""

    async def get(self, _stream: int) -> None:
        await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    ("factory", "shown"),
    [(Blurred, "the queue that get shows is 3, not chunks"), (Withdrawn, "it has not returned")],
)
def test_a_view_that_shows_nothing_is_a_deviation(factory: Factory, shown: str) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_conforms(factory, programs=[(Create(), Get(1))])
    assert shown in " ".join(str(caught.value).split())
