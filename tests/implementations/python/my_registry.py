"""A small stream state registry in Python, in the dialect `reference`, beside which the Python
starter is tried. Its ops are sync; those of `AsyncRegistry` are async."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

Pull = asyncio.Future[bytes | None]


@dataclass
class Stream:
    queue: deque[bytes] = field(default_factory=deque)
    closed: bool = False
    error: Exception | None = None
    waiting: Pull | None = None

    def settle(self, chunk: bytes | None = None, error: Exception | None = None) -> bool:
        """Settle the waiting pull. Whether there was one."""
        pull, self.waiting = self.waiting, None
        if pull is None or pull.done():
            return False
        if error is None:
            pull.set_result(chunk)
        else:
            pull.set_exception(error)
        return True


@dataclass(frozen=True)
class View:
    queue: tuple[bytes, ...]
    queue_size: int
    closed: bool
    errored: bool
    pull_waiting: bool
    error: Exception | None


class Registry:
    def __init__(self) -> None:
        self.created = 0
        self.streams: dict[int, Stream] = {}

    def create(self) -> int:
        self.created += 1
        self.streams[self.created] = Stream()
        return self.created

    def push(self, number: int, chunk: bytes) -> bool:
        stream = self.streams.get(number)
        if stream is None or stream.closed or stream.error is not None:
            return False
        own = bytes(chunk)
        if not stream.settle(own):
            stream.queue.append(own)
        return True

    def pull(self, number: int) -> Pull:
        pull: Pull = asyncio.get_running_loop().create_future()
        stream = self.streams.get(number)
        if stream is None:
            pull.set_result(None)
        elif stream.error is not None:
            pull.set_exception(stream.error)
        elif stream.queue:
            pull.set_result(stream.queue.popleft())
        elif stream.closed:
            pull.set_result(None)
        else:
            stream.settle(error=Exception("Pull superseded"))
            stream.waiting = pull
        return pull

    def close(self, number: int) -> None:
        stream = self.streams.get(number)
        if stream is not None:
            stream.closed = True
            stream.settle()

    def error(self, number: int, error: Exception) -> None:
        stream = self.streams.get(number)
        if stream is not None:
            stream.error = error
            stream.settle(error=error)

    def is_queue_full(self, number: int) -> bool:
        stream = self.streams.get(number)
        return stream is None or len(stream.queue) >= 16 or sum(map(len, stream.queue)) >= 65_536

    def get(self, number: int) -> View | None:
        stream = self.streams.get(number)
        if stream is None:
            return None
        return View(
            queue=tuple(stream.queue),
            queue_size=sum(map(len, stream.queue)),
            closed=stream.closed,
            errored=stream.error is not None,
            pull_waiting=stream.waiting is not None,
            error=stream.error,
        )

    def delete(self, number: int) -> None:
        stream = self.streams.pop(number, None)
        if stream is not None:
            stream.settle(error=Exception("Stream deleted"))

    def clear(self) -> None:
        for number in tuple(self.streams):
            self.delete(number)


class LimitedRegistry(Registry):
    """The same with limits of its own."""

    def __init__(self, high_water_mark: int = 65_536, max_queue_chunks: int = 16) -> None:
        super().__init__()
        self.full_at = high_water_mark, max_queue_chunks

    def is_queue_full(self, number: int) -> bool:
        stream = self.streams.get(number)
        if stream is None:
            return True
        size, chunks = self.full_at
        return sum(map(len, stream.queue)) >= size or len(stream.queue) >= chunks


class AsyncRegistry:
    def __init__(self, high_water_mark: int = 65_536, max_queue_chunks: int = 16) -> None:
        self.registry = LimitedRegistry(high_water_mark, max_queue_chunks)

    async def create(self) -> int:
        return self.registry.create()

    async def push(self, number: int, chunk: bytes) -> bool:
        await asyncio.sleep(0)
        return self.registry.push(number, chunk)

    async def pull(self, number: int) -> bytes | None:
        return await self.registry.pull(number)

    async def close(self, number: int) -> None:
        self.registry.close(number)

    async def error(self, number: int, error: Exception) -> None:
        self.registry.error(number, error)

    async def is_queue_full(self, number: int) -> bool:
        return self.registry.is_queue_full(number)

    def get(self, number: int) -> View | None:
        return self.registry.get(number)

    async def delete(self, number: int) -> None:
        self.registry.delete(number)

    async def clear(self) -> None:
        self.registry.clear()
