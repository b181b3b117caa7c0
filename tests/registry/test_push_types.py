"""What `push` takes: anything bytes-like, copied unless it is immutable, and nothing else."""

from __future__ import annotations

import mmap
from array import array
from ctypes import c_ubyte
from io import BytesIO
from typing import Any

import pytest

from streamstate import StreamStateRegistry
from tests.registry.support import queue, stream_in, taken, view


class Bytes(bytes):
    """A subclass, which may carry anything."""


def released() -> memoryview:
    released = memoryview(b"abc")
    released.release()
    return released


LIKE_BYTES: dict[str, tuple[Any, bytes]] = {
    "bytes": (b"abc", b"abc"),
    "a subclass": (Bytes(b"abc"), b"abc"),
    "bytearray": (bytearray(b"abc"), b"abc"),
    "memoryview": (memoryview(b"abc"), b"abc"),
    "a slice": (memoryview(b"abcdef")[1:4], b"bcd"),
    "every second": (memoryview(b"abcdef")[::2], b"ace"),
    "backwards": (memoryview(b"abcdef")[::-1], b"fedcba"),
    "items of two bytes": (memoryview(bytearray(b"abcd")).cast("H"), b"abcd"),
    "two dimensions": (memoryview(b"abcd").cast("B", (2, 2)), b"abcd"),
    "no bytes at all": (memoryview(b""), b""),
    "array": (array("I", [1, 2]), array("I", [1, 2]).tobytes()),
    "ctypes": ((c_ubyte * 3)(1, 2, 3), b"\1\2\3"),
    "BytesIO": (BytesIO(b"abc").getbuffer(), b"abc"),
}


@pytest.mark.parametrize(("chunk", "expected"), LIKE_BYTES.values(), ids=LIKE_BYTES)
def test_anything_bytes_like_is_taken_as_bytes(
    registry: StreamStateRegistry, chunk: Any, expected: bytes
) -> None:
    stream = registry.create()
    assert registry.push(stream, chunk) is True
    shown = view(registry, stream)
    assert (shown.queue, shown.queue_size) == ((expected,), len(expected))
    brought = taken(registry.pull(stream))
    assert (type(brought), brought) == (bytes, expected)


def test_a_chunk_that_is_handed_over_is_bytes_as_well(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    registry.push(stream, bytearray(b"abc"))
    assert type(taken(pull)) is bytes


@pytest.mark.parametrize("handed", [False, True])
def test_later_changes_of_a_buffer_do_not_show(registry: StreamStateRegistry, handed: bool) -> None:
    stream = registry.create()
    pull = registry.pull(stream) if handed else None
    buffer = bytearray(b"abc")
    registry.push(stream, memoryview(buffer)[:2])
    buffer[:] = b"xyz"
    buffer.clear()  # nothing holds on to it
    assert taken(pull or registry.pull(stream)) == b"ab"


def test_a_mapped_file_is_let_go(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    with mmap.mmap(-1, 8) as mapped:
        mapped[:3] = b"abc"
        registry.push(stream, memoryview(mapped)[:3])
    assert queue(registry, stream) == (b"abc",)


def test_bytes_are_not_copied(registry: StreamStateRegistry) -> None:
    chunk = bytes(100)
    assert taken(registry.pull(stream_in(registry, chunk))) is chunk


@pytest.mark.parametrize(
    "chunk",
    ["text", 7, None, [1, 2], (1,), 1.5, object(), bytes],
    ids=lambda chunk: type(chunk).__name__,
)
def test_anything_else_is_a_type_error_and_changes_nothing(
    registry: StreamStateRegistry, chunk: Any
) -> None:
    stream = registry.create()
    pull = registry.pull(stream)
    before = view(registry, stream).snapshot()
    with pytest.raises(TypeError, match=f"^chunk must be bytes-like, not {type(chunk).__name__}$"):
        registry.push(stream, chunk)
    assert view(registry, stream).snapshot() == before
    with pytest.raises(TypeError):
        registry.push(99, chunk)
    pull.close()


def test_a_released_view_is_a_type_error_and_changes_nothing(
    registry: StreamStateRegistry,
) -> None:
    stream = registry.create()
    for each in (stream, 99):
        with pytest.raises(
            TypeError, match=r"^chunk must be bytes-like, not a released memoryview$"
        ):
            registry.push(each, released())
    assert queue(registry, stream) == ()
