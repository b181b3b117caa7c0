"""The plan: which programs run, and in which order. The same dialect, capabilities and seed always
give the same plan.

Programs with a shape come first, short ones before long ones: they are few and touch nearly
everything, so that a fault shows at once. Then come all short programs, and those that go far
beyond the limits: an adapter is still busy with short ones while these are made. Then come the
complete suites, which say what they cannot miss (`suites.complete`), and last random programs, for
what nobody thought of. If an adapter offers cancels, programs with cancels come before the complete
suites.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, partial
from heapq import merge
from itertools import count, groupby, repeat
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Limits, pushes_wait
from streamstate.oracle.adapters.implementation import Request
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, filled, program_of
from streamstate.oracle.suites.building import Ops
from streamstate.oracle.suites.cancelling import cancelling_programs
from streamstate.oracle.suites.complete import SMALL_LIMITS, CompleteSuite, Spelt, abstractions
from streamstate.oracle.suites.complete.waiting import TWO_CHUNKS, abstractions_with_pushes
from streamstate.oracle.suites.counts import byte_count_programs, chunk_count_programs
from streamstate.oracle.suites.high_numbers import high_number_programs
from streamstate.oracle.suites.interference import interference_programs
from streamstate.oracle.suites.lifecycles import lifecycle_programs, watched_lifecycle_programs
from streamstate.oracle.suites.many_lives import many_lives
from streamstate.oracle.suites.other_limits import OTHER_LIMITS
from streamstate.oracle.suites.random_cancels import random_cancels
from streamstate.oracle.suites.random_pushes import random_pushes
from streamstate.oracle.suites.random_walks import random_walks
from streamstate.oracle.suites.rings import ring_programs
from streamstate.oracle.suites.rule_graph import rule_graph
from streamstate.oracle.suites.sequences import sequence_programs
from streamstate.oracle.suites.short import BLACK_BOX, LIMITED, WITH_GET
from streamstate.oracle.suites.side_by_side import side_by_side_programs
from streamstate.oracle.suites.structured import structured_programs
from streamstate.oracle.suites.sums import sum_programs
from streamstate.oracle.suites.volume import volume_programs
from streamstate.oracle.suites.waiting_pushes import burst_programs, shaped_programs, short_programs
from streamstate.oracle.verdict.verdict import SINGLE, WHOLE, Shard

DEFAULT_SEED: Final = 1
"""The seed of the random programs, unless another is asked for."""

RANDOM_PROGRAMS: Final = 1_250
"""They are long, and no fault of the tables shows in them first."""

RANDOM_WITH_CANCELS: Final = 500
RANDOM_WITH_PUSHES: Final = 500


class Suite(NamedTuple):
    """Programs of one kind. `says` describes them in one line, for the report; `complete` is the
    claim of a complete suite, if it is one. Adjacent suites that are `interleaved` run at the same
    time, the short programs of all before the long ones."""

    name: str
    says: str
    programs: Iterator[Program]
    limits: Limits | None = None
    complete: CompleteSuite | None = None
    interleaved: bool = False


Planner: TypeAlias = Callable[[CachedModel, Collection[str], int], Iterable[Suite]]
"""Makes the suites for an implementation, as `default_plan` does."""


def default_plan(
    model: CachedModel,
    capabilities: Collection[str] = (),
    seed: int = DEFAULT_SEED,
    extra_states: int = 0,
) -> Iterator[Suite]:
    """The suites of the default plan for an implementation with those capabilities. If `fill` is
    one of them, big uniform chunks are written as fills.

    `model` is the dialect's, with the default limits; programs are made along it. Each complete
    suite allows for at least `extra_states` extra states, or for more if it does so by default.
    """
    planned = _suites(model, capabilities, seed, extra_states)
    yield from map(_filled, planned) if "fill" in capabilities else planned


def _filled(suite: Suite) -> Suite:
    if isinstance(suite.programs, Spelt):
        return suite._replace(programs=suite.programs.then(filled))
    return suite._replace(programs=map(filled, suite.programs))


_FIRST: Final = (
    ("byte counts", "bytes filled up to the limit after anything", byte_count_programs),
    ("chunk counts", "chunks filled up to the limit after anything", chunk_count_programs),
    ("interference", "a full stream beside another, and after another", interference_programs),
)

_FAR_OUT: Final = (
    ("sums", "bytes filled up to the limit by ten chunks and more", sum_programs),
    ("high numbers", "streams with high numbers, few that live or many", high_number_programs),
    ("rings", "queues that grow at each power of two, turned before", ring_programs),
    ("volume", "programs far beyond the limits", volume_programs),
)


def _suites(
    model: CachedModel, capabilities: Collection[str], seed: int, extra_states: int
) -> Iterator[Suite]:
    get, cancel = "get" in capabilities, "cancel" in capabilities
    structured = partial(structured_programs, surrogates="surrogates" in capabilities)
    shaped = ("structured", "programs with a shape, most of them long", structured)
    for name, says, generator in (shaped, *_FIRST):
        yield Suite(name, says, _by_length(generator), interleaved=True)
    for family in (*(WITH_GET if get else ()), *BLACK_BOX):
        yield Suite(family.name, family.says, family.programs())
    says = "every three rules that can come right after each other on one stream"
    graph = cache(partial(rule_graph, model, get=get))
    yield Suite("sequences", says, map(program_of, sequence_programs(graph)))
    says = "every two rules that can come right after each other on two streams"
    yield Suite("side by side", says, side_by_side_programs(model, graph, get=get))
    if "limits" in capabilities:
        yield Suite(LIMITED.name, LIMITED.says, LIMITED.programs(), SMALL_LIMITS)
        for each in OTHER_LIMITS:
            yield Suite(each.name, each.says, each.programs(), each.limits)
    says = "streams led through their whole lifecycles"
    yield Suite("lifecycles", says, _by_length(lifecycle_programs))
    if get:
        says = "the smaller lifecycles, with a look at each stream after each op"
        yield Suite("lifecycles, watched", says, _by_length(watched_lifecycle_programs))
    for name, says, generator in _FAR_OUT:
        yield Suite(name, says, _by_length(generator))
    lives = many_lives(fill="fill" in capabilities, cancel=cancel)
    yield Suite("many lives", "streams that end in one way, again and again", lives)
    if cancel:
        says = "pulls given up, with and without quiet before"
        yield Suite("cancelling", says, cancelling_programs(model, get=get))
    if pushes_wait(model.dialect):
        yield from _with_waiting_pushes(model, capabilities, seed)
    waiting = abstractions_with_pushes(model.dialect, capabilities)
    for abstraction in (*waiting, *abstractions(capabilities)):
        complete = CompleteSuite(abstraction, model, max(extra_states, abstraction.extra_states))
        name, limits = f"complete: {abstraction.name}", abstraction.limits
        yield Suite(name, abstraction.says, complete.programs(), limits, complete)
    walks = random_walks(seed, RANDOM_PROGRAMS, get=get)
    yield Suite("random", f"random programs of seed {seed}", walks)
    if cancel:
        cancels = random_cancels(model, seed, RANDOM_WITH_CANCELS, get=get)
        yield Suite("random cancels", f"random programs of seed {seed} with cancels", cancels)


def _with_waiting_pushes(
    model: CachedModel, capabilities: Collection[str], seed: int
) -> Iterator[Suite]:
    """Those in which pushes wait: with a shape, then at random."""
    says = "all programs of three ops on a full stream, where pushes wait"
    yield Suite("waiting pushes, short", says, short_programs(capabilities))
    says = "pushes of every size that wait, many of them, on several streams, and given up"
    yield Suite("waiting pushes", says, _by_length(partial(shaped_programs, capabilities)))
    if "together" in capabilities:
        says = "two and three ops together on a full stream"
        yield Suite("waiting pushes, bursts", says, burst_programs(model, capabilities))
    limits = TWO_CHUNKS if "limits" in capabilities else None
    says = f"random programs of seed {seed} in which pushes wait"
    limited = CachedModel(model.dialect, limits)
    walks = random_pushes(limited, seed, RANDOM_WITH_PUSHES, capabilities)
    yield Suite("waiting pushes, random", says, walks, limits)


def _by_length(generator: Callable[[], Iterator[Ops]]) -> Iterator[Program]:
    yield from map(program_of, sorted(generator(), key=len))


class PlanError(ValueError):
    """The implementation cannot run what was asked for."""


def only(program: Program, limits: Limits | None = None) -> Planner:
    """A plan of one program, with those limits (None: those of the implementation).

    `fitted` raises `PlanError` where it is used on an implementation that takes no such limits.
    """

    def planner(_model: CachedModel, capabilities: Collection[str], _seed: int) -> Iterator[Suite]:
        suite = Suite(SINGLE, "the program that was asked for", iter((program,)), limits)
        yield _filled(suite) if "fill" in capabilities else suite

    return planner


def requests(planned: Iterable[Suite], shard: Shard = WHOLE) -> Iterator[Request]:
    """The programs of all suites in turn, those that belong to `shard`. A program has the same
    number, counted from 1, in every shard."""
    before = 0
    for suites in at_once(planned):
        programs = suites[0].programs
        if isinstance(programs, Spelt) and shard != WHOLE:
            yield from _part(suites[0], programs, before, shard)
            before += programs.size.words
            continue
        for suite, program in in_order(suites):
            before += 1
            if before % shard.of == shard.number % shard.of:
                yield Request(before, program, suite.limits, suite.name)


def _part(suite: Suite, programs: Spelt, before: int, shard: Shard) -> Iterator[Request]:
    """The part of a suite that belongs to `shard`, if suites with so many programs come before
    it."""
    first = (shard.number - 1 - before) % shard.of
    numbers = count(before + 1 + first, shard.of)
    for number, program in zip(numbers, programs.part(first, shard.of), strict=False):
        yield Request(number, program, suite.limits, suite.name)


def at_once(planned: Iterable[Suite]) -> Iterator[Sequence[Suite]]:
    """The suites in turn, those together that are gone through at once."""
    for interleaved, beside in groupby(planned, lambda suite: suite.interleaved):
        if interleaved:
            yield tuple(beside)
        else:
            yield from zip(beside, strict=True)


def in_order(suites: Iterable[Suite]) -> Iterator[tuple[Suite, Program]]:
    """Each program of suites that are gone through at once, with its suite."""
    return merge(*(zip(repeat(suite), suite.programs) for suite in suites), key=_length)


def _length(of: tuple[Suite, Program]) -> int:
    return len(of[1])
