"""What every report shows of a deviation: its program in time order, expected beside observed; how
to run it again; what the implementation is instead. Text only, whatever the report is made of."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from streamstate.model import Dialect, Limits, hazards
from streamstate.oracle.adapters.implementation import Fault, Hello, Request
from streamstate.oracle.programs.in_words import answer_in_words, clean, contrast, ops_in_words
from streamstate.oracle.programs.program import Program, with_fills
from streamstate.oracle.reports.sentences import counted
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.difference import Kind
from streamstate.oracle.verdict.nearest import Nearest, explains
from streamstate.oracle.verdict.tally import Example
from streamstate.oracle.verdict.verdict import CONFORMS, INCONCLUSIVE, UNTESTED, Verdict
from streamstate.wire import Turn, trace

MOST: Final = 400
"""Characters of one answer that are shown."""

_ALIKE: Final = 3

_ILLEGAL: Final = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe"
    "\uff00-\ufffd\U00010000-\U0010ffff]"
)


def legal(text: str) -> str:
    """`text` with � for what XML cannot hold, and for signs that turn the direction of writing."""
    return _ILLEGAL.sub("�", text)


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

AS_EXPECTED: Final = "as expected"


_FIRST: Final = 3


def rows(deviation: Deviation, dialect: Dialect, most: int) -> list[Row]:
    """The ops up to the difference, long runs of the like cut short, and in the middle as many left
    out as it takes for `most` rows (at least 6). Steps count from 1."""
    shown = list(_rows(deviation, dialect))
    if len(shown) <= most:
        return shown
    last = shown[_FIRST + 1 - most :]
    middle = shown[_FIRST : len(shown) - len(last)]
    ops = sum(row.ops if isinstance(row, Omitted) else 1 for row in middle)
    return [*shown[:_FIRST], Omitted(ops, alike=False), *last]


def _rows(deviation: Deviation, dialect: Dialect) -> Iterator[Row]:
    program, at = deviation.program, deviation.difference.at
    answers = trace(program, dialect, deviation.limits)
    before = None if deviation.difference.kind is Kind.FAILED else AS_EXPECTED
    omitted = 0
    for index, text in enumerate(ops_in_words(program[: at + 1])):
        if index < at and _in_a_run(program, index, at):
            omitted += 1
            continue
        if omitted:
            yield Omitted(omitted)
            omitted = 0
        if index < at:
            said = answer_in_words(answers[index].json, program[index])
            yield Step(index + 1, text, clean(said, MOST), before)
        else:
            expected, observed = (clean(said, MOST) for said in contrasted(deviation))
            yield Step(index + 1, text, expected, observed, deviates=True)


def contrasted(deviation: Deviation) -> tuple[str, str]:
    """Expected and observed where they differ."""
    difference = deviation.difference
    return contrast(deviation.program[difference.at], difference.expected, difference.observed)


def in_short(program: Program) -> list[str]:
    """The ops in words; of a long program the first ones and the last ones."""
    steps = list(ops_in_words([each.op for each in program]))
    gone = len(steps) - 2 * _MOST_OPS
    if gone <= 1:
        return steps
    return [*steps[:_MOST_OPS], f"… {counted(gone, 'op')} …", *steps[-_MOST_OPS:]]


_MOST_OPS: Final = 6


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


def _in_a_run(program: Sequence[Turn], index: int, end: int) -> bool:
    """Whether it lies inside a run of ops that are alike, and neither begins nor ends it."""
    alike = [type(op) for op in program[max(0, index - 1) : min(index + 2, end)]]
    inside = 0 < index < end - 1 and len(set(alike)) == 1
    return inside and _long_run(program, index, end)


def _long_run(program: Sequence[Turn], index: int, end: int) -> bool:
    kind = type(program[index])
    first = last = index
    while first > 0 and type(program[first - 1]) is kind:
        first -= 1
    while last + 1 < end and type(program[last + 1]) is kind:
        last += 1
    return last - first > _ALIKE


def smallness(deviation: Deviation) -> str:
    """How small the program is known to be, in one word: `shortest`, `minimal`, or nothing where it
    did not come again, so that there was nothing to make smaller, or is so long that not all could
    be tried."""
    if not deviation.repeatable:
        return ""
    if deviation.shortest:
        return "shortest"
    return "minimal" if deviation.minimal else ""


SMALLNESS_SAYS: Final = {
    "shortest": "every program of fewer ops was run",
    "minimal": "no op can be left out, no chunk made smaller, no number lowered",
}
"""What those words promise."""


def limits_in_words(limits: Limits) -> str:
    """Both of them."""
    size = counted(limits.high_water_mark, "byte")
    return f"limits of {size} and {counted(limits.max_queue_chunks, 'chunk')}"


def who(hello: Hello | None) -> str:
    """The implementation, as it introduced itself, cleaned and cut."""
    if hello is None:
        return "The implementation"
    return f"{clean(hello.name)} {clean(hello.version, 40)} ({clean(hello.language, 40)})"


def headline(verdict: Verdict) -> str:
    """The verdict in one sentence."""
    subject, count = who(verdict.hello), len(verdict.deviations)
    causes = counted(count, "distinct cause")
    fault = verdict.tally.broken
    if fault is not None:
        also = f", and deviates from {verdict.dialect}: {causes}" if count else ""
        return f"{subject} {fault.fault.value}{also}."
    if verdict.outcome == UNTESTED:
        return f"{subject} was not tested: nothing was run."
    if verdict.outcome == INCONCLUSIVE:
        return (
            f"Inconclusive: nothing that {subject} answered deviates, but the time was over before"
            " anything was shown."
        )
    known = counted(len(verdict.excused), "known deviation")
    if verdict.outcome == CONFORMS:
        excepting = f" but for {known}" * bool(verdict.excused)
        as_far = ", as far as it was run" * verdict.partial
        return f"{subject} conforms to {verdict.dialect}{excepting}{as_far}."
    besides = f" besides {known}" * bool(verdict.excused)
    return (
        f"{subject} deviates from {verdict.dialect}: {causes}{besides}, in"
        f" {verdict.tally.deviating:,} of {counted(verdict.tally.programs, 'program')}."
    )


def breaking_of(verdict: Verdict) -> str | None:
    """At which rule the exchange broke, in one sentence; None where that is not known."""
    error, rule = verdict.tally.broken, verdict.tally.breaks_at
    if error is None or rule is None:
        return None
    return f"It {_BREAKS[error.fault]} at {rule.name}: {rule.value}"


_BREAKS: Final = {Fault.DIED: "dies", Fault.HUNG: "hangs"}
"""How it is said of the faults for which a rule is found."""


def again(
    verdict: Verdict, deviation: Deviation, command: Sequence[str], longest: int
) -> str | None:
    """The command line that runs the program alone, in ASCII but for `command`, with big uniform
    chunks as fills whatever the implementation offers; None where it would be longer than that."""
    return _again(verdict, deviation.program, deviation.limits, command, longest)


def again_of(
    verdict: Verdict, running: Request, command: Sequence[str], longest: int
) -> str | None:
    """The same for a program at which the exchange broke."""
    ops = [each.op for each in running.program]
    return _again(verdict, ops, running.limits, command, longest)


def _again(
    verdict: Verdict,
    ops: Sequence[Turn],
    limits: Limits | None,
    command: Sequence[str],
    longest: int,
) -> str | None:
    program = json.dumps(list(map(with_fills, ops)), separators=(",", ":"))
    if len(program) > longest:
        return None
    words = ["streamstate", "check"]
    if str(verdict.dialect) != "reference":
        words += ["--dialect", str(verdict.dialect)]
    words += ["--program", program]
    if limits is not None:
        words += ["--limits", f"{limits.high_water_mark},{limits.max_queue_chunks}"]
    if command:
        words += ["--", *command]
    return shlex.join(words)


def instead(verdict: Verdict) -> str:
    """What an implementation that deviates is instead, in a few sentences; nothing where no dialect
    was looked for."""
    nearest, asked = verdict.nearest, verdict.dialect
    if nearest is None:
        return ""
    dialect, tried = nearest.dialect, counted(nearest.programs, "program")
    if dialect == asked:
        return f"No other dialect is nearer than {asked}: it leaves the lattice there."
    named = _with_fields(dialect, asked)
    if not fits(verdict, nearest):
        deviating = f"{nearest.deviating:,} of {tried} that tell dialects apart"
        said = f"{deviating} deviate" if nearest.deviating else "not all that was seen fits it"
        return f"The nearest dialect is {named}, and it is not that one either: {said}."
    names = ", ".join(hazard.name for hazard in hazards(dialect)) or "none"
    return (
        f"What it is instead: {named}. All of {tried} that tell dialects apart fit."
        f" Its hazards: {names}."
    )


def in_the_nearest(verdict: Verdict, command: Sequence[str]) -> str | None:
    """The command line that checks an implementation against the dialect that it comes nearest to;
    None where that was asked for already."""
    nearest = verdict.nearest
    if nearest is None or nearest.dialect == verdict.dialect:
        return None
    words = ["streamstate", "check", "--dialect", str(nearest.dialect)]
    return shlex.join([*words, "--", *command] if command else words)


def _with_fields(dialect: Dialect, asked: Dialect) -> str:
    """A dialect with the policies in which it differs from `asked`, unless its name says them."""
    fields = [f"{name}={value}" for name, value in dialect.difference(asked).items()]
    name = str(dialect)
    return name if all(field in name for field in fields) else f"{name} ({', '.join(fields)})"


def fits(verdict: Verdict, nearest: Nearest) -> bool:
    """Whether all that was seen of an implementation is what a dialect asks for: the programs that
    tell dialects apart, and the deviations, of which some take limits or `get`. O(ops)."""
    return not nearest.deviating and all(
        explains(nearest.dialect, verdict.dialect, each) for each in verdict.found
    )
