"""A verdict as text for one calm screen."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Final, Literal, TypeAlias

from streamstate.model import Limits, Op, Rule
from streamstate.oracle.diagnosis import Deviation
from streamstate.oracle.verdict import BROKEN, CONFORMS, Verdict, blind_spots, remarks
from streamstate.oracle.words import answer_in_words, clean, contrast, ops_in_words
from streamstate.wire import compact, encode_program, trace

WIDTH: Final = 88
MAX_SHOWN: Final = 5
"""Deviations shown in full; the JSON report has them all."""

_LONGEST_COMMAND: Final = 400
_ALIKE: Final = 3

Style: TypeAlias = Literal["", "good", "bad", "rule", "dim"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the screen, and what it is."""

    text: str
    style: Style = ""


def render(verdict: Verdict, command: Sequence[str] = ()) -> Iterator[Line]:
    """The lines of the screen. `command` is what ran the implementation, empty for the built-in."""
    yield from _headline(verdict)
    for number, deviation in enumerate(verdict.deviations[:MAX_SHOWN], start=1):
        yield Line("")
        yield from _deviation(verdict, number, deviation, command)
    more = len(verdict.deviations) - MAX_SHOWN
    if more > 0:
        yield Line("")
        names = ", ".join(each.rule.name for each in verdict.deviations[MAX_SHOWN:])
        yield from _wrapped(f"and {more} more: {names}; --json FILE has them all.")
    if verdict.tally.broken is not None:
        yield Line("")
        yield from _broken(verdict)
    yield Line("")
    yield from _footer(verdict)


def _wrapped(text: str, indent: str = "", first: str | None = None) -> Iterator[Line]:
    for line in wrap(
        text,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ):
        yield Line(line)


def _headline(verdict: Verdict) -> Iterator[Line]:
    hello = verdict.hello
    who = "The implementation"
    if hello is not None:
        who = clean(f"{hello.name} {hello.version} ({hello.language})")
    count = len(verdict.deviations)
    causes = f"{count} distinct cause{'s' * (count != 1)}"
    match verdict.word:
        case "conforms":
            yield Line(f"{who} conforms to {verdict.dialect}.", "good")
        case "broken":
            fault = verdict.tally.broken
            assert fault is not None
            also = f", and deviates from {verdict.dialect}: {causes}" if count else ""
            yield Line(f"{who} {fault.fault.value}{also}.", "bad")
        case _:
            yield Line(
                f"{who} deviates from {verdict.dialect}: {causes}, in {verdict.tally.deviating:,}"
                f" of {_counted(verdict.tally.programs, 'program')}.",
                "bad",
            )


def _deviation(
    verdict: Verdict, number: int, deviation: Deviation, command: Sequence[str]
) -> Iterator[Line]:
    yield Line(f"{number}. {deviation.rule.name}", "rule")
    yield from _wrapped(deviation.rule.value, "   ")
    yield Line("")
    if deviation.limits is not None:
        yield Line(f"     with {_limits_in_words(deviation.limits)}")
    yield from _steps(verdict, deviation)
    yield Line("")
    yield from _wrapped(" ".join(remarks(deviation)), "   ")
    yield from _again(verdict, deviation, command)


def _limits_in_words(limits: Limits) -> str:
    return f"limits of {limits.high_water_mark:,} bytes and {limits.max_queue_chunks:,} chunks"


def _steps(verdict: Verdict, deviation: Deviation) -> Iterator[Line]:
    """The ops up to the difference, each with its answer, long runs of the like cut short."""
    at = deviation.difference.at
    program = deviation.program
    texts = list(ops_in_words(program))
    answers = trace(program, verdict.dialect, deviation.limits)
    widest = min(34, max(len(text) for text in texts[: at + 1]))
    skipped = 0
    for index in range(at):
        if _in_a_run(program, index, at):
            skipped += 1
            continue
        if skipped:
            yield Line(f"       … {skipped} more of the same", "dim")
            skipped = 0
        said = answer_in_words(answers[index].json, program[index])
        yield Line(f"     {texts[index]:<{widest}}  {said}")
    if skipped:
        yield Line(f"       … {skipped} more of the same", "dim")
    expected, observed = contrast(
        program[at], deviation.difference.expected, deviation.difference.observed
    )
    yield Line(f"   ✗ {texts[at]}", "bad")
    yield from _wrapped(expected, " " * 17, first="       expected: ")
    yield from _wrapped(observed, " " * 17, first="       observed: ")


def _in_a_run(program: Sequence[Op], index: int, end: int) -> bool:
    """Whether it lies inside a run of ops that are alike, and neither begins nor ends it."""
    alike = [type(op) for op in program[max(0, index - _ALIKE) : index + 1]]
    inside = index + 1 < end and type(program[index + 1]) is alike[-1]
    return inside and len(alike) > 1 and alike[-2] is alike[-1] and _long_run(program, index, end)


def _long_run(program: Sequence[Op], index: int, end: int) -> bool:
    kind = type(program[index])
    first = last = index
    while first > 0 and type(program[first - 1]) is kind:
        first -= 1
    while last + 1 < end and type(program[last + 1]) is kind:
        last += 1
    return last - first > _ALIKE


def _again(verdict: Verdict, deviation: Deviation, command: Sequence[str]) -> Iterator[Line]:
    program = compact(encode_program(deviation.program))
    if len(program) > _LONGEST_COMMAND or deviation.limits is not None:
        yield Line("   Again: --json FILE has the program.", "dim")
        return
    words = ["streamstate", "check"]
    if str(verdict.dialect) != "reference":
        words += ["--dialect", str(verdict.dialect)]
    words += ["--program", program]
    if command:
        words += ["--", *command]
    yield Line(f"   Again: {shlex.join(words)}", "dim")


def _broken(verdict: Verdict) -> Iterator[Line]:
    error = verdict.tally.broken
    if error is None:
        return
    yield from _wrapped(clean(error.message, 400), "   ", first="")
    running = verdict.tally.running
    if running is not None:
        steps = list(ops_in_words([each.op for each in running.program]))
        shown = "; ".join(steps[:12]) + (f"; and {len(steps) - 12} more" * (len(steps) > 12))
        yield from _wrapped(f"The program that was running: {shown}", "   ")
    tail = [clean(line) for line in error.stderr.splitlines() if line.strip()][-8:]
    if tail:
        yield Line("   The end of its stderr:")
        for line in tail:
            yield Line(f"     {line}", "dim")


def _footer(verdict: Verdict) -> Iterator[Line]:
    tally = verdict.tally
    programs, ops = _counted(tally.programs, "program"), _counted(tally.ops, "op")
    rules = _counted(len(tally.rules), "rule")
    yield from _wrapped(
        f"{programs}, {ops} in {tally.seconds:.1f} s; {rules} exercised{_gaps(verdict)}."
    )
    if verdict.word != BROKEN and not verdict.single:
        fits = ", ".join(tally.conforms_to) or "no named dialect"
        yield Line(f"What was seen fits {fits}.")
    if verdict.word == CONFORMS and not verdict.single:
        yield Line("What this cannot see:", "dim")
        for spot in blind_spots(verdict):
            for line in _wrapped(spot, "    ", first="  - "):
                yield Line(line.text, "dim")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _gaps(verdict: Verdict) -> str:
    missing: tuple[Rule, ...] = () if verdict.single else verdict.unexercised()
    return f" of {len(verdict.tally.rules) + len(missing)}" if missing else ""
