"""Long random programs, the same for the same seed.

Each program has its own mix of ops (most leave some out), so that rare situations are not washed
out by the average. Of two ops that could come next, the one whose rule has fired less often in
this plan so far is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
)
from streamstate.oracle.machine import Letter, Machine, Word, letter

_LENGTHS: Final = (15, 20, 25, 30, 40, 60)
_BIG: Final = (bytes(20_000), b"\x01" * 32_768, b"\x02" * 65_535)
_KINDS: Final = ("push", "pull", "close", "error", "is_queue_full", "delete", "create", "clear")
_USUAL: Final = (30, 30, 4, 4, 8, 4, 6, 1)


def random_walks(machine: Machine, seed: int, count: int, *, get: bool) -> Iterator[Word]:
    """`count` programs; `get` says whether they may look into streams."""
    random = Random(seed)
    fired: dict[int, int] = {}
    for _ in range(count):
        mix = _mix(random, get=get)
        node = machine.root
        letters: list[Letter] = []
        for place in range(random.choice(_LENGTHS)):
            first, second = (mix.draw(random, node.state.next_stream, place) for _ in range(2))
            chosen, link = first, machine.link(node, first)
            if second is not first:
                other = machine.link(node, second)
                if fired.get(other.bit, 0) < fired.get(link.bit, 0):
                    chosen, link = second, other
            fired[link.bit] = fired.get(link.bit, 0) + 1
            letters.append(chosen)
            node = link.target
        yield tuple(letters)


@dataclass(frozen=True, slots=True)
class _Mix:
    """What the ops of one program are drawn from."""

    kinds: tuple[str, ...]
    weights: tuple[int, ...]
    streams: int
    """Beyond so many, no more streams are made: ops that wanted to go to one already there."""
    big: bool

    def draw(self, random: Random, next_stream: int, place: int) -> Letter:
        """An op for that place of a program in which the next stream would get that number."""
        if next_stream == 1 and place == 0:
            return letter(Create())
        (kind,) = random.choices(self.kinds, self.weights)
        return letter(self._op(random, kind, next_stream, place))

    def _op(self, random: Random, kind: str, next_stream: int, place: int) -> Op:
        stream = random.randint(1, next_stream - (random.random() < 0.9))
        match kind:
            case "create" if next_stream <= self.streams:
                return Create()
            case "push" | "create":
                return Push(stream, self._chunk(random, place))
            case "pull":
                return Pull(stream)
            case "close":
                return Close(stream)
            case "error":
                return Error(stream, f"e{place}")
            case "is_queue_full":
                return IsQueueFull(stream)
            case "delete":
                return Delete(stream)
            case "get":
                return Get(stream)
            case _:
                return Clear()

    def _chunk(self, random: Random, place: int) -> bytes:
        if self.big and random.random() < 0.05:
            return random.choice(_BIG)
        return b"" if random.random() < 0.05 else bytes([place])


def _mix(random: Random, *, get: bool) -> _Mix:
    weights = [
        usual if kind in {"push", "pull"} else usual * random.choice((0, 0, 1, 3))
        for kind, usual in zip(_KINDS, _USUAL, strict=True)
    ]
    # Some programs mostly push, so that queues fill, and some mostly pull, so that pulls overlap.
    weights[random.randrange(2)] *= random.choice((1, 2, 5))
    looks = random.choice((0, 10)) if get else 0
    return _Mix(
        kinds=(*_KINDS, "get"),
        weights=(*weights, looks),
        streams=random.choice((1, 1, 2, 3, 6)),
        big=random.random() < 0.05,
    )
