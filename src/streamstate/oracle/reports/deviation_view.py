"""A deviation as every report shows it: its program as rows in time order, expected beside
observed, and what there is to say of it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from streamstate.model import Dialect, Get, Limits, Rule
from streamstate.oracle.programs.program import with_fills
from streamstate.oracle.programs.rounds import rounds_of
from streamstate.oracle.reports.wording import counted
from streamstate.oracle.verdict.comparing import settled_in
from streamstate.oracle.verdict.deviation import Deviation, Kind, OwnView
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import Turn, agrees, trace
from streamstate.wire.in_words import (
    answer_in_words,
    clean,
    contrast,
    op_in_words,
    ops_in_words,
    parting,
    value_in_words,
)

_LONGEST_ANSWER: Final = 400
_MINIMAL: Final = (
    "without one of its ops, or with a smaller chunk or number, it does not deviate in this way"
)
_LONGEST_RUN: Final = 4
_FIRST: Final = 3

_MISSING_METHOD: Final = re.compile(r"is not a function$|has no attribute '\w+'$")
"""How JavaScript and Python say that there is no such method."""


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
    """So many ops: a run of the like of the one before, so many rounds of the like of those before,
    or whatever they are."""

    ops: int
    alike: bool = True
    rounds: int = 0

    def __str__(self) -> str:
        """What stands in their place."""
        if self.rounds:
            each = counted(self.ops // self.rounds, "op")
            return f"… {self.rounds:,} more rounds of {each} like these"
        return f"… {self.ops} more of the same" if self.alike else f"… {counted(self.ops, 'op')}"


Row: TypeAlias = Step | Omitted


@dataclass(frozen=True, slots=True)
class Detail:
    """What a format has space for: rows of a program, and characters of a command line."""

    rows: int
    command: int


FULL_DETAIL: Final = Detail(rows=40, command=4_000)


@dataclass(frozen=True, slots=True)
class DeviationView:
    """A deviation: its program in time order, expected beside observed, and what there is to say.
    `again` is the command line that runs the program alone, None where it would be too long;
    `traceback` has the lines on where an op threw, in this process."""

    number: int
    title: str
    rule: Rule
    seen_at: Rule
    also_seen_at: tuple[Rule, ...]
    kind: str
    amount: str
    """In how many programs of the plan."""
    length: str
    """Of the program, in ops."""
    limits: str
    smallness: str
    promise: str
    """What that word means."""
    rows: tuple[Row, ...]
    expected: str
    observed: str
    remarks: tuple[str, ...]
    again: str | None
    traceback: tuple[str, ...] = ()

    @property
    def in_a_line(self) -> str:
        """What is shown where it is not shown whole."""
        return f"{self.title}: {self.length}, in {self.amount}"


def deviation_view(
    verdict: Verdict, number: int, deviation: Deviation, command: Sequence[str], detail: Detail
) -> DeviationView:
    """The view of a deviation of a verdict. `command` is what ran the implementation."""
    rule, seen_at, limits = deviation.rule, deviation.seen_at, deviation.limits
    elsewhere = f"Probably caused at {rule.name}, seen at {seen_at.name}"
    expected, observed = contrasted(deviation)
    smallness, promise = _smallness(deviation)
    return DeviationView(
        number=number,
        title=rule.name if seen_at is rule else elsewhere,
        rule=rule,
        seen_at=seen_at,
        also_seen_at=deviation.others,
        kind=deviation.difference.kind.value,
        amount=counted(deviation.programs, "program"),
        length=counted(deviation.difference.at + 1, "op"),
        limits="" if limits is None else _limits_in_words(limits),
        smallness=smallness,
        promise=promise,
        rows=tuple(rows(deviation, verdict.dialect, detail.rows)),
        expected=expected,
        observed=observed,
        remarks=tuple(remarks(deviation)),
        again=again(verdict, deviation.program, limits, command, detail.command),
        traceback=tuple(map(clean, deviation.traceback)),
    )


def again(
    verdict: Verdict,
    ops: Sequence[Turn],
    limits: Limits | None,
    command: Sequence[str],
    longest: int,
) -> str | None:
    """The command line that runs a program alone, in ASCII but for `command`, with big uniform
    chunks as fills whatever the implementation offers; None where it would be longer than that."""
    program = json.dumps(list(map(with_fills, ops)), separators=(",", ":"))
    if len(program) > longest:
        return None
    dialect = str(verdict.dialect)
    words = ["streamstate", "check"]
    words += ["--dialect", dialect] if dialect != "reference" else []
    words += ["--program", program]
    if limits is not None:
        words += ["--limits", f"{limits.high_water_mark},{limits.max_queue_chunks}"]
    return with_command(words, command)


def with_command(words: Sequence[str], command: Sequence[str]) -> str:
    """A command line of check. `command` is what ran the implementation, empty for the built-in."""
    return shlex.join([*words, "--", *command] if command else words)


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
    """Those steps, of long runs of the like the first and the last."""
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
    """Expected and observed where they differ."""
    difference = deviation.difference
    turn = deviation.program[difference.at]
    expected, observed = contrast(turn, difference.expected, difference.observed)
    return clean(expected, _LONGEST_ANSWER), clean(observed, _LONGEST_ANSWER)


def _smallness(deviation: Deviation) -> tuple[str, str]:
    """How small the program is known to be, in one word, and what that promises. Nothing where it
    could not be reproduced, so that there was nothing to make smaller, or is so long that not all
    could be tried."""
    if deviation.repeatable and deviation.shortest:
        return "shortest", "every program of fewer ops was run"
    if deviation.repeatable and deviation.minimal:
        return "minimal", _MINIMAL
    return "", ""


def _limits_in_words(limits: Limits) -> str:
    """Both of them."""
    size = counted(limits.high_water_mark, "byte")
    return f"limits of {size} and {counted(limits.max_queue_chunks, 'chunk')}"


def explanation(deviation: Deviation) -> str:
    """What was expected and observed, and why that rule is named, in a few sentences."""
    difference = deviation.difference
    op = deviation.program[difference.at]
    expected, observed = contrast(op, difference.expected, difference.observed)
    seen = f"At {op_in_words(op)}, expected: {expected}; observed: {observed}."
    return " ".join((seen, *remarks(deviation)))


def remarks(deviation: Deviation) -> Iterator[str]:
    """What there is to say of a deviation besides what was expected and observed."""
    match deviation.difference.kind:
        case Kind.VIEW if deviation.rule in {Rule.GET_1, Rule.GET_2}:
            yield "No program differed in anything but what get shows, so get is probably wrong."
        case Kind.VIEW:
            yield f"Right after that, get does not show what {deviation.rule.name} asks for."
        case Kind.LATE:
            yield (
                "The pull does settle, but later: either the implementation delays it, or the"
                " adapter answers before its implementation is quiet."
            )
        case Kind.FAILED:
            yield "A failing adapter says nothing about its implementation: fix it first."
        case Kind.THREW:
            yield from _on_what_was_thrown(deviation)
        case Kind.OUTCOME:
            yield from _on_the_message(deviation)
        case _:
            pass
    if deviation.why:
        yield deviation.why
    if deviation.own_view is not None:
        yield _own_view_in_words(deviation.own_view)
    if deviation.others:
        names = ", ".join(rule.name for rule in deviation.others)
        yield f"It also shows at {names}."
    if not deviation.repeatable:
        yield (
            "It could not be reproduced by running the program alone: something is"
            " non-deterministic, or one run affects the next."
        )


def _on_what_was_thrown(deviation: Deviation) -> Iterator[str]:
    match deviation.difference.observed:
        case [{"threw": str(message)}, _] if _MISSING_METHOD.search(message):
            yield "The method is probably missing."
    if isinstance(deviation.program[deviation.difference.at], Get):
        yield (
            "The adapter offers get, and get fails: where there is nothing to show, remove get from"
            " its capabilities."
        )


def _on_the_message(deviation: Deviation) -> Iterator[str]:
    """Of a pull that is rejected as it should be, but for the words."""
    difference = deviation.difference
    pairs = zip(settled_in(difference.expected), settled_in(difference.observed), strict=False)
    match next((pair for pair in pairs if not agrees(*pair)), None):
        case [pull, "error", str(message)], [number, "error", str(other)] if pull == number:
            wanted, came = repr(clean(message)), repr(clean(other))
            apart = f": {parting(message, other)}" if wanted == came else ""
            yield (
                "Only the message of the error is wrong: expected"
                f" {wanted}, observed {came}{apart}."
            )
        case _:
            pass


def _own_view_in_words(view: OwnView) -> str:
    look = op_in_words(Get(view.stream))
    if agrees(view.expected, view.observed):
        return f"Right after that, {look} {value_in_words(view.observed)}, as it should."
    expected, observed = contrast(Get(view.stream), [view.expected, []], [view.observed, []])
    return f"Right after that, {look} {observed}; expected: {expected}."
