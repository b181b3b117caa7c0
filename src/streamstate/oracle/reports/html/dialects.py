"""The dialect matrix: for each policy field, which value was asked for and which one shows."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.model import POLICIES, Dialect, hazards
from streamstate.oracle.reports.html.elements import Content, Element, element
from streamstate.oracle.reports.showing import fits, instead
from streamstate.oracle.verdict.verdict import CONFORMS, Verdict


def dialect_section(verdict: Verdict) -> Element:
    """The matrix, and what it means."""
    shown, fitting = _shown(verdict)
    rows = (
        element(
            "tr", element("th", field, scope="row"), _values(field, verdict, shown, fits=fitting)
        )
        for field in POLICIES
    )
    return element(
        "section",
        element("h2", "Dialect", id="dialect"),
        *_sentences(verdict),
        element(
            "table",
            element("caption", "Policies, and which value shows"),
            element("tbody", *rows),
            class_="dialects",
        ),
        *_hazards(shown if fitting else None),
        aria_labelledby="dialect",
    )


def _shown(verdict: Verdict) -> tuple[Dialect | None, bool]:
    """The dialect that shows, if any does, and whether everything fits it."""
    if verdict.nearest is not None:
        return verdict.nearest.dialect, fits(verdict, verdict.nearest)
    if verdict.outcome == CONFORMS and not verdict.single:
        return verdict.dialect, True
    return None, False


def _sentences(verdict: Verdict) -> Iterator[Element]:
    if verdict.nearest is not None:
        yield element("p", instead(verdict))
    if verdict.tally.programs and not verdict.single:
        names = ", ".join(verdict.tally.conforms_to) or "no named dialect"
        yield element("p", f"What was seen fits {names}.")


def _values(field: str, verdict: Verdict, shown: Dialect | None, *, fits: bool) -> Element:
    asked = getattr(verdict.dialect, field)
    seen = None if shown is None else getattr(shown, field)
    chips: list[Content] = []
    for value in POLICIES[field]:
        words = ["asked for"] * (value == asked)
        words += ["shows" if fits else "nearest"] * (value == seen)
        kind = ("fits" if fits else "near") if value == seen else None
        note = [element("small", ", ".join(words))] * bool(words)
        named = " ".join(filter(None, (kind, "asked" if value == asked else None)))
        chips.append(element("li", element("span", value), *note, class_=named or None))
    return element("td", element("ul", *chips, class_="chips"))


def _hazards(dialect: Dialect | None) -> Iterator[Element]:
    """What a user of what shows cannot count on."""
    found = [] if dialect is None else hazards(dialect)
    if found:
        yield element("h3", f"Hazards of {dialect}")
        items = (
            element(
                "li",
                element("strong", each.name),
                f" ({each.field}={each.value}): {each.sentence}",
            )
            for each in found
        )
        yield element("ul", *items)
