"""Whether what the process holds stays level: objects, blocks of memory, and bytes.

A leak grows with every round, and what else moves the levels does not. So of the rounds after the
warm-up the lowest of the last third is compared with the highest of the first third: what still
lies between the two has come to stay. It is a leak if it is more than some late cache and, for each
round that lies between the two, one object, one block or one page. A round is thousands of ops.
"""

from __future__ import annotations

import gc
import sys
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

WARM_UP: Final = 5
"""One round in so many warms up, but 10 at least: caches fill, and pools of threads."""

FEWEST: Final = 9
"""Rounds after the warm-up that a comparison needs."""

_STATM: Final = Path("/proc/self/statm")
PAGE: Final = 4096


def resident() -> int:
    """Bytes of the process in memory; 0 where the system does not say."""
    return int(_STATM.read_text().split()[1]) * PAGE if _STATM.exists() else 0


@dataclass(slots=True)
class Series:
    """One measure, round by round. `slack` may come to stay at any time, and `unit` in a round."""

    name: str
    slack: int
    unit: int
    values: array[int] = field(default_factory=lambda: array("q"))

    @property
    def settled(self) -> array[int]:
        """The values after the warm-up."""
        return self.values[max(len(self.values) // WARM_UP, 10) :]

    @property
    def third(self) -> int:
        """How many rounds lie between what is compared."""
        return len(self.settled) // 3

    @property
    def first(self) -> array[int]:
        return self.settled[: self.third]

    @property
    def last(self) -> array[int]:
        return self.settled[-self.third :]

    def leaks(self) -> bool:
        """Whether more has come to stay than may."""
        return min(self.last) - max(self.first) > self.slack + self.unit * self.third

    def __str__(self) -> str:
        return (
            f"{self.name}: {min(self.first):,} to {max(self.first):,} in the first third,"
            f" {min(self.last):,} to {max(self.last):,} in the last"
        )


class Levels:
    """What is held at the end of every round."""

    def __init__(self) -> None:
        self.objects = Series("objects", 50, 1)
        self.blocks = Series("blocks", 300, 1)
        self.resident = Series("resident bytes", 1 << 20, PAGE)

    @property
    def series(self) -> tuple[Series, ...]:
        return self.objects, self.blocks, self.resident

    @property
    def rounds(self) -> int:
        return len(self.objects.values)

    @property
    def enough(self) -> bool:
        """Whether there is something to compare."""
        return len(self.objects.settled) >= FEWEST

    def measure(self) -> None:
        """One round is over."""
        gc.collect()
        self.objects.values.append(len(gc.get_objects()))
        self.blocks.values.append(sys.getallocatedblocks())
        self.resident.values.append(resident())

    def leaks(self) -> list[str]:
        """Every measure of which too much has come to stay."""
        return [f"leak of {series}" for series in self.series if series.leaks()]
