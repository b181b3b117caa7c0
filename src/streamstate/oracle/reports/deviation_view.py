"""A deviation as every report shows it: its program as rows in time order, with the expected beside
the observed, and what there is to say about it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streamstate.model import Limits, Rule
from streamstate.oracle.programs.program import with_fills
from streamstate.oracle.programs.written import encode_with_rounds
from streamstate.oracle.reports.remarks import remarks
from streamstate.oracle.reports.rows import Row, contrasted, rows
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.wire import Turn
from streamstate.wire.in_words import clean, counted

_MINIMAL: Final = (
    "without one of its ops, or with a smaller chunk or number, it does not deviate in this way"
)


@dataclass(frozen=True, slots=True)
class Detail:
    """The space that a format has: rows of a program, and characters of a command line."""

    rows: int
    command: int


_LONG: Final = 400
"""Characters of a program from which on its rounds are written once, if that is shorter."""

FULL_DETAIL: Final = Detail(rows=40, command=4_000)


@dataclass(frozen=True, slots=True)
class DeviationView:
    """A deviation: its program in time order, the expected beside the observed, and what there is
    to say. `again` is the command line that runs the program alone, None if that would be too long.
    `traceback` has the lines on where an op threw, in this process."""

    number: int
    title: str
    rule: Rule
    seen_at: Rule
    also_seen_at: tuple[Rule, ...]
    kind: str
    amount: str
    """How many programs of the plan show it, in words."""
    length: str
    """The length of the program in ops, in words."""
    limits: str
    smallness: str
    promise: str
    """What the word `smallness` promises."""
    rows: tuple[Row, ...]
    expected: str
    observed: str
    remarks: tuple[str, ...]
    again: str | None
    traceback: tuple[str, ...] = ()

    @property
    def in_a_line(self) -> str:
        """The line that stands for a deviation that is not shown in full."""
        return f"{self.title}: {self.length}, in {self.amount}"


def deviation_view(
    verdict: Verdict, number: int, deviation: Deviation, command: Sequence[str], detail: Detail
) -> DeviationView:
    """The view of a deviation. `command` is what ran the implementation."""
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
    if len(program) > _LONG:
        program = min(program, json.dumps(encode_with_rounds(ops), separators=(",", ":")), key=len)
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
    """A command line of `check`. `command` is what ran the implementation, empty for the built-in
    one."""
    return shlex.join([*words, "--", *command] if command else words)


def _smallness(deviation: Deviation) -> tuple[str, str]:
    """How small the program is known to be: a word, and what it promises. Nothing if the program,
    run alone, did not show the difference again, or is so long that not everything could be
    tried."""
    if deviation.repeatable and deviation.shortest:
        return "shortest", "every program of fewer ops was run"
    if deviation.repeatable and deviation.minimal:
        return "minimal", _MINIMAL
    return "", ""


def _limits_in_words(limits: Limits) -> str:
    """Both limits, in words."""
    size = counted(limits.high_water_mark, "byte")
    return f"limits of {size} and {counted(limits.max_queue_chunks, 'chunk')}"
