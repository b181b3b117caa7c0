"""What the oracle makes of one broken implementation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice, product
from typing import Final

from streamstate.model import Op
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.checking import check
from streamstate.oracle.diagnosis.shortest import alphabet
from streamstate.oracle.programs.cached_model import CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.plan import DEFAULT_SEED, Planner, default_plan, requests
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.wire import Together, Turn
from tests.faults.fault import Fault, Mode

_BATCH: Final = 500
_MANY: Final = 4_000
_ALL_RUN: Final = 3
"""Programs of up to so many ops are all run, where the oracle has not done so itself."""


@dataclass(frozen=True, slots=True)
class First:
    """Where in the plan the fault first shows: in which suite, and after how many programs and
    ops, those that show it included."""

    suite: str
    programs: int
    ops: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of a fault that is caught. `rule`, `or_else` (rules that may be to blame too),
    `seen_at` and `length` (of the program, in ops) are those of the first of so many `deviations`.
    `shortest` is the length of the shortest program known to show the fault: `proved` if all
    shorter ones over the alphabet were run."""

    first: First
    rule: str
    or_else: tuple[str, ...]
    seen_at: str
    length: int
    deviations: int
    shortest: int
    proved: bool


def judge(
    fault: Fault, mode: Mode, planner: Planner = default_plan, known: int | None = None
) -> Judged | None:
    """Put a fault before the oracle. None if it is not caught. `known` is the length of a program
    found earlier to show it."""
    with fault.plant(mode) as opener:
        deviations = said_of(opener, fault, planner)
        if not deviations:
            return None
        shown = deviations[0]
        length = ops_in(shown.program)
        runner = Runner(opener, fault.dialect, CachedModels())
        try:
            found = _first(runner, opener, planner)
            below = 0 if shown.shortest else min(length, _ALL_RUN + 1)
            shorter = shortest(runner, below)
        finally:
            runner.close()
    return Judged(
        found,
        shown.rule.name,
        tuple(rule.name for rule in shown.or_else),
        shown.seen_at.name,
        length,
        len(deviations),
        min(length, known or length) if shorter is None else shorter,
        proved=shown.shortest or shorter is not None or length <= _ALL_RUN + 1,
    )


def said_of(opener: Opener, fault: Fault, planner: Planner = default_plan) -> tuple[Deviation, ...]:
    """The deviations of the verdict. Raises `ValueError` if the exchange breaks."""
    verdict = check(opener, fault.dialect, planner=planner)
    if verdict.tally.broken is not None:
        raise ValueError(f"{fault.key}: {verdict.tally.broken.message}")
    return verdict.deviations


def ops_in(program: Iterable[Turn]) -> int:
    """How many ops there are, those that are done together counted each."""
    return sum(len(turn.ops) if isinstance(turn, Together) else 1 for turn in program)


def _ops(program: Program) -> int:
    return ops_in(symbol.op for symbol in program)


def _first(runner: Runner, opener: Opener, planner: Planner) -> First:
    """Run the plan until something deviates."""
    capabilities = _capabilities(opener)
    programs = ops = 0
    planned = requests(planner(runner.model(None), capabilities, DEFAULT_SEED))
    for limits, asked in groupby(planned, lambda request: request.limits):
        while batch := tuple(islice(asked, _BATCH)):
            findings = runner.try_all([each.program for each in batch], limits)
            for request, finding in zip(batch, findings, strict=True):
                programs += 1
                if finding is not None:
                    shown = request.program[: finding.difference.at + 1]
                    return First(request.family, programs, ops + _ops(shown))
                ops += _ops(request.program)
    raise ValueError("the plan deviated once, and now it does not")


def _capabilities(opener: Opener) -> frozenset[str]:
    implementation = opener()
    implementation.close()
    return implementation.hello.capabilities


def shortest(runner: Runner, below: int) -> int | None:
    """The length of the shortest program over the alphabet of `shortest` that deviates, of
    those of fewer than `below` ops; None if there is none. All programs of one length are run:
    shorter ones are in them."""
    symbols = alphabet(get=runner.shows_get())
    for length in range(1, below):
        programs = _of_length(symbols, length)
        while batch := tuple(islice(programs, _MANY)):
            if any(finding is not None for finding in runner.try_all(batch, None)):
                return length
    return None


def _of_length(symbols: tuple[Op, ...], length: int) -> Iterator[Program]:
    return map(program_of, product(symbols, repeat=length))
