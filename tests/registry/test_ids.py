"""What is no number of a stream is a mistake of the caller, and not a stream that is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamstate import Chunk, StreamStateRegistry
from tests.quiet import QuietLoop
from tests.registry.support import DONE, result_of, stream_in

OPS: dict[str, Callable[[StreamStateRegistry, Any], object]] = {
    "get": lambda registry, stream: registry.get(stream),
    "push": lambda registry, stream: registry.push(stream, b"a"),
    "pull": lambda registry, stream: registry.pull(stream),
    "close": lambda registry, stream: registry.close(stream),
    "error": lambda registry, stream: registry.error(stream, "boom"),
    "is_queue_full": lambda registry, stream: registry.is_queue_full(stream),
    "delete": lambda registry, stream: registry.delete(stream),
    "chunks": lambda registry, stream: registry.chunks(stream),
    "writable": lambda registry, stream: registry.writable(stream).send(None),
    "writer": lambda registry, stream: registry.writer(stream),
    "reader": lambda registry, stream: registry.reader(stream),
}

by_op = pytest.mark.parametrize("op", OPS.values(), ids=OPS)


@by_op
@pytest.mark.parametrize("stream", ["1", None, 2.5, b"1", object], ids=repr)
def test_an_id_of_another_type_is_named(
    registry: StreamStateRegistry, op: Callable[..., object], stream: object
) -> None:
    stream_in(registry, b"a")
    with pytest.raises(TypeError) as raised:
        op(registry, stream)
    assert str(raised.value) == f"stream must be an int, not {stream!r}"
    assert registry.get(1) is not None


@by_op
def test_one_that_cannot_be_looked_up_is_a_type_error_too(
    registry: StreamStateRegistry, op: Callable[..., object]
) -> None:
    with pytest.raises(TypeError, match=r"list|stream must be an int, not \[1\]"):
        op(registry, [1])


class Number:
    """An integer to whoever asks, as those of other libraries are."""

    def __index__(self) -> int:
        return 7


@pytest.mark.parametrize("stream", [0, -1, 7, 2**70, True, Number()])
def test_an_int_that_no_stream_has_is_a_stream_that_is_gone(
    registry: StreamStateRegistry, quiet: QuietLoop, stream: int
) -> None:
    assert registry.push(stream, b"a") is False
    assert registry.is_queue_full(stream) is True
    assert registry.get(stream) is None
    assert result_of(quiet, registry.pull(stream)) == DONE
    assert result_of(quiet, registry.writable(stream)) is False


def test_what_equals_the_number_of_a_stream_is_that_number(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream_in(registry, b"a")
    assert result_of(quiet, registry.pull(True)) == Chunk(b"a")
