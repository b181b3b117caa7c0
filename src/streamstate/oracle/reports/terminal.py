"""A verdict as text for one calm screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import Final

from streamstate.oracle.programs.in_words import clean
from streamstate.oracle.reports.certified import certificate_lines
from streamstate.oracle.reports.lines import WIDTH, Line, Style, wrapped
from streamstate.oracle.reports.sentences import (
    HURRIED,
    counted,
    how_it_stands,
    known_as,
    remarks,
    why_accepted,
)
from streamstate.oracle.reports.showing import (
    SMALLNESS_SAYS,
    Omitted,
    Row,
    Step,
    again,
    again_of,
    breaking_of,
    headline,
    in_short,
    in_the_nearest,
    instead,
    limits_in_words,
    rows,
    smallness,
)
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.known import Stands
from streamstate.oracle.verdict.shard import WHOLE
from streamstate.oracle.verdict.verdict import CONFORMS, DEVIATES, Verdict

MAX_SHOWN: Final = 5
"""Deviations shown whole, unless all are asked for; the other reports have them all."""

_MAX_NAMED: Final = 8
_MAX_ROWS: Final = 12

_LONGEST_COMMAND: Final = 400
_WIDEST_OP: Final = 34
_WIDEST_CELL: Final = 56

_RIGHT: Final[tuple[str, Style]] = ("     ", "")
_WRONG: Final[tuple[str, Style]] = ("   ✗ ", "bad")


def as_text(verdict: Verdict, command: Sequence[str] = (), most: int = MAX_SHOWN) -> Iterator[Line]:
    """The lines of the screen. `command` is what ran the implementation, empty for the built-in;
    so many deviations at most are shown whole."""
    yield Line(headline(verdict), "good" if verdict.outcome == CONFORMS else "bad")
    yield from _mistakes(verdict)
    for number, deviation in enumerate(verdict.deviations[:most], start=1):
        yield Line("")
        yield from _deviation(verdict, number, deviation, command)
    yield from _others(verdict, most)
    yield from _known(verdict)
    if verdict.tally.broken is not None:
        yield Line("")
        yield from _broken(verdict, command)
    if verdict.nearest is not None and not verdict.single:
        yield Line("")
        yield from wrapped(instead(verdict))
        line = in_the_nearest(verdict, command)
        if line is not None:
            yield Line(f"   With it: {line}", "dim")
    yield Line("")
    yield from _footer(verdict, most)


def _mistakes(verdict: Verdict) -> Iterator[Line]:
    """What is probably wrong with the adapter: to be mended before anything else is looked at."""
    for mistake, programs in verdict.tally.mistakes.most_common():
        yield Line("")
        yield from wrapped(
            f"The adapter, first: {mistake.value} ({counted(programs, 'program')})", "  ", first=""
        )


def _deviation(
    verdict: Verdict, number: int, deviation: Deviation, command: Sequence[str]
) -> Iterator[Line]:
    yield Line(f"{number}. {_where(deviation)}", "rule")
    yield from wrapped(deviation.rule.value, "   ")
    yield Line("")
    if deviation.limits is not None:
        yield Line(f"     with {limits_in_words(deviation.limits)}")
    yield from _table(
        f"{smallness(deviation)} program".strip(), rows(deviation, verdict.dialect, _MAX_ROWS)
    )
    yield Line("")
    yield from wrapped(" ".join(remarks(deviation)), "   ")
    command_line = again(verdict, deviation, command, _LONGEST_COMMAND)
    yield Line(f"   Again: {command_line or '--json FILE has the program.'}", "dim")


def _where(deviation: Deviation) -> str:
    rule, seen_at = deviation.rule, deviation.seen_at
    if seen_at is rule:
        return rule.name
    return f"Probably caused at {rule.name}, seen at {seen_at.name}"


def _table(title: str, shown: Sequence[Row]) -> Iterator[Line]:
    """Ops, expected and observed side by side, in time order."""
    steps = [row for row in shown if isinstance(row, Step)]
    op = min(_WIDEST_OP, max(len(title), *(len(step.op) for step in steps)))
    half = (WIDTH - 5 - op - 4) // 2
    expected = min(half, max(len("expected"), *(len(step.expected) for step in steps)))
    widths = (op, expected, WIDTH - 5 - op - 4 - expected)
    yield from _cells((title, "expected", "observed"), widths, "     ", "dim")
    for row in shown:
        match row:
            case Omitted():
                yield Line(f"       {row}", "dim")
            case Step(_, text, wanted, got, deviates):
                mark, style = _WRONG if deviates else _RIGHT
                if max(len(wanted), len(got or "")) > _WIDEST_CELL:
                    yield from _below(text, wanted, got or "", mark, style)
                    continue
                yield from _cells((text, wanted, got or ""), widths, mark, style)


def _below(op: str, expected: str, observed: str, mark: str, style: Style) -> Iterator[Line]:
    """What is too long to stand side by side."""
    yield Line(f"{mark}{op}", style)
    indent = " " * 17
    yield from wrapped(expected, indent, "       expected: ", breaking=True)
    yield from wrapped(observed, indent, "       observed: ", breaking=True)


def _cells(
    texts: tuple[str, ...], widths: tuple[int, ...], mark: str, style: Style
) -> Iterator[Line]:
    wrapped = [
        wrap(text, width, break_on_hyphens=False) for text, width in zip(texts, widths, strict=True)
    ]
    for number, parts in enumerate(zip_longest(*wrapped, fillvalue="")):
        begin = mark if number == 0 else "     "
        columns = "  ".join(f"{part:<{width}}" for part, width in zip(parts, widths, strict=True))
        yield Line(f"{begin}{columns}".rstrip(), style)


def _others(verdict: Verdict, most: int) -> Iterator[Line]:
    """The rest, a line each."""
    more = verdict.deviations[most:]
    if not more:
        return
    yield Line("")
    for number, each in enumerate(more, start=most + 1):
        ops = counted(each.difference.at + 1, "op")
        yield Line(f"{number}. {_where(each)}: {ops}, in {counted(each.programs, 'program')}")
    yield Line("   --all shows them whole, and so does --html FILE.", "dim")


def _broken(verdict: Verdict, command: Sequence[str]) -> Iterator[Line]:
    error = verdict.tally.broken
    if error is None:
        return
    yield from wrapped(clean(error.message, 400), "   ", first="", breaking=True)
    where = breaking_of(verdict)
    if where is not None:
        yield from wrapped(where, "   ")
    running = verdict.tally.running
    if running is not None:
        shown = "; ".join(in_short(running.program))
        yield from wrapped(f"The program that was running: {shown}", "   ", breaking=True)
        line = again_of(verdict, running, command, _LONGEST_COMMAND)
        yield Line(f"   Again: {line or '--json FILE has the program.'}", "dim")
    tail = [clean(line) for line in error.stderr.splitlines() if line.strip()][-8:]
    if tail:
        yield Line("   The end of its stderr:")
        for line in tail:
            yield Line(f"     {line}", "dim")


def _known(verdict: Verdict) -> Iterator[Line]:
    """What is excused and why, and which entries are not in force."""
    if verdict.standings is None:
        return
    stand = [each.known for each in verdict.standings if isinstance(each, Stands)]
    yield Line("")
    yield Line(f"Known deviations: {len(stand)} of {len(verdict.standings)} stand.")
    for outdated in verdict.outdated:
        yield from wrapped(f"{known_as(outdated)}: {how_it_stands(outdated)}", "    ", "  ", "bad")
    for known in stand[:_MAX_NAMED]:
        excused = [each for each in verdict.excused if each.known is known]
        idle = "" if excused else "Excuses nothing here. "
        said = f"{known.rule.name} ({clean(known.where)}): {idle}{why_accepted(known)}"
        yield from wrapped(said, "    ", "  ")
    if len(stand) > _MAX_NAMED:
        yield Line(f"  and {len(stand) - _MAX_NAMED} more.")


def _footer(verdict: Verdict, most: int) -> Iterator[Line]:
    tally = verdict.tally
    programs, ops = counted(tally.programs, "program"), counted(tally.ops, "op")
    rules = counted(len(tally.rules), "rule")
    yield from wrapped(
        f"{programs}, {ops} in {tally.seconds_in_all:.1f} s, {tally.seconds:.1f} s of them driving;"
        f" {rules} exercised{_gaps(verdict)}."
    )
    yield from _left_out(verdict)
    if verdict.single:
        return
    if verdict.outcome in {CONFORMS, DEVIATES}:
        fits = ", ".join(tally.conforms_to) or "no named dialect"
        yield Line(f"What was seen fits {fits}.")
    yield from _promises(verdict, most)
    yield from certificate_lines(verdict)


def _left_out(verdict: Verdict) -> Iterator[Line]:
    """Which part of the plan the verdict is about."""
    if verdict.shard != WHOLE:
        yield Line(f"This is part {verdict.shard.number} of {verdict.shard.of} of the plan.")
    if verdict.tally.cut is not None:
        yield from wrapped(
            f"The time was over in the suite '{clean(verdict.tally.cut)}': the rest of it, and what"
            " comes after it in the plan, was not run."
        )
    if verdict.hurried:
        yield from wrapped(HURRIED)


def _promises(verdict: Verdict, most: int) -> Iterator[Line]:
    """What the words before the programs mean."""
    used = dict.fromkeys(map(smallness, verdict.deviations[:most]))
    meant = [f"{word}: {SMALLNESS_SAYS[word]}" for word in used if word]
    if meant:
        yield from wrapped(f"({'; '.join(meant)})", " ", first="", style="dim")


def _gaps(verdict: Verdict) -> str:
    missing = () if verdict.single else verdict.unexercised()
    return f" of {len(verdict.tally.rules) + len(missing)}" if missing else ""
