"""Several faults at once: whether the oracle tells each of them, and what that costs."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter
from typing import Final

from streamstate.model import REFERENCE
from streamstate.oracle.adapters.garbage import COLLECTIONS
from streamstate.oracle.adapters.implementation import Opener, Reply
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.hypotheses.evidence import ordinary_programs
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.tally import Example
from tests.faults.parts import Composable, Part, composables

SEED: Final = 14
_ATTEMPTS: Final = 3
"""Conforming runs of each registry, of which the least counts."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of a set of faults: those of which no rule was named, the deviations, by how
    much more CPU it took than a run that conforms, that of the implementation included, and after
    how many seconds the first program deviated."""

    faults: tuple[str, ...]
    hidden: tuple[str, ...]
    deviations: tuple[str, ...]
    ratio: float
    first: float = 0.0

    @property
    def surplus(self) -> int:
        """Deviations beyond the number of faults."""
        return max(0, len(self.deviations) - len(self.faults))

    def __str__(self) -> str:
        """One line."""
        hidden = f"; not told: {', '.join(self.hidden)}" if self.hidden else ""
        said = ", ".join(self.deviations)
        return f"{' + '.join(self.faults)}: {said} ({self.ratio:.1f} x){hidden}"


def measure(size: int, sample: int, jobs: int) -> Iterator[str]:
    """Lines of a report on so many sets of so many faults."""
    found: list[Told] = []
    for each in told(size, sample, jobs):
        found.append(each)
        yield f"{len(found)}/{sample} {each}"
    yield from summary(found)


def told(size: int, sample: int, jobs: int) -> Iterator[Told]:
    """What is said of so many sets of so many faults, in any order."""
    names = [each.name for each in composables()]
    alone = {name: conforming(name) for name in names}
    with get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        sets = [(names[number % len(names)], size, number) for number in range(sample)]
        yield from pool.imap_unordered(_told, [(*each, alone[each[0]]) for each in sets], 1)


def summary(found: Sequence[Told]) -> Iterator[str]:
    """What they add up to."""
    every, ratios = len(found), [each.ratio for each in found]
    whole = sum(not each.hidden for each in found)
    faults, hidden = (sum(map(len, sets)) for sets in zip(*map(_faults, found), strict=True))
    yield f"every fault told: {whole} of {every} sets; {faults - hidden} of {faults} faults"
    yield f"deviations beyond the faults: {sum(each.surplus for each in found) / every:.2f} a run"
    yield f"CPU of a conforming run: median {median(ratios):.1f} x, most {max(ratios):.1f} x"


def _faults(told: Told) -> tuple[Sequence[str], Sequence[str]]:
    return told.faults, told.hidden


def _registry(name: str) -> Composable:
    return next(each for each in composables() if each.name == name)


@cache
def conforming(name: str) -> float:
    """The least seconds of CPU of some checks of that registry as it is, each in a process of its
    own."""
    with get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return min(pool.map(_alone, [name] * _ATTEMPTS, 1))


def _alone(name: str) -> float:
    """Seconds of CPU for that registry as it is."""
    with _registry(name).plant(()) as opener:
        return _checked(opener, _Watch())[1]


def _told(asked: tuple[str, int, int, float]) -> Told:
    name, size, number, alone = asked
    composable = _registry(name)
    parts = _independent(composable, size, number)
    with composable.plant(parts) as opener:
        watch = _Watch()
        deviations, seconds = _checked(opener, watch)
    named = [{each.rule, *each.or_else, *each.same_at} for each in deviations]
    hidden = (part.key for part in parts if not any(part.causes & each for each in named))
    keys = tuple(part.key for part in parts)
    said = tuple(each.rule.name for each in deviations)
    return Told(keys, tuple(hidden), said, seconds / alone, watch.seconds)


class _Watch:
    """Notes when the first program deviated."""

    def __init__(self) -> None:
        self._started: Final = perf_counter()
        self.seconds = 0.0

    def count(self, programs: int, deviating: int) -> None:
        """How many there are does not matter."""

    def first(self, _example: Example) -> None:
        """That is when."""
        self.seconds = perf_counter() - self._started


def _checked(opener: Opener, watch: _Watch) -> tuple[tuple[Deviation, ...], float]:
    """The deviations, and the seconds of CPU that they took."""
    gc.set_threshold(*COLLECTIONS)  # as the command line does
    before = _cpu()
    verdict = check(opener, REFERENCE, progress=watch)
    if verdict.tally.broken is not None:
        raise ValueError(verdict.tally.broken.message)
    return verdict.deviations, _cpu() - before


def _cpu() -> float:
    """Seconds of this process, and of those it has ended."""
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _independent(composable: Composable, size: int, number: int) -> tuple[Part, ...]:
    """Set `number` of a registry: faults each of which changes answers in the presence of the
    others. What another one hides altogether nobody could tell."""
    random = Random(f"{SEED} {composable.name} {size} {number}")
    while True:
        parts = composable.drawn(random, size)
        every = _answers(composable, parts)
        others = (tuple(each for each in parts if each is not part) for part in parts)
        if all(_answers(composable, rest) != every for rest in others):
            return parts


def _answers(composable: Composable, parts: Sequence[Part]) -> Sequence[Reply | None]:
    with composable.plant(parts) as opener:
        runner = Runner(opener, REFERENCE, CachedModels())
        try:
            return [*runner.replies(ordinary_programs(get=False))]
        finally:
            runner.close()
