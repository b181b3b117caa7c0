"""What the rows add up to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from streamstate.model import Rule
from tests.faults.fault import Fault, Mode
from tests.faults.judging import Judged
from tests.faults.rows import Row


@dataclass(frozen=True, slots=True)
class Asked:
    """A fault put before the oracle in one way; `judged` is None if it was not caught."""

    fault: Fault
    mode: Mode
    judged: Judged | None

    @property
    def right(self) -> bool:
        """Whether the rule named first is one whose code is wrong; or, where no program tells them
        apart, one of those that are named with it."""
        if self.judged is None:
            return False
        named = {Rule[name] for name in (self.judged.rule, *self.judged.or_else)}
        return bool(named & self.fault.causes)

    @property
    def undecided(self) -> bool:
        """Whether the one that is wrong is named second."""
        return self.right and Rule[self.judged.rule if self.judged else ""] not in self.fault.causes

    @property
    def listed(self) -> bool:
        """Whether it is seen at one of the rules listed for that."""
        return self.judged is not None and Rule[self.judged.seen_at] in self.fault.shown_at


def asked(faults: Mapping[str, Fault], rows: Mapping[str, Row]) -> Iterator[Asked]:
    """Every fault that has a row, in every way in which it was asked."""
    for key, row in rows.items():
        for mode, judged in row.items():
            yield Asked(faults[key], mode, judged)


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    of: int

    @property
    def ratio(self) -> float:
        """1.0 where all are."""
        return self.part / self.of if self.of else 1.0

    def __str__(self) -> str:
        return f"{self.part} of {self.of}" if self.of else "none asked"


@dataclass(frozen=True, slots=True)
class Sums:
    """The line of the summary for some faults. `over` is by how many ops each program reported is
    longer than the shortest known."""

    faults: int
    caught: Mapping[Mode, Share]
    right: Mapping[Mode, Share]
    listed: Share
    alone: Share
    over: tuple[int, ...]

    @property
    def mean_over(self) -> float:
        """In ops."""
        return sum(self.over) / len(self.over) if self.over else 0.0


def add_up(entries: Iterable[Asked]) -> Sums:
    """The sums of those. The share of what is named rightly is of what is caught."""
    every = tuple(entries)
    caught = tuple((each, each.judged) for each in every if each.judged is not None)
    with_list = tuple(each for each, _ in caught if each.fault.shown_at)
    return Sums(
        faults=len({each.fault.key for each in every}),
        caught={mode: _share(every, mode) for mode in Mode},
        right={mode: _right(tuple(each for each, _ in caught), mode) for mode in Mode},
        listed=Share(sum(each.listed for each in with_list), len(with_list)),
        alone=Share(sum(judged.deviations == 1 for _, judged in caught), len(caught)),
        over=tuple(judged.length - judged.shortest for _, judged in caught),
    )


def _share(entries: tuple[Asked, ...], mode: Mode) -> Share:
    of = [each for each in entries if each.mode is mode]
    return Share(sum(each.judged is not None for each in of), len(of))


def _right(caught: tuple[Asked, ...], mode: Mode) -> Share:
    of = [each for each in caught if each.mode is mode]
    return Share(sum(each.right for each in of), len(of))


WANTED: Final = 0.9
"""The share of faults of which the rule is to be named rightly, at least."""
