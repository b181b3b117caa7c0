"""A verdict as text for one calm screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import Final

from streamstate.oracle.reports.deviation_view import Detail, DeviationView
from streamstate.oracle.reports.lines import WIDTH, Line, Style, wrapped
from streamstate.oracle.reports.rows import Omitted, Row, Step
from streamstate.oracle.reports.view import MOST_SHOWN, ExchangeView, View, view_of
from streamstate.oracle.reports.wording import blind_spots, claims, read_on
from streamstate.oracle.verdict.certificate import Certificate, assumptions
from streamstate.oracle.verdict.verdict import CONFORMS, Verdict
from streamstate.wire.in_words import counted

_DETAIL: Final = Detail(rows=12, command=400)
_MOST_KNOWN: Final = 8
_MOST_STDERR: Final = 8
_WIDEST_OP: Final = 34
_WIDEST_CELL: Final = 56

_RIGHT: Final[tuple[str, Style]] = ("     ", "")
_WRONG: Final[tuple[str, Style]] = ("   ✗ ", "bad")


def as_text(
    verdict: Verdict, command: Sequence[str] = (), most: int = MOST_SHOWN
) -> Iterator[Line]:
    """The lines of the screen. `command` is what ran the implementation, empty for the built-in
    one; at most `most` deviations are shown in full."""
    view = view_of(verdict, command, _DETAIL)
    yield Line(view.headline, "good" if verdict.outcome == CONFORMS else "bad")
    for mistake in view.mistakes:
        yield Line("")
        yield from wrapped(f"Fix the adapter first: {mistake}", "  ", first="")
    for deviation in view.deviations[:most]:
        yield Line("")
        yield from _deviation(deviation)
    yield from _others(view.deviations[most:])
    if view.known is not None:
        yield from _known(view, len(view.known))
    if view.exchange is not None:
        yield from _exchange(view.exchange)
    if view.nearest:
        yield Line("")
        yield from wrapped(view.nearest)
    if view.check_nearest:
        yield Line(f"   Check against it: {view.check_nearest}", "dim")
    yield Line("")
    yield from _footer(view, most)


def _deviation(deviation: DeviationView) -> Iterator[Line]:
    yield Line(f"{deviation.number}. {deviation.title}", "rule")
    yield from wrapped(deviation.rule.value, "   ")
    yield Line("")
    if deviation.limits:
        yield Line(f"     with {deviation.limits}")
    yield from _program(f"{deviation.smallness} program".strip(), deviation.rows)
    yield Line("")
    yield from wrapped(" ".join(deviation.remarks), "   ")
    if deviation.traceback:
        yield Line("   Where it threw:")
        yield from (Line(f"     {line}", "dim") for line in deviation.traceback)
    yield _again(deviation.again)
    yield Line(f"   {read_on(deviation.rule)}", "dim")


def _again(command: str | None) -> Line:
    return Line(f"   Again: {command or '--json FILE has the program.'}", "dim")


def _program(title: str, shown: Sequence[Row]) -> Iterator[Line]:
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
    """Ops whose expected and observed answers are too long to stand side by side."""
    yield Line(f"{mark}{op}", style)
    indent = " " * 17
    yield from wrapped(expected, indent, "       expected: ", breaking=True)
    yield from wrapped(observed, indent, "       observed: ", breaking=True)


def _cells(
    texts: tuple[str, ...], widths: tuple[int, ...], mark: str, style: Style
) -> Iterator[Line]:
    columns = [
        wrap(text, width, break_on_hyphens=False) for text, width in zip(texts, widths, strict=True)
    ]
    for number, parts in enumerate(zip_longest(*columns, fillvalue="")):
        begin = mark if number == 0 else " " * len(mark)
        line = "  ".join(f"{part:<{width}}" for part, width in zip(parts, widths, strict=True))
        yield Line(f"{begin}{line}".rstrip(), style)


def _others(more: Sequence[DeviationView]) -> Iterator[Line]:
    """The other deviations, a line each."""
    if not more:
        return
    yield Line("")
    for each in more:
        yield Line(f"{each.number}. {each.in_a_line}")
    yield Line("   --all shows them whole, and so does --html FILE.", "dim")


def _exchange(exchange: ExchangeView) -> Iterator[Line]:
    yield Line("")
    yield from wrapped(exchange.message, "   ", first="", breaking=True)
    yield from wrapped(exchange.where, "   ")
    if exchange.program:
        shown = "; ".join(exchange.program)
        yield from wrapped(f"The program that was running: {shown}", "   ", breaking=True)
        yield _again(exchange.again)
    if exchange.stderr:
        yield Line("   The end of its stderr:")
        yield from (Line(f"     {line}", "dim") for line in exchange.stderr[-_MOST_STDERR:])


def _known(view: View, entries: int) -> Iterator[Line]:
    """The excused deviations with their reasons, and the entries that are not in force."""
    in_force = view.in_force
    yield Line("")
    yield Line(f"Known deviations: {len(in_force)} of {entries} stand.")
    for each in view.outdated:
        yield from wrapped(f"{each.title}: {each.today}", "    ", "  ", "bad")
    for each in in_force[:_MOST_KNOWN]:
        idle = "" if each.excuses else "It excuses nothing here. "
        yield from wrapped(f"{each.title}: {idle}{each.reason}", "    ", "  ")
    if len(in_force) > _MOST_KNOWN:
        yield Line(f"  and {len(in_force) - _MOST_KNOWN} more.")


def _footer(view: View, most: int) -> Iterator[Line]:
    verdict, tally = view.verdict, view.verdict.tally
    exercised = f"{counted(len(tally.rules), 'rule')} exercised"
    of_many = f" of {view.rules}" * (view.rules != len(tally.rules))
    yield from wrapped(
        f"{counted(tally.programs, 'program')}, {counted(tally.ops, 'op')} in"
        f" {tally.seconds_in_all:.1f} s ({tally.seconds:.1f} s of it driving);"
        f" {exercised}{of_many}."
    )
    for part in view.left_out:
        yield from wrapped(part)
    if verdict.single:
        return
    if view.fitting:
        yield Line(view.fitting)
    used = {each.smallness: each.promise for each in view.deviations[:most] if each.smallness}
    if used:
        meant = "; ".join(f"{word}: {promise}" for word, promise in used.items())
        yield from wrapped(f"({meant})", " ", first="", style="dim")
    yield from _certificates(verdict)


def _certificates(verdict: Verdict) -> Iterator[Line]:
    """What complete suites show: in full if the implementation conforms, else in short."""
    whole = [each for each in verdict.certificates if each.complete]
    if verdict.outcome != CONFORMS or verdict.excused:
        for claim in claims(verdict):
            yield from wrapped(claim, style="dim")
        if whole:
            named = "; ".join(f"{each.name} {each.bound.replace(' ', '')}" for each in whole)
            yield from wrapped(f"The suites, with their states: {named}.", "  ", "", "dim")
        return
    yield Line("")
    yield from (line for claim in claims(verdict) for line in wrapped(claim))
    if whole:
        yield from _abstractions(whole)
        yield from wrapped(f"It assumes: {' '.join(assumptions(verdict.dialect))}", "  ", "", "dim")
    yield from wrapped(f"What this cannot see: {' '.join(blind_spots(verdict))}", "  ", "", "dim")


def _abstractions(whole: Sequence[Certificate]) -> Iterator[Line]:
    name = max(len(each.name) for each in whole)
    states = max(len("states"), *(len(each.bound) for each in whole))
    widths = (name, states, WIDTH - 2 - name - 2 - states - 2)
    yield from _cells(("abstraction", f"{'states':>{states}}", "not seen"), widths, "  ", "dim")
    for each in whole:
        cells = (each.name, f"{each.bound:>{states}}", each.blind_spot)
        yield from _cells(cells, widths, "  ", "")
