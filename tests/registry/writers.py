"""Tasks that write to a stream that is full, and that read from it."""

from __future__ import annotations

from streamstate import Chunk, Limits, StreamStateRegistry
from tests.registry.support import stream_in

TWO = Limits(max_queue_chunks=2)


def blocked(registry: StreamStateRegistry) -> int:
    return stream_in(registry, b"a", b"b")


async def write(registry: StreamStateRegistry, stream: int, chunk: bytes) -> bool:
    told = await registry.writable(stream)
    if told:
        registry.push(stream, chunk)
    return told


async def go_on_writing(registry: StreamStateRegistry, stream: int, chunk: bytes) -> None:
    while await write(registry, stream, chunk):
        pass


async def read(registry: StreamStateRegistry, stream: int, number: int) -> list[bytes]:
    seen: list[bytes] = []
    while len(seen) < number:
        result = await registry.pull(stream)
        assert isinstance(result, Chunk)
        seen.append(result.value)
    return seen
