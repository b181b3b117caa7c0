"""What was run, and what the complete suites among it show."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.oracle.reports.html.elements import Element, element
from streamstate.oracle.verdict.certificate import ASSUMPTIONS, Certificate
from streamstate.oracle.verdict.verdict import Verdict


def certificate_tables(verdict: Verdict) -> Iterator[Element]:
    """A table of the suites, and of complete ones in which nothing deviated what each shows and
    rests on."""
    if verdict.suites:
        yield _suites(verdict)
    if verdict.certificates:
        yield element("h3", "What the complete suites show")
        yield _table(
            "Complete suites",
            ("abstraction", "states", "inputs", "programs", "not seen"),
            (_certificate(each) for each in verdict.certificates),
        )
        yield element("p", "This rests on:")
        yield element("ul", *(element("li", each) for each in ASSUMPTIONS))


def _suites(verdict: Verdict) -> Element:
    rows = (
        element(
            "tr",
            _named(each.name),
            element("td", each.says),
            _number(f"{each.programs:,}"),
            _number(f"{each.deviating:,}"),
        )
        for each in verdict.suites
    )
    return _table("What was run", ("suite", "what it is", "programs", "deviating"), rows)


def _certificate(shown: Certificate) -> Element:
    states = f"{shown.states} + {shown.extra_states}" if shown.complete else "none"
    ran = f"{shown.ran:,}" if shown.complete else f"{shown.ran:,} of {shown.programs:,}"
    not_seen = shown.blind_spot if shown.complete else shown.claim()
    return element(
        "tr",
        _named(shown.name),
        _number(states),
        _number(str(len(shown.inputs))),
        _number(ran),
        element("td", not_seen),
    )


def _table(caption: str, heads: tuple[str, ...], rows: Iterator[Element]) -> Element:
    names = (element("th", name, scope="col") for name in heads)
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *names)),
        element("tbody", *rows),
    )
    return element("div", table, class_="frame", tabindex="0", role="region", aria_label=caption)


def _named(name: str) -> Element:
    return element("th", name, scope="row")


def _number(text: str) -> Element:
    return element("td", text, class_="number")
