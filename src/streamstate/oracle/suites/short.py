"""All short programs over small alphabets.

A family is an alphabet for each place in a program, and its programs are all ways to choose. Each
push has a chunk of its own and each error a message of its own, so that no two can be confused; a
family's programs all have its full length, since each holds its own beginnings. Then comes the
same ending for all of them, in which a difference that was made has to show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from streamstate.model import Clear, Close, Create, Delete, Error, Get, IsQueueFull, Op, Pull, Push
from streamstate.oracle.programs.program import Program, program_of


@dataclass(frozen=True, slots=True)
class Family:
    """Programs `prefix` + one op of each alphabet + `suffix`."""

    name: str
    prefix: tuple[Op, ...]
    alphabets: tuple[tuple[Op, ...], ...]
    suffix: tuple[Op, ...]

    def programs(self) -> Iterator[Program]:
        """All of them, neighbours beginning alike."""
        prefix, suffix = program_of(self.prefix), program_of(self.suffix)
        for middle in product(*map(program_of, self.alphabets)):
            yield prefix + middle + suffix

    def watched(self, streams: int) -> Family:
        """The same with `get` of that many streams after each op of the prefix and the middle."""
        looks = tuple((Get(stream),) for stream in range(1, streams + 1))
        alphabets: list[tuple[Op, ...]] = []
        for alphabet in (*((op,) for op in self.prefix), *self.alphabets):
            alphabets += [alphabet, *looks]
        return Family(f"{self.name}, watched", (), tuple(alphabets), self.suffix)


def _chunk(place: int) -> bytes:
    return bytes([place])


def _one_stream(place: int) -> tuple[Op, ...]:
    return (
        Push(1, _chunk(place)),
        Push(1, b""),
        Pull(1),
        Close(1),
        Error(1, f"e{place}"),
        IsQueueFull(1),
        Delete(1),
        Clear(),
    )


def _two_streams(place: int) -> tuple[Op, ...]:
    each = (
        (
            Push(stream, _chunk(16 * stream + place)),
            Pull(stream),
            Close(stream),
            Error(stream, f"e{stream}{place}"),
            IsQueueFull(stream),
            Delete(stream),
        )
        for stream in (1, 2)
    )
    return (Create(), Clear(), *(op for ops in each for op in ops))


_END_OF_ONE: Final = (IsQueueFull(1), Pull(1), Pull(1), Close(1), Pull(1))
_END_OF_TWO: Final = (IsQueueFull(1), IsQueueFull(2), Pull(2), Pull(1), Pull(2), Pull(1), Clear())


def _family(
    name: str,
    prefix: tuple[Op, ...],
    alphabet: Callable[[int], tuple[Op, ...]],
    length: int,
    suffix: tuple[Op, ...],
) -> Family:
    alphabets = tuple(alphabet(place) for place in range(1, length + 1))
    return Family(name, prefix, alphabets, suffix)


_CREATED: Final = (Create(),)
_TWO_CREATED: Final = (Create(), Create())

BLACK_BOX: Final = (
    _family("one stream", _CREATED, _one_stream, 4, _END_OF_ONE),
    _family("nothing made yet", (), _two_streams, 3, _END_OF_TWO),
)
"""Families for every implementation."""

WITH_GET: Final = (
    _family("one stream", _CREATED, _one_stream, 3, _END_OF_ONE).watched(1),
    _family("two streams", _TWO_CREATED, _two_streams, 2, _END_OF_TWO).watched(2),
)
"""Families for implementations that show their streams."""
