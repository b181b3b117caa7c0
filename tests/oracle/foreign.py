"""Other people's implementations, measured: the nearest dialect, and where each leaves the lattice.

Each one answers a plan once; its answers are then compared with what every point of the lattice
expects. What a cancelled pull does to its chunk is in `foreign_cancel`, the page in `foreign_page`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any, Final, NamedTuple, TypeAlias

from streamstate.model import (
    POLICIES,
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
from streamstate.oracle.adapters.implementation import read_hello
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rulesets import differing_rules
from streamstate.wire import encode_op, encode_program

Program: TypeAlias = tuple[Op, ...]
Trace: TypeAlias = list[Any]

_PLACES: Final = 3
_MANY: Final = 40
_HUNG: Final = 60
_ENDERS: Final[Mapping[str, Op]] = {"close": Close(1), "error": Error(1, "e"), "delete": Delete(1)}


@dataclass(frozen=True, slots=True)
class Difference:
    """The shortest program met at whose last op a rule was not kept."""

    rule: str
    program: Program
    expected: Any
    observed: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """What the answers of one implementation say of it, to a plan of so many ops.

    `fields` has, for each policy field, the values that fit equally well: one of them, or all
    where no answer can tell. `unordered` are the ops that settle many pulls in no order.
    """

    lacks: tuple[str, ...]
    limits: Limits | None
    ops: int
    misfit: Misfit
    nearest: Dialect
    fields: dict[str, frozenset[str]]
    differences: tuple[Difference, ...]
    unordered: tuple[str, ...]


def find(command: Sequence[str]) -> Finding:
    """Run the plan on the adapter that `command` starts, and find the nearest dialect."""
    (hello,) = exchange(command)
    introduced = read_hello(hello)
    lacks, limits = introduced.lacks, introduced.limits
    plan = _plan(lacks)
    enders = {name: op for name, op in _ENDERS.items() if name not in lacks}
    crowds: list[Program] = [(Create(), *(Pull(1),) * _MANY, op) for op in enders.values()]
    answered = _traces(command, (*plan, *crowds))
    traces = [_unordered(trace) for trace in answered[: len(plan)]]
    misfits = _misfits(plan, limits, traces)
    least = min(misfits.values())
    fitting = [dialect for dialect, misfit in misfits.items() if misfit == least]
    nearest = min(fitting, key=lambda dialect: str(dialect).count("+"))
    return Finding(
        lacks=tuple(sorted(lacks)),
        limits=limits,
        ops=sum(map(len, traces)),
        misfit=least,
        nearest=nearest,
        fields={
            field: frozenset(getattr(dialect, field) for dialect in fitting) for field in POLICIES
        },
        differences=_differences(nearest, plan, limits, traces),
        unordered=tuple(
            name
            for name, trace in zip(enders, answered[len(plan) :], strict=True)
            if not _from_the_oldest(trace)
        ),
    )


@cache
def _plan(lacks: frozenset[str]) -> tuple[Program, ...]:
    """All short programs, and what fills a queue, with the ops that are not lacking."""
    return tuple(
        dict.fromkeys(
            tuple(op for op in program if encode_op(op)[0] not in lacks)
            for program in (*_short(), *_filling())
        )
    )


def _short() -> Iterator[Program]:
    """Every way to choose ops for so many places, then some that show what came of it."""
    ending: Program = (IsQueueFull(1), Pull(1), Pull(1), Close(1), Pull(1))
    alphabets: list[Program] = [
        (
            *(Push(1, bytes([place])), Push(1, b""), Pull(1), Close(1), Error(1, f"e{place}")),
            *(IsQueueFull(1), Delete(1)),
        )
        for place in range(1, _PLACES + 1)
    ]
    for middle in product(*alphabets):
        yield (Create(), *middle, *ending)


def _filling() -> Iterator[Program]:
    small = tuple(Push(1, bytes([number])) for number in range(1, 19))
    looks = (IsQueueFull(1),)
    for pushes in (
        small,
        (Push(1, b""),) * 18,
        (Push(1, bytes(65_535)), Push(1, b"\x01"), Push(1, b"\x02")),
        (Push(1, bytes(65_537)), Push(1, b"\x01")),
        (Push(1, bytes(60_000)), *(Push(1, b"\x01"),) * 3),
    ):
        filling = tuple(op for push in pushes for op in (push, *looks))
        for after in ((), (Close(1), *looks), (Error(1, "e"), *looks), (Delete(1), *looks)):
            yield (Create(), *filling, *after, *(Pull(1), *looks) * 3, Push(1, b"\xff"), *looks)


def replies(command: Sequence[str], programs: Iterable[Any]) -> list[dict[str, Any]]:
    """The answer to each program, given in wire form."""
    return exchange(command, programs)[1:]


def exchange(command: Sequence[str], programs: Iterable[Any] = ()) -> list[dict[str, Any]]:
    """The answers to `start` and to each program, given in wire form."""
    lines = ['{"cmd":"start","protocol":1}']
    lines += (
        json.dumps({"cmd": "run", "seq": number, "program": program})
        for number, program in enumerate(programs)
    )
    text = "\n".join([*lines, '{"cmd":"stop"}\n'])
    ran = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, timeout=_HUNG
    )
    if ran.returncode:
        raise ValueError(f"{command} ended with {ran.returncode}: {ran.stderr[-500:]}")
    answers = [json.loads(line) for line in ran.stdout.split("\n") if line]
    if len(answers) != len(lines):
        raise ValueError(f"{command} gave {len(answers)} answers, not {len(lines)}")
    return answers


def _traces(command: Sequence[str], plan: Sequence[Program]) -> list[Trace]:
    traces = []
    for answer in replies(command, map(encode_program, plan)):
        if "failed" in answer or answer["late"]:
            raise ValueError(f"{command} answered {answer}")
        traces.append(answer["trace"])
    return traces


def _unordered(trace: Trace) -> Trace:
    """The trace, with what settled at each op sorted: order is looked at apart, and libraries
    that promise none would show another difference in each run."""
    return [[returned, sorted(settled, key=_end_and_number)] for returned, settled in trace]


def _end_and_number(settlement: list[Any]) -> tuple[bool, list[Any]]:
    """Pulls first, then pushes."""
    return settlement[0] == "push", settlement


@cache
def _machine(dialect: Dialect, limits: Limits | None) -> CachedModel:
    return CachedModel(dialect, limits)


class _Expected(NamedTuple):
    """What a program is to be answered, by which rule each, and the set of these rules."""

    trace: Trace
    by: tuple[str, ...]
    rules: int


@cache
def _expected(dialect: Dialect, limits: Limits | None, program: Program) -> _Expected:
    expected = _machine(dialect, limits).expect(program_of(program))
    return _Expected(
        _unordered([link.json for link in expected.links]),
        tuple(link.rule.name for link in expected.links),
        expected.rules,
    )


@cache
def _alike(limits: Limits | None, program: Program) -> Mapping[Dialect, Dialect]:
    """For each point of the lattice one in which `program` means the same, the same for many.

    A point differs from the one before it in a few rules. A program that fires none of them needs
    no second look.
    """
    representative: dict[Dialect, Dialect] = {}
    for dialect, before in _BEFORE.items():
        same = representative.get(before, dialect)
        fired = _expected(same, limits, program).rules
        representative[dialect] = dialect if fired & differing_rules(same, dialect) else same
    return representative


def _before(dialect: Dialect) -> Dialect:
    """The dialect with the last field that has not its first value set back to that."""
    for field, values in reversed(tuple(POLICIES.items())):
        if getattr(dialect, field) != values[0]:
            return replace(dialect, **{field: values[0]})  # type: ignore[arg-type]  # a value of the field
    return dialect


_BEFORE: Final = {dialect: _before(dialect) for dialect in lattice()}


class Misfit(NamedTuple):
    """How far answers are from a dialect: the rules at which they differ first, then how many."""

    rules: int
    answers: int


def _misfits(
    plan: Iterable[Program], limits: Limits | None, traces: Sequence[Trace]
) -> dict[Dialect, Misfit]:
    """How far the answers are from each point of the lattice."""
    rules: dict[Dialect, set[str]] = {dialect: set() for dialect in _BEFORE}
    answers = dict.fromkeys(_BEFORE, 0)
    for program, observed in zip(plan, traces, strict=True):
        differing: dict[Dialect, list[int]] = {}
        for dialect, same in _alike(limits, program).items():
            expected = _expected(same, limits, program)
            if same not in differing:
                differing[same] = _differing(expected.trace, observed)
            if differing[same]:
                rules[dialect].add(expected.by[differing[same][0]])
                answers[dialect] += len(differing[same])
    return {dialect: Misfit(len(rules[dialect]), answers[dialect]) for dialect in _BEFORE}


def _differing(expected: Trace, observed: Trace) -> list[int]:
    """The places of the answers that are not as expected."""
    pairs = zip(expected, observed, strict=True)
    return [at for at, (wanted, got) in enumerate(pairs) if wanted != got]


def _differences(
    dialect: Dialect, plan: Iterable[Program], limits: Limits | None, traces: Sequence[Trace]
) -> tuple[Difference, ...]:
    """For each rule at which answers differ first, and each way in which they do: the shortest
    program of those that show it."""
    shortest: dict[tuple[str, str], Difference] = {}
    for program, observed in zip(plan, traces, strict=True):
        expected = _expected(dialect, limits, program)
        for at in _differing(expected.trace, observed)[:1]:
            way = f"{_outcomes(expected.trace[at])} {_outcomes(observed[at])}"
            found = Difference(expected.by[at], program[: at + 1], expected.trace[at], observed[at])
            known = shortest.setdefault((found.rule, way), found)
            if len(found.program) < len(known.program):
                shortest[found.rule, way] = found
    return tuple(sorted(shortest.values(), key=lambda each: (len(each.program), each.rule)))


def _outcomes(answer: Any) -> list[str]:
    returned, settled = answer
    return [str(returned), *sorted({outcome for _, outcome, *_ in settled})]


def _from_the_oldest(trace: Trace) -> bool:
    """Whether the last op settled pulls in the order in which they were placed."""
    numbers = [number for number, *_ in trace[-1][1]]
    return numbers == sorted(numbers)
