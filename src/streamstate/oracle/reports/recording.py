"""A verdict on a file as lines for the screen, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.oracle.reports.lines import Line, Style, wrapped
from streamstate.oracle.verdict.recording import FileDeviation, FileVerdict, Outcome
from streamstate.wire import Json
from streamstate.wire.in_words import clean, counted


def verdict_lines(verdict: FileVerdict) -> Iterator[Line]:
    """The lines on a file: the first deviation in full, and what was left unchecked."""
    style: Style = "good" if verdict.outcome is Outcome.CONFORMS else "bad"
    yield from wrapped(_headline(verdict), "  ", first="", style=style)
    if verdict.deviation is not None:
        yield from _deviation_lines(verdict.deviation)
    if verdict.flaw is not None and verdict.outcome is Outcome.BROKEN:
        yield from wrapped(f"line {verdict.flaw.line:,}: {clean(verdict.flaw.message, 400)}", "  ")
    for remark in verdict.remarks:
        yield from wrapped(f"note: {clean(remark, 400)}", "  ", style="dim")


def _headline(verdict: FileVerdict) -> str:
    name, dialects = clean(verdict.name, 400), _dialects(verdict)
    flaw, deviation = verdict.flaw, verdict.deviation
    match verdict.outcome:
        case Outcome.CONFORMS if not verdict.dialects:
            return f"{name}: nothing in it to check."
        case Outcome.CONFORMS:
            return f"{name}: conforms to {dialects}; {_amount(verdict)}."
        case Outcome.DEVIATES:
            assert deviation is not None
            more = f", the first of {verdict.deviating:,}" if verdict.deviating > 1 else ""
            return (
                f"{name}: deviates from {dialects} at line {deviation.line:,}{more};"
                f" {_amount(verdict)}."
            )
        case Outcome.BROKEN:
            assert flaw is not None
            before = f"conforms to {dialects}" if deviation is None else f"deviates from {dialects}"
            return f"{name}: broken at line {flaw.line:,}; up to there it {before}."
        case Outcome.NOTHING:
            assert flaw is not None
            return (
                f"{name}: neither a recording nor an exchange: line {flaw.line:,}:"
                f" {clean(flaw.message, 200)}"
            )


def _dialects(verdict: FileVerdict) -> str:
    first, more = verdict.dialects[:3], len(verdict.dialects) - 3
    if not first:
        return "any dialect"
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")


def _amount(verdict: FileVerdict) -> str:
    parts = [
        counted(number, what)
        for number, what in (
            (verdict.recordings, "recording"),
            (verdict.programs, "program"),
            (verdict.ops, "op"),
        )
        if number or what == "op"
    ]
    return ", ".join(parts)


def _deviation_lines(deviation: FileDeviation) -> Iterator[Line]:
    place = f"line {deviation.line:,}"
    if deviation.at is not None:
        place += f", op {deviation.at + 1:,} of its program"
    yield Line(f"  ✗ {place}: {clean(deviation.called)}", "bad")
    yield from wrapped(deviation.wanted, " " * 16, first="      expected: ")
    yield from wrapped(deviation.got, " " * 16, first="      observed: ")
    yield from wrapped(f"{deviation.rule.name}: {deviation.rule.value}", "    ")


def verdict_json(verdict: FileVerdict) -> dict[str, Json]:
    """The verdict for programs to read. Lines count from 1, `at` from 0; ops and answers are in
    wire form."""
    flaw = verdict.flaw
    return {
        "file": verdict.name,
        "verdict": verdict.outcome.value,
        "dialects": list(verdict.dialects),
        "recordings": verdict.recordings,
        "programs": verdict.programs,
        "ops": verdict.ops,
        "deviating": verdict.deviating,
        "deviation": None if verdict.deviation is None else _deviation_json(verdict.deviation),
        "remarks": list(verdict.remarks),
        "broken": None if flaw is None else {"line": flaw.line, "message": flaw.message},
    }


def _deviation_json(deviation: FileDeviation) -> dict[str, Json]:
    return {
        "line": deviation.line,
        "rule": deviation.rule.name,
        "says": deviation.rule.value,
        "op": deviation.op,
        "at": deviation.at,
        "program": deviation.program,
        "expected": deviation.expected,
        "observed": deviation.observed,
        "explanation": (
            f"{deviation.called}: expected {deviation.wanted}; observed {deviation.got}"
        ),
    }
