"""The plan: which programs are run, in which order. The same dialect, capabilities and seed always
give the same plan.

Programs with a shape come first, the short ones before the long: few, and there is little that they
do not touch, so that what is wrong shows at once. Then come all short programs, and those that go
far beyond the limits: an adapter still has short ones to do while these are made. Then come the
complete suites, which say what they cannot miss (`suites.complete`), and in the end random
programs, for what nobody thought of. Programs with cancels come before the complete suites, where
an adapter offers them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Limits, Op
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, filled, program_of
from streamstate.oracle.suites.byte_counts import byte_count_programs
from streamstate.oracle.suites.cancelling import cancelling_programs
from streamstate.oracle.suites.chunk_counts import chunk_count_programs
from streamstate.oracle.suites.complete import CompleteSuite, abstractions
from streamstate.oracle.suites.large import large_programs
from streamstate.oracle.suites.lives import life_programs, watched_life_programs
from streamstate.oracle.suites.neighbours import neighbour_programs
from streamstate.oracle.suites.random_cancels import random_cancels
from streamstate.oracle.suites.random_walks import random_walks
from streamstate.oracle.suites.short import BLACK_BOX, WITH_GET, Family
from streamstate.oracle.suites.structured import structured_programs
from streamstate.oracle.verdict.verdict import SINGLE, WHOLE, Shard

DEFAULT_SEED: Final = 1
RANDOM_PROGRAMS: Final = 2_000
RANDOM_WITH_CANCELS: Final = 500


class Suite(NamedTuple):
    """Programs of one kind. `says` is one line for the report on what they are; `complete` is what
    there is to claim of them, if anything."""

    name: str
    says: str
    programs: Iterator[Program]
    limits: Limits | None = None
    complete: CompleteSuite | None = None


Planner: TypeAlias = Callable[[CachedModel, Collection[str], int], Iterable[Suite]]
"""Makes the suites for an implementation, as `suites` does."""


def default_plan(
    model: CachedModel,
    capabilities: Collection[str] = (),
    seed: int = DEFAULT_SEED,
    extra_states: int = 0,
) -> Iterator[Suite]:
    """The suites of the default plan for an implementation with those capabilities. Where `fill` is
    one of them, big uniform chunks are written as fills.

    `machine` is the dialect's, with the default limits; programs are made along it. Each complete
    suite allows for at least `extra_states` extra states, or for more where it does so by default.
    """
    planned = _suites(model, capabilities, seed, extra_states)
    yield from map(_filled, planned) if "fill" in capabilities else planned


def _filled(suite: Suite) -> Suite:
    return suite._replace(programs=(tuple(map(filled, program)) for program in suite.programs))


def _suites(
    model: CachedModel, capabilities: Collection[str], seed: int, extra_states: int
) -> Iterator[Suite]:
    shaped = _by_length(
        structured_programs, byte_count_programs, chunk_count_programs, neighbour_programs
    )
    yield Suite("structured", "programs with a shape, most of them long", shaped)
    for family in (*(WITH_GET if "get" in capabilities else ()), *BLACK_BOX):
        yield Suite(family.name, _describe(family), family.programs())
    yield Suite("lives", "streams led through their lives", _by_length(life_programs))
    if "get" in capabilities:
        watched = _by_length(watched_life_programs)
        yield Suite("lives, watched", "the smaller lives, looked into after each op", watched)
    yield Suite("large", "programs far beyond the limits", _by_length(large_programs))
    if "cancel" in capabilities:
        says = "pulls given up, with and without quiet before"
        cancelling = cancelling_programs(model, get="get" in capabilities)
        yield Suite("cancelling", says, cancelling)
    for abstraction in abstractions(capabilities):
        allowed = max(extra_states, abstraction.extra_states)
        complete = CompleteSuite(abstraction, model, allowed)
        name = f"complete: {abstraction.name}"
        yield Suite(name, abstraction.says, complete.programs(), abstraction.limits, complete)
    get = "get" in capabilities
    walks = random_walks(model, seed, RANDOM_PROGRAMS, get=get)
    yield Suite("random", f"random programs of seed {seed}", walks)
    if "cancel" in capabilities:
        cancels = random_cancels(model, seed, RANDOM_WITH_CANCELS, get=get)
        yield Suite("random cancels", f"random programs of seed {seed} with cancels", cancels)


class PlanError(ValueError):
    """What is asked for cannot be run on the implementation."""


def only(program: Program, limits: Limits | None = None) -> Planner:
    """A plan of one program, with those limits (None: those of the implementation).

    Used on an implementation that takes no limits where some are given it raises `PlanError`.
    """

    def planner(
        _machine: CachedModel, capabilities: Collection[str], _seed: int
    ) -> Iterator[Suite]:
        if limits is not None and "limits" not in capabilities:
            raise PlanError("the adapter does not offer limits, so the program cannot have any")
        suite = Suite(SINGLE, "the program that was asked for", iter((program,)), limits)
        yield _filled(suite) if "fill" in capabilities else suite

    return planner


def _by_length(*shapes: Callable[[], Iterator[tuple[Op, ...]]]) -> Iterator[Program]:
    yield from map(program_of, sorted((each for shape in shapes for each in shape()), key=len))


def _describe(family: Family) -> str:
    places = sum(len(alphabet) > 1 for alphabet in family.alphabets)
    symbols = max(len(alphabet) for alphabet in family.alphabets)
    return f"all programs of {places} ops, {symbols} to choose from at each place"


def requests(planned: Iterable[Suite], shard: Shard = WHOLE) -> Iterator[Request]:
    """The programs of all suites in turn, those that belong to `shard`. A program has the same
    number, counted from 1, in every shard."""
    number = 0
    for suite in planned:
        for program in suite.programs:
            number += 1
            if number % shard.of == shard.number % shard.of:
                yield Request(number, program, suite.limits, suite.name)
