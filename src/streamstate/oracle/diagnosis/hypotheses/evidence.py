"""Runs of an implementation, which hypotheses have to explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Final, NamedTuple

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Rule,
    pushes_wait,
)
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis.late_cancels import has_cancels_last
from streamstate.oracle.diagnosis.localisation import Pool
from streamstate.oracle.programs.graph import Expected
from streamstate.oracle.programs.program import Program, program_of, symbol
from streamstate.oracle.suites.counts import byte_count_programs
from streamstate.oracle.suites.structured import structured_programs
from streamstate.oracle.suites.volume import volume_programs
from streamstate.oracle.suites.waiting_pushes import short_programs
from streamstate.oracle.verdict.deviation import Difference
from streamstate.wire import Together, Turn


class Run(NamedTuple):
    """A program that was run: the expected answers, and the first difference (None: it
    conformed)."""

    program: Program
    expected: Expected
    difference: Difference | None

    @property
    def seen_at(self) -> Rule | None:
        """The rule of the op at which the answer is wrong."""
        return None if self.difference is None else self.expected.links[self.difference.at].rule

    @property
    def way(self) -> object:
        """At which rule, and in which way, the run went wrong; None if it went well."""
        own = self.difference
        return None if own is None else (self.seen_at, own.kind, own.detail)

    def is_like(self, other: Difference) -> bool:
        """Whether it differs in that way."""
        own = self.difference
        return own is not None and (own.kind, own.detail) == (other.kind, other.detail)


def gathered(
    runner: Runner,
    findings: Sequence[Finding],
    pool: Pool,
    limits: Limits | None,
    every: int,
) -> tuple[Run, ...]:
    """The programs that can tell about findings: their own, ordinary ones, of which one in so many
    is run, and some planned ones with cancels if findings have cancels."""
    shows = runner.shows_get()
    found = [each.program for each in findings if each.limits == limits]
    giving_up: Sequence[Program] = ()
    if any(gives_up(each.program) for each in findings):
        giving_up = [each for each in pool(limits) if gives_up(each) and has_cancels_last(each)]
    programs = [
        *found,
        *(watched(program) for program in found if shows),
        *ordinary_programs(get=shows)[::every],
        *giving_up[:: -(-len(giving_up) // _GIVING_UP) or 1],
        *_with_pushes(runner, pool, limits),
    ]
    return run_all(runner, programs, limits)


def _with_pushes(runner: Runner, pool: Pool, limits: Limits | None) -> Sequence[Program]:
    """Some planned programs, where pushes wait in about as many as not; none elsewhere."""
    model = runner.model(limits)
    if not pushes_wait(model.dialect):
        return ()
    if model.limits == Limits():
        return [*short_programs(runner.hello().capabilities & {"cancel_push"})]
    planned = pool(limits)
    return planned[:: -(-len(planned) // _GIVING_UP) or 1]


_GIVING_UP: Final = 600
"""So many programs with cancels are run if a finding has one."""


def gives_up(program: Program) -> bool:
    """Whether the program gives up a pull or push, or may do so."""
    return any(isinstance(each.op, CancelPull | CancelPush | Together) for each in program)


def run_all(runner: Runner, programs: Iterable[Program], limits: Limits | None) -> tuple[Run, ...]:
    """Run those programs, large ones only if too few others deviate. A program that breaks the
    exchange, and all after it, leave no run."""
    every = tuple(dict.fromkeys(programs))
    runs = [*_ran(runner, [each for each in every if not _is_large(each)], limits)]
    if sum(run.difference is not None for run in runs) < _ENOUGH:
        large = _ran(runner, [each for each in every if _is_large(each)], limits)
        runs += (run for run in large if run.difference is not None)
    return tuple(sorted(runs, key=lambda run: len(run.program)))


def _ran(runner: Runner, programs: Sequence[Program], limits: Limits | None) -> Iterator[Run]:
    for program, compared in zip(programs, runner.recall(programs, limits), strict=True):
        if compared is not None:
            yield Run(program, *compared)


@cache
def ordinary_programs(*, get: bool) -> tuple[Program, ...]:
    """Programs that tell most mistakes apart: all short ones on one stream, those that touch two
    streams, and those with a shape."""
    return tuple(_ordinary(get=get))


def _ordinary(*, get: bool) -> Iterator[Program]:
    for first in ((), (Create(),)):
        for length in range(_SHORT + 1):
            for chosen in product(range(len(_one(1))), repeat=length):
                middle = tuple(_one(place)[each] for place, each in enumerate(chosen, 1))
                yield program_of((*first, *middle, *_LOOKS[get]))
    for chosen in product(range(len(_two(1))), repeat=_OF_TWO):
        middle = tuple(_two(place)[each] for place, each in enumerate(chosen, 1))
        shown = (Get(1), Get(2)) if get else ()
        yield program_of((Create(), Create(), *middle, *shown, *_LOOKS_AT_TWO))
    yield from map(program_of, structured_programs())
    yield from map(program_of, byte_count_programs())
    yield from map(program_of, volume_programs())


_ENOUGH: Final = 10
_LONG: Final = 120
_BIG: Final = 90_000
"""Programs with more ops, or with a chunk of more bytes, are evidence only if they deviate, and not
enough others do: they take too long to follow."""


def _is_large(program: Program) -> bool:
    return len(program) > _LONG or any(
        isinstance(each.op, Push) and len(each.op.chunk) > _BIG for each in program
    )


_SHORT: Final = 3
_OF_TWO: Final = 2
_LOOKS: Final[dict[bool, tuple[Op, ...]]] = {
    False: (IsQueueFull(1), Push(1, b"last"), Pull(1), Pull(1), Create()),
    True: (Get(1), IsQueueFull(1), Push(1, b"last"), Pull(1), Get(1), Pull(1), Create()),
}
_LOOKS_AT_TWO: Final[tuple[Op, ...]] = tuple(
    op for number in (2, 1) for op in (Push(number, b"last"), Pull(number), Pull(number))
)


def _one(place: int) -> tuple[Op, ...]:
    return (
        Push(1, bytes([place])),
        Push(1, b""),
        Pull(1),
        Close(1),
        Error(1, f"e{place}"),
        Delete(1),
        Clear(),
    )


def _two(place: int) -> tuple[Op, ...]:
    ops = (*_one(place), Pull(2), Push(2, bytes([16 + place])), Close(2), Delete(2), Error(2, "f"))
    return (*ops, Create())


_MOST_WATCHED: Final = 64
"""At most so many streams are looked at."""


def watched(program: Program) -> Program:
    """The program with a look at every stream after each op; unchanged if it makes so many streams
    that it would be mostly looks."""
    if sum(isinstance(each.op, Create) for each in program) > _MOST_WATCHED:
        return program
    shown: list[Turn] = []
    made = 0
    for each in program:
        if isinstance(each.op, Get) and each.op.stream <= made:
            continue
        made += isinstance(each.op, Create)
        shown += [each.op, *(Get(stream) for stream in range(1, made + 1))]
    return tuple(map(symbol, shown))
