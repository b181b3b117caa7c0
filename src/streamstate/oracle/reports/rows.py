"""A program as rows, in time order: each op with what was expected beside what was observed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from streamstate.model import Dialect
from streamstate.oracle.programs.in_words import answer_in_words, clean, contrast, ops_in_words
from streamstate.oracle.programs.program import Program
from streamstate.oracle.reports.wording import counted
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.difference import Kind
from streamstate.oracle.verdict.tally import Example
from streamstate.wire import trace

_LONGEST_ANSWER: Final = 400
_LONGEST_RUN: Final = 4
_FIRST: Final = 3
_MOST_OPS: Final = 6


@dataclass(frozen=True, slots=True)
class Step:
    """An op with what was expected and observed. `observed` is None where that is not known, as the
    adapter failed; `deviates` is true for the last step only."""

    number: int
    op: str
    expected: str
    observed: str | None
    deviates: bool = False


@dataclass(frozen=True, slots=True)
class Omitted:
    """So many ops: a run of the like of the one before, or whatever they are."""

    ops: int
    alike: bool = True

    def __str__(self) -> str:
        """What stands in their place."""
        return f"… {self.ops} more of the same" if self.alike else f"… {counted(self.ops, 'op')}"


Row: TypeAlias = Step | Omitted


def rows(deviation: Deviation, dialect: Dialect, most: int) -> list[Row]:
    """The ops up to the difference, long runs of the like cut short, and in the middle as many left
    out as it takes for `most` rows (at least 6). Steps count from 1."""
    *before, last = _steps(deviation, dialect)
    shown: list[Row] = []
    for _, run in groupby(before, key=lambda step: type(deviation.program[step.number - 1])):
        first, *more = run
        cut = len(more) >= _LONGEST_RUN
        shown += [first, Omitted(len(more) - 1), more[-1]] if cut else [first, *more]
    shown.append(last)
    if len(shown) <= most:
        return shown
    end = len(shown) + _FIRST + 1 - most
    ops = sum(row.ops if isinstance(row, Omitted) else 1 for row in shown[_FIRST:end])
    return [*shown[:_FIRST], Omitted(ops, alike=False), *shown[end:]]


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
    """Expected and observed where they differ."""
    difference = deviation.difference
    turn = deviation.program[difference.at]
    expected, observed = contrast(turn, difference.expected, difference.observed)
    return clean(expected, _LONGEST_ANSWER), clean(observed, _LONGEST_ANSWER)


def in_short(program: Program) -> list[str]:
    """The ops in words; of a long program the first ones and the last ones."""
    ops = list(ops_in_words([each.op for each in program]))
    gone = len(ops) - 2 * _MOST_OPS
    if gone <= 1:
        return ops
    return [*ops[:_MOST_OPS], f"… {counted(gone, 'op')} …", *ops[-_MOST_OPS:]]


def first_in_words(example: Example) -> str:
    """One line on a program as it was found, before anything is known of its cause."""
    difference = example.difference
    ops = [*ops_in_words([each.op for each in example.program[: difference.at + 1]])]
    shown = ["…", *ops[-_MOST_OPS:]] if len(ops) > _MOST_OPS else ops
    turn = example.program[difference.at].op
    expected, observed = contrast(turn, difference.expected, difference.observed)
    return (
        f"First deviation, at {example.rule.name}: {'; '.join(shown)}"
        f" (expected: {clean(expected)}; observed: {clean(observed)})"
    )
