"""A small registry without asyncio: deques, and futures of the threads' kind. It is right, and it
shares nothing with the model; the classes after it each have one fault."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, Literal

Delivery = Future["bytes | None"]


class StreamGoneError(Exception):
    """The stream of a pull was deleted."""


class Stream:
    """A stream. `waiting` is None but while a pull waits."""

    def __init__(self) -> None:
        self.chunks: deque[bytes] = deque()
        self.size = 0
        self.closed = False
        self.failure: Exception | None = None
        self.waiting: Delivery | None = None

    def settle(self, how: Callable[[Delivery], None]) -> None:
        """Settle the pull that waits, if one does."""
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            how(waiting)


class SimpleRegistry:
    """Chunks or None come out of its pulls. No limits can be set and there is no get."""

    high_water_mark = 65_536
    max_chunks = 16

    def __init__(self) -> None:
        self.streams: Final[dict[int, Stream]] = {}
        self.made = 0

    def create(self) -> int:
        self.made += 1
        self.streams[self.made] = Stream()
        return self.made

    def push(self, stream: int, chunk: bytes) -> bool:
        known = self.streams.get(stream)
        if known is None or known.closed or known.failure is not None:
            return False
        own = bytes(chunk)
        if known.waiting is not None:
            known.settle(lambda waiting: waiting.set_result(own))
        else:
            known.chunks.append(own)
            known.size += len(own)
        return True

    def pull(self, stream: int) -> Delivery:
        delivery = Delivery()
        known = self.streams.get(stream)
        if known is None:
            delivery.set_result(None)
        elif known.failure is not None:
            delivery.set_exception(known.failure)
        elif known.chunks:
            delivery.set_result(self.take(known))
        elif known.closed:
            delivery.set_result(None)
        else:
            known.settle(lambda waiting: waiting.set_exception(LookupError("Pull superseded")))
            known.waiting = delivery
        return delivery

    def take(self, known: Stream) -> bytes:
        chunk = known.chunks.popleft()
        known.size -= len(chunk)
        return chunk

    def close(self, stream: int) -> None:
        known = self.streams.get(stream)
        if known is not None:
            known.closed = True
            known.settle(lambda waiting: waiting.set_result(None))

    def error(self, stream: int, error_value: Exception) -> None:
        known = self.streams.get(stream)
        if known is not None:
            known.failure = error_value
            known.settle(lambda waiting: waiting.set_exception(error_value))

    def is_queue_full(self, stream: int) -> bool:
        known = self.streams.get(stream)
        if known is None:
            return True
        return len(known.chunks) >= self.max_chunks or known.size >= self.high_water_mark

    def delete(self, stream: int) -> None:
        known = self.streams.pop(stream, None)
        if known is not None:
            known.settle(lambda waiting: waiting.set_exception(StreamGoneError("Stream deleted")))

    def clear(self) -> None:
        for stream in list(self.streams):
            self.delete(stream)


class NewestFirst(SimpleRegistry):
    """PULL_2."""

    def take(self, known: Stream) -> bytes:
        chunk = known.chunks.pop()
        known.size -= len(chunk)
        return chunk


class CloseForgets(SimpleRegistry):
    """CLOSE_2."""

    def close(self, stream: int) -> None:
        known = self.streams.get(stream)
        if known is not None:
            known.closed = True


class FullLate(SimpleRegistry):
    """IS_QUEUE_FULL_2."""

    max_chunks = 17


class DeleteForgets(SimpleRegistry):
    """DELETE_3."""

    def delete(self, stream: int) -> None:
        self.streams.pop(stream, None)


class CountsAnew(SimpleRegistry):
    """CREATE_1, and CLEAR_1 for whoever can tell."""

    def clear(self) -> None:
        super().clear()
        self.made = 0


class PushesAfterTheEnd(SimpleRegistry):
    """PUSH_2."""

    def push(self, stream: int, chunk: bytes) -> bool:
        known = self.streams.get(stream)
        if known is not None and known.closed and known.failure is None:
            known.chunks.append(bytes(chunk))
            return True
        return super().push(stream, chunk)


class PullRaises(SimpleRegistry):
    """PULL_6: it raises where it is called, so a task made of it is never made."""

    def pull(self, stream: int) -> Delivery:
        known = self.streams.get(stream)
        if known is not None and known.failure is not None:
            raise known.failure
        return super().pull(stream)


class Complains(SimpleRegistry):
    """PUSH_1."""

    def push(self, stream: int, chunk: bytes) -> bool:
        if stream not in self.streams:
            raise KeyError(stream)
        return super().push(stream, chunk)


class CloseAnswers(SimpleRegistry):
    """CLOSE_1 or any other close: nothing is to be returned."""

    def close(self, stream: int) -> Literal[True]:  # type: ignore[override]  # the fault
        super().close(stream)
        return True


class BringsLengths(SimpleRegistry):
    """PULL_2: what it brings can be read in no way."""

    def take(self, known: Stream) -> Any:
        return len(super().take(known))


class CopiesTooLate(SimpleRegistry):
    """PUSH_8: what is pushed is kept as it is, and copied when it is taken."""

    def push(self, stream: int, chunk: bytes) -> bool:
        known = self.streams.get(stream)
        if known is None or known.closed or known.failure is not None or known.waiting is not None:
            return super().push(stream, chunk)
        known.chunks.append(chunk)
        known.size += memoryview(chunk).nbytes
        return True

    def take(self, known: Stream) -> bytes:
        chunk = known.chunks.popleft()
        known.size -= memoryview(chunk).nbytes
        return bytes(chunk)


class SharesMemory(SimpleRegistry):
    """PULL_13: a pull is handed the bytearray that is kept for all chunks that are alike."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[bytes, Any] = {}

    def take(self, known: Stream) -> Any:
        chunk = super().take(known)
        return self.known.setdefault(chunk, bytearray(chunk))
