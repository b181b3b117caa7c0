"""A verdict on a history as lines for the screen, with a drawing if there is no linearization."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamstate.histories.check import NotLinearizable
from streamstate.histories.picture import Bar, Picture, picture
from streamstate.histories.report import Report, headline
from streamstate.oracle.reports.lines import Line, wrapped

_WIDEST: Final = 3
"""Characters for each invocation and response, where there is room for so many."""

_ROOM: Final = 72


def report_lines(report: Report) -> Iterator[Line]:
    """The verdict, and the shortest prefix that has no linearization."""
    good = not isinstance(report.verdict, NotLinearizable) and report.exit_code == 0
    yield from wrapped(headline(report), "  ", first="", style="good" if good else "bad")
    if isinstance(report.verdict, NotLinearizable):
        yield Line("")
        yield from drawn(picture(report.verdict.prefix))


def drawn(shown: Picture) -> Iterator[Line]:
    """The lanes of the threads, then the calls in an order in which all but one have a place."""
    if shown.left_out:
        yield Line(f"  ({shown.left_out:,} calls before these are not drawn)", "dim")
    step = max(1, min(_WIDEST, _ROOM // max(1, shown.columns)))
    for lane, name in enumerate(shown.lanes):
        bars = [bar for bar in shown.bars if bar.lane == lane]
        yield from (Line(f"  {name:<12} {row}") for row in _lane(bars, shown.columns, step))
    yield Line("")
    yield from wrapped(shown.caption, "  ")
    wide = max(len(row.op) for row in shown.rows)
    for row in shown.rows:
        mark = "✗" if row.culprit else " "
        text = (
            f"  {mark}{row.label:>3}  {row.thread:<12} {row.op:<{wide}}  {row.answer}: {row.effect}"
        )
        yield Line(text, "bad" if row.culprit else "")
    yield from wrapped(f"after those {shown.instead}, by {shown.rule.name}:", "      ")
    yield from wrapped(f"{shown.rule.name}: {shown.rule.value}", "      ")


def _lane(bars: list[Bar], columns: int, step: int) -> Iterator[str]:
    """The bars of one thread. If its calls overlap, as no thread's do, they go in rows below."""
    rows: list[list[Bar]] = []
    for bar in sorted(bars, key=lambda bar: bar.begin):
        for row in rows:
            if row[-1].end is not None and row[-1].end < bar.begin:
                row.append(bar)
                break
        else:
            rows.append([bar])
    for row in rows:
        text = [" "] * (columns * step + 2)
        for bar in row:
            _draw(text, bar, columns, step)
        yield "".join(text).rstrip()


def _draw(text: list[str], bar: Bar, columns: int, step: int) -> None:
    begin = bar.begin * step
    end = (columns if bar.end is None else bar.end) * step
    text[begin : end + 1] = "├" + "─" * (end - begin - 1) + ("…" if bar.end is None else "┤")
    label = f"{'✗' if bar.culprit else ''}{bar.label}"
    middle = begin + max(1, (end - begin - len(label) + 1) // 2)
    if middle + len(label) <= end:
        text[middle : middle + len(label)] = label
