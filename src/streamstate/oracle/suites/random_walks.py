"""Long random programs, the same for the same seed.

Each program has its own mix of ops (most leave some out), so that rare situations are not washed
out by the average.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from random import Random
from typing import Final

from streamstate.model import Op, Push
from streamstate.oracle.programs.program import Program, Symbol, symbol
from streamstate.oracle.suites.building import CLEAR, CREATE, On

_LENGTHS: Final = (15, 20, 25, 30, 40, 60)
_BIG: Final = (bytes(20_000), b"\x01" * 32_768, b"\x02" * 65_535)
_KINDS: Final = ("push", "pull", "close", "error", "is_queue_full", "delete", "create", "clear")
_USUAL: Final = (30, 30, 4, 4, 8, 4, 6, 1)
_ALL_KINDS: Final = (*_KINDS, "get")
_CREATE: Final = symbol(CREATE)


def random_walks(seed: int, count: int, *, get: bool) -> Iterator[Program]:
    """`count` programs; `get` says whether they may look into streams."""
    random = Random(seed)
    for _ in range(count):
        mix = _Mix(random, get=get)
        yield (_CREATE, *(mix.draw() for _ in range(1, random.choice(_LENGTHS))))


class _Mix:
    """What the ops of one program are drawn from, once it has made a stream."""

    __slots__ = ("_big", "_given", "_made", "_random", "_shares", "_streams")

    def __init__(self, random: Random, *, get: bool) -> None:
        weights = [
            usual if kind in {"push", "pull"} else usual * random.choice((0, 0, 1, 3))
            for kind, usual in zip(_KINDS, _USUAL, strict=True)
        ]
        # Some programs mostly push, so that queues fill, and some mostly pull, so that pulls
        # overlap.
        weights[random.randrange(2)] *= random.choice((1, 2, 5))
        looks = random.choice((0, 10)) if get else 0
        self._random: Final = random.random
        self._shares: Final = tuple(accumulate((*weights, looks)))
        self._streams: Final = random.choice((1, 1, 2, 3, 6))
        self._big: Final = random.random() < 0.05
        self._given: Final = [1] * (self._streams + 2)
        """For each stream the number of the next chunk or message that it is given, so that no two
        are alike."""
        self._made = 1

    def draw(self) -> Symbol:
        """The next op."""
        random = self._random
        kind = _ALL_KINDS[bisect_right(self._shares, random() * self._shares[-1])]
        if kind == "create":
            if self._made < self._streams:
                self._made += 1
                return _CREATE
            kind = "push"  # enough streams are made: one of them gets something to do
        # One op in ten may go to the stream that would come next, which is unknown.
        stream = 1 + int(random() * (self._made + (random() >= 0.9)))
        number = self._given[stream]
        self._given[stream] += kind in {"push", "error"}
        if kind == "push" and random() < 0.1:
            return self._unusual_push(stream)
        return _symbol(kind, stream, number if kind in {"push", "error"} else 0)

    def _unusual_push(self, stream: int) -> Symbol:
        big = self._big and self._random() < 0.5
        return symbol(Push(stream, _BIG[int(self._random() * len(_BIG))] if big else b""))


@cache
def _symbol(kind: str, stream: int, number: int) -> Symbol:
    on = On(stream)
    ops: dict[str, Op] = {
        "push": on.push(bytes([stream, number])),
        "error": on.error(f"e{stream}.{number}"),
        "pull": on.pull,
        "close": on.close,
        "is_queue_full": on.is_full,
        "delete": on.delete,
        "clear": CLEAR,
        "get": on.get,
    }
    return symbol(ops[kind])
