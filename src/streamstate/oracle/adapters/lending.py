"""Lends memory to pushes, and overwrites it afterwards; overwrites what pulls brought, too, and
looks at it again. So a registry that keeps, shares or reuses memory shows: PUSH_8, PULL_13."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final, TypeAlias

from streamstate.model import PullId
from streamstate.wire.lent import BEFORE, BEHIND, written_into, written_over

Memory: TypeAlias = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Lent:
    """A lent chunk. `piece` is what is pushed; it lies in `memory` from `start` on, where its owner
    can write."""

    piece: Memory
    chunk: bytes
    memory: bytearray | None = None
    start: int = 0

    def write_over(self) -> None:
        """What the owner does with the memory once the push is done. O(length)."""
        memory, end = self.memory, self.start + len(self.chunk)
        if memory is not None and len(memory) >= end:  # unless the registry has cut it off
            memory[self.start : end] = written_over(self.chunk)


Lending: TypeAlias = Callable[[bytes], Lent]
"""A way to lend the memory of a chunk."""


def out_of_the_middle(chunk: bytes) -> Lent:
    """A view of the middle of more memory; in elements of two bytes if the length allows."""
    memory = bytearray(BEFORE + chunk + BEHIND)
    piece = memoryview(memory)[len(BEFORE) : len(BEFORE) + len(chunk)]
    in_pairs = chunk and len(chunk) % 2 == 0
    return Lent(piece.cast("H") if in_pairs else piece, chunk, memory, len(BEFORE))


def whole(chunk: bytes) -> Lent:
    """A bytearray of its own."""
    memory = bytearray(chunk)
    return Lent(memory, chunk, memory)


WAYS: Final[tuple[Lending, ...]] = (out_of_the_middle, whole)
"""The ways to lend memory that its owner may write to."""


def _immutable(chunk: bytes) -> Lent:
    return Lent(chunk, chunk)


def in_turn(ways: Sequence[Lending]) -> Iterator[Lending]:
    """How the chunks of one program are lent: in each of those ways in turn, and then as immutable
    bytes."""
    return cycle((*ways, _immutable))


class Held:
    """What the pulls of one program brought, where their awaiters can write."""

    def __init__(self) -> None:
        self._left: Final[dict[PullId, tuple[bytearray | memoryview, bytes]]] = {}

    def write_into(self, pull: PullId, result: object) -> None:
        """What the awaiter of a pull does with the chunk that it brought, if it can write there: to
        the result itself, or to its `value`. O(length)."""
        for memory in (result, _value_of(result)):
            if isinstance(memory, bytearray | memoryview):
                view = memoryview(memory)
                if not view.readonly and view.c_contiguous and view.nbytes:
                    written = view.cast("B")
                    written[:] = written_into(bytes(written[:1])) * view.nbytes
                    self._left[pull] = memory, bytes(written)

    def changed(self) -> Iterator[tuple[PullId, bytes]]:
        """The chunks that have changed since their awaiters wrote into them, each once.
        O(size)."""
        for pull, (memory, left) in tuple(self._left.items()):
            now = _bytes_of(memory)
            if now != left:
                del self._left[pull]
                yield pull, now


def _value_of(result: object) -> object:
    return result.get("value") if isinstance(result, Mapping) else getattr(result, "value", None)


def _bytes_of(memory: bytearray | memoryview) -> bytes:
    """The bytes that are there; none if the view was released."""
    try:
        return bytes(memory)
    except ValueError:
        return b""
