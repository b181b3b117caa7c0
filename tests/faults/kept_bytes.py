"""Faults of how a registry counts bytes: budgets that all streams share, and sums of odd sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from tests.implementations.python.my_registry import Pull, Registry, Stream


class DeletedBytes(Registry):
    """All queues share 1 MiB, and a delete does not pay back what its stream has queued."""

    budget: ClassVar = 1 << 20
    lost = 0

    def push(self, number: int, chunk: bytes) -> bool:
        return self.lost < self.budget and super().push(number, chunk)

    def delete(self, number: int) -> None:
        stream = self.streams.get(number)
        self.lost += 0 if stream is None else self.kept(stream)
        super().delete(number)

    def kept(self, stream: Stream) -> int:
        """What a delete of that stream does not pay back."""
        return sum(map(len, stream.queue))


class DeletedBytesOfMany(DeletedBytes):
    """They share 4 MiB less one byte."""

    budget = (1 << 22) - 1


class ErroredBytes(DeletedBytes):
    """Those of streams that have failed alone are not paid back."""

    def kept(self, stream: Stream) -> int:
        return 0 if stream.error is None else super().kept(stream)


class Kilobytes(Registry):
    """The size of a queue is kept in kilobytes, as a float."""

    limit: ClassVar[float] = 65.536

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[int, float] = {}

    def size(self, chunk: bytes) -> float:
        """What a chunk adds to that, and takes away again."""
        return len(chunk) / 1_000

    def push(self, number: int, chunk: bytes) -> bool:
        stream = self.streams.get(number)
        queued = 0 if stream is None else len(stream.queue)
        taken = super().push(number, chunk)
        if stream is not None and len(stream.queue) > queued:
            self.sizes[number] = self.sizes.get(number, 0) + self.size(stream.queue[-1])
        return taken

    def pull(self, number: int) -> Pull:
        stream = self.streams.get(number)
        if stream is not None and stream.queue and stream.error is None:
            self.sizes[number] -= self.size(stream.queue[0])
        return super().pull(number)

    def is_queue_full(self, number: int) -> bool:
        stream = self.streams.get(number)
        enough = self.sizes.get(number, 0) >= self.limit
        return stream is None or len(stream.queue) >= 16 or enough


class WholeWords(Kilobytes):
    """Of each chunk only whole words of four bytes count."""

    limit = 65_536

    def size(self, chunk: bytes) -> float:
        return len(chunk) // 4 * 4


class AlignedChunks(Kilobytes):
    """Each chunk counts with what fills it up to a multiple of eight bytes."""

    limit = 65_536

    def size(self, chunk: bytes) -> float:
        return -(-len(chunk) // 8) * 8


class Characters(Kilobytes):
    """The size of a chunk that is text is how many characters it has."""

    limit = 65_536

    def size(self, chunk: bytes) -> float:
        return len(chunk.decode(errors="surrogateescape"))


class LineEnds(Kilobytes):
    """A line end of two bytes counts as one."""

    limit = 65_536

    def size(self, chunk: bytes) -> float:
        return len(chunk.replace(b"\r\n", b"\n"))


class TrueChunks(Kilobytes):
    """A chunk that is the digit zero counts as nothing, as it is false as text."""

    limit = 65_536

    def size(self, chunk: bytes) -> float:
        return 0 if chunk == b"0" else len(chunk)


_PUSH: Final = "PUSH_4 PUSH_5 PUSH_6"
_SIZE: Final = "IS_QUEUE_FULL_2 IS_QUEUE_FULL_3 PUSH_5 PUSH_6"


def byte_faults() -> Iterator[tuple[type[Registry], str]]:
    """Each with the rules that are wrong."""
    yield DeletedBytes, f"{_PUSH} DELETE_2 CLEAR_1 CLEAR_2"
    yield DeletedBytesOfMany, f"{_PUSH} DELETE_2 CLEAR_1 CLEAR_2"
    yield ErroredBytes, f"{_PUSH} DELETE_2 CLEAR_1 CLEAR_2"
    for each in (Kilobytes, WholeWords, AlignedChunks, Characters, LineEnds, TrueChunks):
        yield each, _SIZE
