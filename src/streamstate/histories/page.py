"""Verdicts on histories as one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import Final

from streamstate.histories.check import NotLinearizable
from streamstate.histories.picture import Bar, Picture, picture
from streamstate.histories.report import Report, headline
from streamstate.oracle.reports.html.elements import Element, element, serialize

_STEP: Final = 30
"""Pixels for each invocation and response."""

_LANE: Final = 44
_LEFT: Final = 110


def page(reports: Sequence[Report]) -> str:
    """The page: each file with its verdict, and what has no linearization drawn."""
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = headline(reports[0]) if len(reports) == 1 else f"{len(reports):,} histories"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", style),
    )
    header = element("header", element("p", "streamstate trace", class_="brand"))
    body = element("body", header, element("main", *map(_section, reports)))
    return "<!DOCTYPE html>\n" + serialize(element("html", head, body, lang="en"))


def _section(report: Report) -> Element:
    kind = "good" if report.exit_code == 0 else "bad"
    parts = [
        element("p", report.word, class_=f"badge {kind}"),
        element("h1", headline(report)),
    ]
    if isinstance(report.verdict, NotLinearizable):
        parts += _drawn(picture(report.verdict.prefix))
    return element("section", *parts)


def _drawn(shown: Picture) -> Iterator[Element]:
    if shown.left_out:
        yield element("p", f"{shown.left_out:,} calls before these are not drawn.")
    yield element("figure", _lanes(shown), class_="frame")
    yield _table(shown)
    yield element(
        "p", f"After those, {shown.instead}: ", element("strong", shown.rule.name), class_="bad"
    )
    yield element("p", element("code", shown.rule.name), f": {shown.rule.value}", class_="rule")


def _lanes(shown: Picture) -> Element:
    width, height = _LEFT + (shown.columns + 1) * _STEP, len(shown.lanes) * _LANE
    names = [
        element("text", name, x=0, y=lane * _LANE + 26, class_="lane")
        for lane, name in enumerate(shown.lanes)
    ]
    bars = [_bar(bar, shown.columns) for bar in shown.bars]
    label = "the calls of each thread, from invocation to response"
    return element(
        "svg",
        *names,
        *bars,
        viewBox=f"0 0 {width} {height}",
        width=width,
        role="img",
        aria_label=label,
    )


def _bar(bar: Bar, columns: int) -> Element:
    begin = _LEFT + bar.begin * _STEP
    end = _LEFT + (columns if bar.end is None else bar.end) * _STEP
    top = bar.lane * _LANE + 8
    kind = "culprit" if bar.culprit else "pending" if bar.end is None else "call"
    label = f"✗ {bar.label}" if bar.culprit else str(bar.label)
    return element(
        "g",
        element("rect", x=begin, y=top, width=end - begin, height=26, rx=5),
        element("text", label, x=(begin + end) / 2, y=top + 18),
        class_=kind,
    )


def _table(shown: Picture) -> Element:
    head = element("tr", *(element("th", name) for name in _COLUMNS))
    rows = (
        element(
            "tr",
            element("td", f"✗ {row.label}" if row.culprit else str(row.label)),
            element("td", f"{row.line:,}"),
            element("td", row.thread),
            element("td", row.op),
            element("td", row.answer),
            element("td", row.effect),
            class_="bad" if row.culprit else None,
        )
        for row in shown.rows
    )
    caption = element("caption", shown.caption)
    return element("table", caption, element("thead", head), element("tbody", *rows))


_COLUMNS: Final = ("call", "line", "thread", "op", "answered", "takes effect by")
