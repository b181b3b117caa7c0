"""A small asyncio registry in the dialect `reference+push_when_full=wait`: a push to a full stream
waits for room, and may be given up by cancelling its task."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

Pull: TypeAlias = "asyncio.Future[bytes | None]"


@dataclass
class Offer:
    """A push that waits: its chunk, and what tells its task that there is room, or never will
    be."""

    chunk: bytes
    room: asyncio.Future[None]


@dataclass
class Stream:
    high_water_mark: int
    max_queue_chunks: int
    queue: deque[bytes] = field(default_factory=deque)
    offers: deque[Offer] = field(default_factory=deque)
    closed: bool = False
    error: Exception | None = None
    waiting: Pull | None = None

    @property
    def size(self) -> int:
        return sum(map(len, self.queue))

    @property
    def full(self) -> bool:
        return self.size >= self.high_water_mark or len(self.queue) >= self.max_queue_chunks

    def settle(self, chunk: bytes | None = None, error: Exception | None = None) -> bool:
        """Settle the pull that waits. Whether there was one."""
        pull, self.waiting = self.waiting, None
        if pull is None or pull.done():
            return False
        if error is None:
            pull.set_result(chunk)
        else:
            pull.set_exception(error)
        return True

    def admit(self) -> None:
        """Let in pushes that wait, oldest first, as long as there is room."""
        while self.offers and not self.full:
            offer = self.offers.popleft()
            if not offer.room.done():  # else it was given up
                self.queue.append(offer.chunk)
                offer.room.set_result(None)

    def meet(self) -> bytes | None:
        """Take the chunk of the oldest push that waits, if one does."""
        waiting = [offer for offer in self.offers if not offer.room.done()]
        if not waiting:
            return None
        self.offers.remove(waiting[0])
        waiting[0].room.set_result(None)
        return waiting[0].chunk

    def turn_away(self, error: Exception) -> None:
        """End the wait of every push, oldest first."""
        while self.offers:
            room = self.offers.popleft().room
            if not room.done():
                room.set_exception(error)


@dataclass(frozen=True)
class View:
    queue: tuple[bytes, ...]
    queue_size: int
    closed: bool
    errored: bool
    pull_waiting: bool
    error_value: Exception | None


class Registry:
    def __init__(self, high_water_mark: int = 65_536, max_queue_chunks: int = 16) -> None:
        self.limits = high_water_mark, max_queue_chunks
        self.created = 0
        self.streams: dict[int, Stream] = {}

    def create(self) -> int:
        self.created += 1
        self.streams[self.created] = Stream(*self.limits)
        return self.created

    async def push(self, number: int, chunk: bytes) -> bool:
        stream = self.streams.get(number)
        if stream is None or stream.closed or stream.error is not None:
            return False
        own = bytes(chunk)
        if stream.settle(own):
            return True
        if not stream.full:
            stream.queue.append(own)
            return True
        offer = Offer(own, asyncio.get_running_loop().create_future())
        stream.offers.append(offer)
        try:
            await offer.room
        except asyncio.CancelledError:
            if not offer.room.cancelled():  # it was let in before: it stays sent
                return True
            if offer in stream.offers:
                stream.offers.remove(offer)
            raise
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
            stream.admit()
        elif (met := stream.meet()) is not None:
            pull.set_result(met)
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
            stream.turn_away(Exception("Stream closed"))

    def error(self, number: int, error: Exception) -> None:
        stream = self.streams.get(number)
        if stream is not None:
            stream.error = error
            stream.settle(error=error)
            stream.turn_away(error)

    def is_queue_full(self, number: int) -> bool:
        stream = self.streams.get(number)
        return stream is None or (stream.waiting is None and stream.full)

    def get(self, number: int) -> View | None:
        stream = self.streams.get(number)
        if stream is None:
            return None
        return View(
            queue=tuple(stream.queue),
            queue_size=stream.size,
            closed=stream.closed,
            errored=stream.error is not None,
            pull_waiting=stream.waiting is not None,
            error_value=stream.error,
        )

    def delete(self, number: int) -> None:
        stream = self.streams.pop(number, None)
        if stream is not None:
            stream.settle(error=Exception("Stream deleted"))
            stream.turn_away(Exception("Stream deleted"))

    def clear(self) -> None:
        for number in tuple(self.streams):
            self.delete(number)
