"""The plan: which programs are run, in which order. The same dialect, capabilities and seed always
give the same plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, count
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Limits
from streamstate.oracle.implementation import Request
from streamstate.oracle.machine import Machine, Word, word
from streamstate.oracle.plan.random_walks import random_walks
from streamstate.oracle.plan.short import BLACK_BOX, WITH_GET, WITH_LIMITS, Family
from streamstate.oracle.plan.structured import structured_programs

DEFAULT_SEED: Final = 1
SINGLE: Final = "single program"
RANDOM_PROGRAMS: Final = 2_000


class Suite(NamedTuple):
    """Programs of one kind. `says` is one line for the report on what they are."""

    name: str
    says: str
    programs: Iterator[Word]
    limits: Limits | None = None


Planner: TypeAlias = Callable[[Machine, Collection[str], int], Iterable[Suite]]
"""Makes the suites for an implementation, as `suites` does."""


def suites(
    machine: Machine, capabilities: Collection[str] = (), seed: int = DEFAULT_SEED
) -> Iterator[Suite]:
    """The suites of the default plan for an implementation with those capabilities.

    `machine` is the dialect's, with the default limits; the random programs walk along it.
    """
    families = chain(
        WITH_GET if "get" in capabilities else (),
        WITH_LIMITS if "limits" in capabilities else (),
        BLACK_BOX,
    )
    yield Suite("structured", "long programs with a shape", map(word, structured_programs()))
    for family in families:
        yield Suite(family.name, _describe(family), family.programs(), family.limits)
    walks = random_walks(machine, seed, RANDOM_PROGRAMS, get="get" in capabilities)
    yield Suite("random", f"random programs of seed {seed}", walks)


def only(program: Word) -> Planner:
    """A plan of one program."""
    suite = Suite(SINGLE, "the program that was asked for", iter((program,)))
    return lambda _machine, _capabilities, _seed: (suite,)


def _describe(family: Family) -> str:
    places = sum(len(alphabet) > 1 for alphabet in family.alphabets)
    letters = max(len(alphabet) for alphabet in family.alphabets)
    return f"all programs of {places} ops, {letters} to choose from at each place"


def requests(planned: Iterable[Suite]) -> Iterator[Request]:
    """The programs of all suites in turn, numbered from 1."""
    numbers = count(1)
    for suite in planned:
        for program in suite.programs:
            yield Request(next(numbers), program, suite.limits, suite.name)
