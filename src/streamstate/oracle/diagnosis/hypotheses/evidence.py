"""What an implementation answered: runs to be explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Final, NamedTuple

from streamstate.model import (
    HIGH_WATER_MARK,
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
)
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.cached_model import Expected
from streamstate.oracle.programs.program import Program, program_of, symbol
from streamstate.oracle.suites.byte_counts import byte_count_programs
from streamstate.oracle.suites.structured import structured_programs
from streamstate.oracle.suites.volume import volume_programs
from streamstate.oracle.verdict.deviation import Difference
from streamstate.wire import Turn


class Run(NamedTuple):
    """A program that was run: what was expected, and the first difference (None: it conformed)."""

    program: Program
    expected: Expected
    difference: Difference | None

    @property
    def seen_at(self) -> Rule | None:
        """The rule of the op that was answered wrongly."""
        return None if self.difference is None else self.expected.links[self.difference.at].rule

    def is_like(self, other: Difference) -> bool:
        """Whether it differs in that way."""
        own = self.difference
        return own is not None and (own.kind, own.detail) == (other.kind, other.detail)


def run_all(runner: Runner, programs: Iterable[Program], limits: Limits | None) -> tuple[Run, ...]:
    """Run those programs. One that breaks the exchange is not among the runs, nor are those after
    it."""
    every = tuple(dict.fromkeys(programs))
    runs: list[Run] = []
    for program, compared in zip(every, runner.recall(every, limits), strict=True):
        if compared is None:
            break
        if compared.difference is not None or not _is_large(program):
            runs.append(Run(program, *compared))
    return tuple(_some_of_each(sorted(_manageable(runs), key=lambda run: len(run.program))))


def _some_of_each(runs: Sequence[Run]) -> Iterator[Run]:
    """Those that went well, and of those that went wrong in one way at one rule not too many."""
    alike: dict[object, list[Run]] = {}
    for run in runs:
        if run.difference is None:
            yield run
        else:
            how = run.seen_at, run.difference.kind, run.difference.detail
            alike.setdefault(how, []).append(run)
    for each in alike.values():
        yield from each[:: -(-len(each) // _ALIKE)]


def _manageable(runs: Sequence[Run]) -> Iterator[Run]:
    """Without those of large programs, where enough others deviate."""
    telling = sum(run.difference is not None and not _is_large(run.program) for run in runs)
    return (run for run in runs if telling < _ENOUGH or not _is_large(run.program))


@cache
def ordinary_programs(*, get: bool) -> tuple[Program, ...]:
    """Programs in which most mistakes differ: all short ones on one stream, those that touch two,
    and those with a shape."""
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
    yield from map(program_of, _in_old_places(get=get))
    yield from map(program_of, structured_programs())
    yield from map(program_of, byte_count_programs())
    yield from map(program_of, volume_programs())


_ALIKE: Final = 60
_ENOUGH: Final = 10
_LONG: Final = 120
_BIG: Final = 90_000
"""Programs of more ops, or with a chunk of more bytes, are evidence only where they deviate: the
others take too long to follow."""


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
_LOOKS_AT_NEXT_TWO: Final[tuple[Op, ...]] = tuple(
    op for number in (4, 3) for op in (Push(number, b"last"), Pull(number), Pull(number))
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


def _in_old_places(*, get: bool) -> Iterator[tuple[Op, ...]]:
    """A stream made after another one has gone, whatever that had been through; and two of them."""
    looks = (*((Get(2),) if get else ()), IsQueueFull(2), Push(2, b"last"), *(Pull(2),) * 2)
    few: list[tuple[Op, ...]] = [(), (Push(1, bytes(HIGH_WATER_MARK)),)]
    few += [(each,) for each in _one(1)]
    few += [(first, second) for first in _one(1) for second in _one(2)]
    ends: tuple[Op, ...] = (Delete(1), Clear())
    for been, gone in product(few, ends):
        yield (Create(), *been, gone, Create(), *looks)
    for end in ((Delete(1), Delete(2)), (Delete(2), Delete(1)), (Clear(),)):
        for stream in (1, 2):
            for each in (Push(stream, b"old"), Close(stream), Error(stream, "old"), Pull(stream)):
                yield (Create(), Create(), each, *end, Create(), Create(), *_LOOKS_AT_NEXT_TWO)


def _two(place: int) -> tuple[Op, ...]:
    ops = (*_one(place), Pull(2), Push(2, bytes([16 + place])), Close(2), Delete(2), Error(2, "f"))
    return (*ops, Create())


_MOST_WATCHED: Final = 64
"""Streams that are looked at."""


def watched(program: Program) -> Program:
    """With a look at every stream made so far after each op; as it is, where these are so many that
    there would be little else."""
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
