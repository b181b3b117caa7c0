"""A program that deviates as rows in time order: each op with what was expected and observed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from streamstate.model import Dialect
from streamstate.oracle.programs.rounds import rounds_of
from streamstate.oracle.verdict.deviation import Deviation, Kind
from streamstate.wire import trace
from streamstate.wire.in_words import answer_in_words, clean, contrast, counted, ops_in_words

_LONGEST_ANSWER: Final = 400


_LONGEST_RUN: Final = 4


_FIRST: Final = 3


@dataclass(frozen=True, slots=True)
class Step:
    """An op with what was expected and observed. `observed` is None if nobody knows it, because the
    adapter failed; `deviates` is true for the last step only."""

    number: int
    op: str
    expected: str
    observed: str | None
    deviates: bool = False


@dataclass(frozen=True, slots=True)
class Omitted:
    """So many ops left out: repetitions of the one before, rounds like those before, or any
    others."""

    ops: int
    alike: bool = True
    rounds: int = 0

    def __str__(self) -> str:
        """The text that stands in their place."""
        if self.rounds:
            each = counted(self.ops // self.rounds, "op")
            return f"… {self.rounds:,} more rounds of {each} like these"
        return f"… {self.ops} more of the same" if self.alike else f"… {counted(self.ops, 'op')}"


Row: TypeAlias = Step | Omitted


def rows(deviation: Deviation, dialect: Dialect, most: int) -> list[Row]:
    """The ops up to the difference, long runs of the like cut short, and in the middle as many left
    out as it takes for `most` rows (at least 6). Steps count from 1."""
    *before, last = _steps(deviation, dialect)
    shown: list[Row] = []
    at = 0
    for rounds in rounds_of(deviation.program[: len(before)]):
        if rounds.period > 1:
            shown += _in_runs(before[at : rounds.start + rounds.period], deviation)
            left = rounds.times - 1
            shown.append(Omitted(left * rounds.period, rounds=left))
            at = rounds.end
    shown += [*_in_runs(before[at:], deviation), last]
    if len(shown) <= most:
        return shown
    end = len(shown) + _FIRST + 1 - most
    ops = sum(row.ops if isinstance(row, Omitted) else 1 for row in shown[_FIRST:end])
    return [*shown[:_FIRST], Omitted(ops, alike=False), *shown[end:]]


def _in_runs(steps: Sequence[Step], deviation: Deviation) -> Iterator[Row]:
    """The steps, with only the first and the last of each long run of like ones."""
    for _, run in groupby(steps, key=lambda step: type(deviation.program[step.number - 1])):
        first, *more = run
        yield first
        if len(more) >= _LONGEST_RUN:
            yield Omitted(len(more) - 1)
            yield more[-1]
        else:
            yield from more


def _steps(deviation: Deviation, dialect: Dialect) -> Iterator[Step]:
    difference = deviation.difference
    program = deviation.program[: difference.at + 1]
    answers = trace(program, dialect, deviation.limits)
    ops = list(ops_in_words(program))
    observed = None if difference.kind is Kind.FAILED else "as expected"
    for index, op in enumerate(ops[:-1]):
        said = answer_in_words(answers[index].json, program[index])
        yield Step(index + 1, op, clean(said, _LONGEST_ANSWER), observed)
    yield Step(len(ops), ops[-1], *contrasted(deviation), deviates=True)


def contrasted(deviation: Deviation) -> tuple[str, str]:
    """Expected and observed, cut to where they differ."""
    difference = deviation.difference
    turn = deviation.program[difference.at]
    expected, observed = contrast(turn, difference.expected, difference.observed)
    return clean(expected, _LONGEST_ANSWER), clean(observed, _LONGEST_ANSWER)
