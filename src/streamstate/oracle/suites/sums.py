"""Programs that show whether many sizes add up: ten or more chunks of odd lengths that make exactly
the limit.

A sum that is rounded on the way, or kept in kilobytes or pages, is right for one size or two, and
wrong for some ten sizes in one case of eight. So a program fills a queue to the limit by many
different sums, to one byte less, and again by the same sum in other parts, after some chunks came
and went.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import Final

from streamstate.model import HIGH_WATER_MARK
from streamstate.oracle.suites.building import CREATE, ONE, Ops

_SUMS: Final = 24
_FEWEST: Final = 10
_MOST: Final = 15


def sum_programs() -> Iterator[Ops]:
    """All programs of this suite, in a fixed order."""
    random = Random("sums")
    for number in range(_SUMS):
        count = _FEWEST + number % (_MOST + 1 - _FEWEST)
        yield _filled(_parts(HIGH_WATER_MARK, count, random), random)


def _parts(total: int, count: int, random: Random) -> list[int]:
    """So many sizes, most of them odd, that add up to the total."""
    least = 101
    cuts = sorted(random.sample(range(1, (total - count * least) // 2), count - 1))
    ends = [0, *(2 * cut for cut in cuts), total - count * least]
    return [least + after - before for before, after in pairwise(ends)]


def _filled(sizes: Sequence[int], random: Random) -> Ops:
    """Filled up to the limit, emptied by some and filled again: to one byte less, then to the
    limit, by a chunk that is one byte longer than the one it is put in for. The chunk that makes it
    full is long: after a single byte many a float is right again."""
    taken = random.randrange(2, len(sizes) - 2)
    again = _parts(sum(sizes[:taken]), taken, random)
    refilled = (*_pushes(again[:-1]), ONE.push(bytes(again[-1] - 1)), ONE.is_full)
    return (
        *(CREATE, *_pushes(sizes), ONE.is_full, *ONE.pulls(taken), ONE.is_full, *refilled),
        *(ONE.pull, ONE.push(bytes(sizes[taken] + 1)), ONE.is_full),
        *(*ONE.pulls(len(sizes) - taken), ONE.is_full, *ONE.pulls(taken + 1), ONE.is_full),
    )


def _pushes(sizes: Sequence[int]) -> Ops:
    return tuple(ONE.push(bytes([1 + place]) * size) for place, size in enumerate(sizes))
