"""What it costs to find causes: `python -m tests.benchmarks.oracle --faults [SHARE]`.

Twenty faults alone, twenty pairs and five sets of six are planted in the JavaScript and, where it
is not compiled, the Python registry, as black boxes; with a share, so large a part of each. The
ratio is that of the CPU of a check that deviates to one of the same registry that conforms, in the
same run, the implementation's own included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from statistics import median
from typing import Final

from tests.benchmarks.registry import Row
from tests.faults.together import Told, told

_SETS: Final = ((1, 20, "one fault"), (2, 20, "two faults"), (6, 5, "six faults"))


def rows(share: float) -> Iterator[Row]:
    """A row for each size of set."""
    for size, sets, named in _SETS:
        sample = ceil(sets * share)
        yield row(f"{named}, {sample} times", list(told(size, sample, jobs=1)))


def row(name: str, found: Sequence[Told]) -> Row:
    """The ratios of those sets, and how long it took until the first program deviated."""
    ratios = [each.ratio for each in found]
    first = max(each.first for each in found)
    said = f"{median(ratios):.2f}, at most {max(ratios):.2f}"
    return f"a check of {name}; the first deviation after {first:.2f} s", said, "2 at most"
