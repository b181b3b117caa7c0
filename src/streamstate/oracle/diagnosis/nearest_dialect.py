"""Tells which dialect an implementation follows: a few programs tell all dialects apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import zip_longest
from typing import Final, NamedTuple

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
    Rule,
    lattice,
)
from streamstate.oracle.adapters.implementation import Reply
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.programs.program import Program, program_of, without
from streamstate.oracle.verdict.comparing import first_difference
from streamstate.oracle.verdict.verdict import Nearest
from streamstate.wire import Json, agrees, trace

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
    several, in the fewest answers, then at the fewest rules; among those, one with a name, or that
    differs least from one. None if it gave no answer. `among`, if given, limits the dialects.

    O(ops) for each dialect.
    """
    lacks, limits = runner.lacks(), runner.fixed_limits()
    programs = (*(without(each, lacks) for each in PROBES), *others)
    replies = [*runner.replies(programs, limits)]
    if not any(replies):
        return None
    exact = runner.is_exact()
    best, least = None, _Misfit(len(programs), sum(map(len, programs)), len(Rule))
    for dialect in _plainest_first() if among is None else among:
        expected = (_expected(program, dialect, limits) for program in programs)
        misfit = _misfit(zip(expected, replies, strict=True), least.programs, exact=exact)
        if best is None or misfit < least:
            best, least = dialect, misfit
    return None if best is None else Nearest(best, least.programs, len(programs))


class _Misfit(NamedTuple):
    """How far replies are from a dialect: how many deviate, in how many answers, and at how many
    rules they do so first."""

    programs: int
    answers: int
    rules: int


def _misfit(
    replies: Iterable[tuple[_Expected, Reply | None]], most: int, *, exact: bool
) -> _Misfit:
    """How far replies are from what is expected; it stops where more than `most` deviate. No reply
    is one that is wrong all along."""
    programs = answers = 0
    rules: set[Rule] = set()
    for expected, reply in replies:
        found = None if reply is None else first_difference(expected.json, reply, exact=exact)
        if reply is not None and found is None:
            continue
        programs += 1
        trace = () if reply is None or reply.failed is not None else reply.trace
        wrong = [not agrees(*pair) for pair in zip_longest(expected.json, trace)]
        answers += max(1, sum(wrong))
        rules.add(expected.rules[0 if found is None else found.at])
        if programs > most:
            break
    return _Misfit(programs, answers, len(rules))


def _plainest_first() -> Iterator[Dialect]:
    return iter(sorted(lattice(), key=lambda dialect: (str(dialect).count("+"), _rank(dialect))))


def _rank(dialect: Dialect) -> int:
    names = list(NAMED)
    name = str(dialect).split("+", maxsplit=1)[0]
    return names.index(name)


class _Expected(NamedTuple):
    """The answers of a dialect to a program, and the rule of each."""

    json: tuple[Json, ...]
    rules: tuple[Rule, ...]


@lru_cache(maxsize=2**14)
def _expected(program: Program, dialect: Dialect, limits: Limits | None) -> _Expected:
    answers = trace((each.op for each in program), dialect, limits)
    return _Expected(tuple(each.json for each in answers), tuple(each.rule for each in answers))
