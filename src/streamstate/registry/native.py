"""What the compiled build has in C instead, in `native.pyx`; neither decides anything.

`ChunkQueue` holds the queued chunks of a stream. `here` is the number of the calling thread.
"""

from asyncio import Future
from collections import deque
from collections.abc import Callable
from operator import itemgetter
from threading import get_ident as here
from typing import Final, NoReturn, TypeAlias

from streamstate.model import Chunk

ChunkQueue: TypeAlias = deque[bytes]

oldest: Final[Callable[[ChunkQueue], bytes]] = itemgetter(0)
"""The next chunk of a queue that is not empty."""

AWAITED_IN_C: Final = False
"""Whether awaiting an object of C costs less than a generator of the interpreter."""


class Awaited:
    """What is awaited as the object that it is, and not through a generator."""

    __slots__ = ()

    def wait_on(self) -> Future[None] | None:
        """Begin, or go on: what there is to wait for, or None if `result` can be had."""
        raise NotImplementedError

    def result(self) -> object:
        """What the `await` returns. Raises what it raises."""
        raise NotImplementedError


def sent_to(kind: type[Awaited]) -> None:
    """Have `await` ask an object of this type for its result without a `StopIteration`: nothing
    that Python could do."""


def stop_with(result: object) -> NoReturn:
    """Have the `raise StopIteration` that follows bring this result."""
    raise StopIteration(result)


# To make a chunk in these two steps takes half as long as the call of a frozen dataclass.
_new: Final = Chunk.__new__
_set_value: Final = Chunk.__dict__["value"].__set__


def chunk_of(value: bytes) -> Chunk:
    """`Chunk(value)`, faster."""
    chunk = _new(Chunk)
    _set_value(chunk, value)
    return chunk


__all__ = ["AWAITED_IN_C", "Awaited", "ChunkQueue", "chunk_of", "here", "oldest", "sent_to", "stop_with"]
