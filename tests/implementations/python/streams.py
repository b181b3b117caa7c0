"""What an adapter knows of a library: a stream made of it, and the table of their numbers.

The libraries have queues, not registries. So the table, with its numbers, its unknown streams and
its `clear`, is made here and the same for all; what is tested is the library behind each number.
"""

from __future__ import annotations

from typing import Final

STREAM_DELETED: Final = "Stream deleted"
STREAM_CLOSED: Final = "Stream closed"
PULL_REFUSED: Final = "Pull refused"

HIGH_WATER_MARK: Final = 65_536
MAX_QUEUE_CHUNKS: Final = 16

NO_BYTES: Final = 2**53 - 1
"""The limit of bytes of a queue that counts chunks only."""


class Rejection(Exception):  # what happened to the pull
    """The library refused a pull in words of its own; the message is the wire's for that."""


class Stream:
    """One queue of a library. Where its own word says the same, the wire's word is given instead;
    what it does is left as it is. What it has nothing for is not overridden, and so is lacking."""

    def push(self, chunk: bytes, /) -> bool:
        """Whether the chunk was accepted, without waiting for room."""
        raise NotImplementedError

    async def send(self, chunk: bytes, /) -> bool:
        """The same, waiting for room. Where this is there, no push is asked for."""
        raise NotImplementedError

    async def pull(self) -> bytes | None:
        """The next chunk, or None at the end. Raises what the pull is rejected with."""
        raise NotImplementedError

    def close(self) -> None:
        """No more chunks will come."""
        raise NotImplementedError

    def error(self, value: Exception, /) -> None:
        """The stream broke."""
        raise NotImplementedError

    def is_full(self) -> bool:
        """Whether the library would have its producer wait."""
        raise NotImplementedError

    def delete(self) -> None:
        """The table forgets the stream after this, whatever is told to those who wait on it."""


_OPTIONAL: Final = {"close": "close", "error": "error", "is_full": "is_queue_full"}


def lacks(stream: type[Stream]) -> list[str]:
    """The ops of the wire that such a stream has nothing like."""
    return [op for name, op in _OPTIONAL.items() if getattr(stream, name) is getattr(Stream, name)]


def sends(stream: type[Stream]) -> bool:
    """Whether pushes on such a stream wait."""
    return stream.send is not Stream.send


class Table:
    """Streams by number: 1, 2, 3 …, never used twice. Unknown numbers are legal everywhere."""

    def __init__(self, factory: type[Stream]) -> None:
        self._factory: Final = factory
        self._streams: Final[dict[int, Stream]] = {}
        self._created = 0

    def create(self) -> int:
        self._created += 1
        self._streams[self._created] = self._factory()
        return self._created

    def find(self, number: int) -> Stream | None:
        return self._streams.get(number)

    def delete(self, number: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is not None:
            stream.delete()

    def clear(self) -> None:
        for number in tuple(self._streams):
            self.delete(number)
