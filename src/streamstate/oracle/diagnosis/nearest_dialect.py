"""Tells which dialect an implementation follows: a few programs tell all dialects apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from streamstate.model import (
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    NAMED,
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    lattice,
)
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.program import Program, program_of, without
from streamstate.oracle.verdict.comparing import first_difference
from streamstate.oracle.verdict.verdict import Nearest
from streamstate.wire import Json, trace

_A: Final = Push(1, b"a")
_B: Final = Push(1, b"b")
_FULL: Final[tuple[Op, ...]] = (
    Create(),
    *(Push(1, bytes([index])) for index in range(MAX_QUEUE_CHUNKS)),
)
_BIG: Final[tuple[Op, ...]] = (Create(), Push(1, bytes(HIGH_WATER_MARK)))
_MANY: Final[tuple[Op, ...]] = (Pull(1),) * (MAX_QUEUE_CHUNKS + 2)

_PROBES: Final[tuple[tuple[Op, ...], ...]] = (
    (Create(), Pull(1), Pull(1), _A, _B, Pull(1), IsQueueFull(1)),
    (Create(), Pull(1), Pull(1), Close(1), Pull(1)),
    (Create(), Pull(1), Pull(1), Error(1, "x"), Pull(1)),
    (Create(), Pull(1), Pull(1), Pull(1), Delete(1)),
    (Create(), Pull(1), Pull(1), Clear()),
    (Create(), _A, Error(1, "x"), Pull(1), Pull(1)),
    (Create(), _A, _B, Error(1, "x"), Close(1), Pull(1), Pull(1), Pull(1)),
    (*_FULL, Error(1, "x"), IsQueueFull(1), *_MANY),
    (*_FULL, Close(1), Error(1, "x"), IsQueueFull(1), *_MANY),
    (Create(), Close(1), Error(1, "x"), Pull(1)),
    (Create(), _A, Close(1), Error(1, "x"), Pull(1), Pull(1)),
    (Create(), _A, Close(1), Pull(1), Error(1, "x"), Pull(1)),
    (Create(), Error(1, "x"), Error(1, "y"), Pull(1)),
    (Create(), Error(1, "x"), Close(1), Error(1, "y"), Pull(1)),
    (*_FULL, IsQueueFull(1)),
    (*_FULL, _A, IsQueueFull(1), *_MANY),
    (*_FULL, _A, Close(1), *_MANY),
    (*_BIG, Error(1, "x"), IsQueueFull(1), Pull(1), Pull(1)),
    (*_BIG, Close(1), Error(1, "x"), IsQueueFull(1), Pull(1), Pull(1)),
    (*_BIG, _A, IsQueueFull(1), Pull(1), Pull(1)),
)

PROBES: Final[tuple[Program, ...]] = tuple(map(program_of, _PROBES))
"""Programs whose answers are never all the same in two dialects."""


def nearest(
    runner: Runner, others: tuple[Program, ...] = (), among: Iterable[Dialect] | None = None
) -> Nearest | None:
    """The dialect from which the implementation deviates in the fewest probes and `others`; among
    several, one with a name, or that differs least from one. None if it gave no answer. `among`, if
    given, limits the dialects.

    O(ops) for each dialect.
    """
    lacks, limits = runner.lacks(), runner.fixed_limits()
    programs = (*(without(each, lacks) for each in PROBES), *others)
    replies = [*runner.replies(programs, limits)]
    if not any(replies):
        return None
    exact = runner.is_exact()
    best: Nearest | None = None
    for dialect in _plainest_first() if among is None else among:
        most = len(programs) + 1 if best is None else best.deviating
        deviating = 0
        for program, reply in zip(programs, replies, strict=True):
            expected = _answers(program, dialect, limits)
            deviating += reply is None or first_difference(expected, reply, exact=exact) is not None
            if deviating >= most:
                break
        else:
            best = Nearest(dialect, deviating, len(programs))
    return best


def _plainest_first() -> Iterator[Dialect]:
    return iter(sorted(lattice(), key=lambda dialect: (str(dialect).count("+"), _rank(dialect))))


def _rank(dialect: Dialect) -> int:
    names = list(NAMED)
    name = str(dialect).split("+", maxsplit=1)[0]
    return names.index(name)


@lru_cache(maxsize=2**14)
def _answers(program: Program, dialect: Dialect, limits: Limits | None) -> tuple[Json, ...]:
    ops = tuple(symbol.op for symbol in program)
    return tuple(answered.json for answered in trace(ops, dialect, limits))
