"""All short programs over small alphabets.

A family is an alphabet for each place in a program, and its programs are all ways to choose. Each
push has a chunk of its own and each error a message of its own, so that no two can be confused; a
family's programs all have its full length, since each holds its own beginnings. Then comes the
same ending for all of them, in which a difference that was made has to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from streamstate.model import Get
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.building import CLEAR, CREATE, ONE, TWO, On, Ops, numbered


@dataclass(frozen=True, slots=True)
class Family:
    """Programs of one op of each alphabet, and `suffix`."""

    name: str
    alphabets: tuple[Ops, ...]
    suffix: Ops

    @property
    def says(self) -> str:
        """The family in words, for the report."""
        places = sum(len(alphabet) > 1 for alphabet in self.alphabets)
        symbols = max(map(len, self.alphabets))
        return f"all programs of {places} ops, {symbols} to choose from at each place"

    def programs(self) -> Iterator[Program]:
        """All programs of the family; neighbours begin alike."""
        suffix = program_of(self.suffix)
        for chosen in product(*map(program_of, self.alphabets)):
            yield chosen + suffix

    def watched(self, streams: int) -> Family:
        """The program with a `get` of that many streams after each op."""
        looks = tuple((Get(stream),) for stream in range(1, streams + 1))
        alphabets = (each for alphabet in self.alphabets for each in (alphabet, *looks))
        return Family(f"{self.name}, watched", tuple(alphabets), self.suffix)


def _one_stream(place: int) -> Ops:
    push, *others = ONE.traffic(place)
    return (push, ONE.push(b""), *others, ONE.is_full, ONE.delete, CLEAR)


def _two_streams(place: int) -> Ops:
    return (CREATE, CLEAR, *_each(ONE, place), *_each(TWO, place))


def _each(on: On, place: int) -> Ops:
    push, error = on.push(bytes([16 * on.number + place])), on.error(f"e{on.number}{place}")
    return (push, on.pull, on.close, error, on.is_full, on.delete)


_END_OF_ONE: Final = (ONE.is_full, ONE.pull, ONE.pull, ONE.close, ONE.pull)
_END_OF_TWO: Final = (ONE.is_full, TWO.is_full, *(TWO.pull, ONE.pull) * 2, CLEAR)


def _one(length: int) -> Family:
    alphabets = map(_one_stream, range(1, length + 1))
    return Family("one stream", ((CREATE,), *alphabets), _END_OF_ONE)


def _two(name: str, made: int, length: int) -> Family:
    alphabets = map(_two_streams, range(1, length + 1))
    return Family(name, (*((CREATE,),) * made, *alphabets), _END_OF_TWO)


BLACK_BOX: Final = (_one(4), _two("nothing made yet", 0, 3))
"""Families for every implementation."""

WITH_GET: Final = (_one(3).watched(1), _two("two streams", 2, 2).watched(2))
"""Families for implementations that show their streams."""


def _limited(place: int) -> Ops:
    return (ONE.push(numbered(place)), ONE.push(bytes([place]) * 2), ONE.pull)


LIMITED: Final = Family(
    "one stream, small limits",
    ((CREATE,), *map(_limited, range(1, 6))),
    (ONE.is_full, *ONE.watched(ONE.pushes(2, first=6))),
)
"""For implementations whose limits can be chosen, with small ones: whatever comes and goes, in the
end a stream is filled up. What is counted wrongly shows after fewer ops than with the usual limits,
and what each op adds to it needs more states than the complete suite for small limits allows."""
