"""What the compiled build has in C instead, in `native.pyx`; neither decides anything.

`ChunkQueue` holds the queued chunks of a stream. `here` is the number of the calling thread.
"""

from asyncio import Future
from collections import deque
from collections.abc import Callable, Generator
from operator import itemgetter
from threading import get_ident as here
from typing import Any, Final, NoReturn, TypeAlias

from streamstate.model import Chunk

ChunkQueue: TypeAlias = deque[bytes]

oldest: Final[Callable[[ChunkQueue], bytes]] = itemgetter(0)
"""The next chunk of a queue that is not empty."""


CALLED: Final = "StreamStateRegistry.pull"


class Awaited:
    """What is awaited as the object that it is, and not through a generator."""

    __slots__ = ()

    @property
    def __name__(self) -> str:
        """What tasks show of what they run."""
        return CALLED

    def wait_on(self) -> Future[None] | None:
        """Begin, or go on: what there is to wait for, or None if `result` can be had."""
        raise NotImplementedError

    def result(self) -> object:
        """What the `await` returns. Raises what it raises."""
        raise NotImplementedError


def awaited_through(kind: type[Awaited], steps: Callable[[Any], Generator[Any, Any, Any]]) -> None:
    """Have `await` go through these steps: to the interpreter they cost less than an object that
    is its own iterator, and in C it is the other way round."""
    kind.__await__ = steps  # type: ignore[attr-defined]  # a class takes it


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


__all__ = [
    "Awaited",
    "ChunkQueue",
    "awaited_through",
    "chunk_of",
    "here",
    "oldest",
    "stop_with",
]
