"""Queues of several libraries that differ in the names of their exceptions only."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

from tests.implementations.python.streams import (
    MAX_QUEUE_CHUNKS,
    STREAM_CLOSED,
    STREAM_DELETED,
    Rejection,
    Stream,
)

_Errors: TypeAlias = tuple[type[BaseException], ...]


class QueueThatShutsDown(Stream):
    """A queue with `shutdown`, as asyncio has it from Python 3.13 on."""

    refuses: ClassVar[_Errors]
    over: ClassVar[_Errors]

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def push(self, chunk: bytes) -> bool:
        try:
            self._queue.put_nowait(chunk)
        except self.refuses:
            return False
        return True

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = await self._queue.get()
        except self.over:
            return None
        return chunk

    def close(self) -> None:
        self._queue.shutdown()

    def is_full(self) -> bool:
        full: bool = self._queue.full()
        return full

    def delete(self) -> None:
        self._queue.shutdown(immediate=True)


class PutThatWaits(QueueThatShutsDown):
    """The same, of which pushes wait for room."""

    async def send(self, chunk: bytes) -> bool:
        try:
            await self._queue.put(chunk)
        except self.over:
            raise Rejection(STREAM_CLOSED) from None
        return True


class TwoEnds(Stream):
    """A channel with an end that sends and one that receives, as Trio has it."""

    refuses: ClassVar[_Errors]
    over: ClassVar[_Errors]
    gone: ClassVar[_Errors]

    def __init__(self, ends: tuple[Any, Any]) -> None:
        self._send, self._receive = ends

    def push(self, chunk: bytes) -> bool:
        try:
            self._send.send_nowait(chunk)
        except self.refuses:
            return False
        return True

    async def pull(self) -> bytes | None:
        try:
            chunk: bytes = await self._receive.receive()
        except self.over:
            return None
        except self.gone:
            raise Rejection(STREAM_DELETED) from None
        return chunk

    def close(self) -> None:
        self._send.close()

    def is_full(self) -> bool:
        full: bool = self._receive.statistics().current_buffer_used >= MAX_QUEUE_CHUNKS
        return full

    def delete(self) -> None:
        self._receive.close()


class TwoEndsThatWait(TwoEnds):
    """The same, of which pushes wait for room."""

    broken: ClassVar[_Errors]

    async def send(self, chunk: bytes) -> bool:
        try:
            await self._send.send(chunk)
        except self.broken:
            raise Rejection(STREAM_DELETED) from None
        except self.gone:
            raise Rejection(STREAM_CLOSED) from None
        return True

    def delete(self) -> None:
        super().delete()
        self._send.close()  # those that would send later are told, too
