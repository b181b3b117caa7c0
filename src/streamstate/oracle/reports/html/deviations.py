"""The deviations, each with its program as a table in time order, and one picture of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from streamstate.model import Rule
from streamstate.oracle.reports.html.elements import Content, Element, element
from streamstate.oracle.reports.html.picture import Picture, picture_of
from streamstate.oracle.reports.sentences import counted, remarks
from streamstate.oracle.reports.showing import (
    SMALLNESS_SAYS,
    Omitted,
    Row,
    Step,
    again,
    limits_in_words,
    rows,
    smallness,
)
from streamstate.oracle.verdict.deviation import ALPHABET_SAYS, Deviation
from streamstate.oracle.verdict.verdict import Verdict

_LONGEST_COMMAND: Final = 4_000
_MOST_ROWS: Final = 40


def deviations_section(verdict: Verdict, command: Sequence[str]) -> Iterator[Element]:
    """All of them, then the picture; nothing where there are none."""
    if not verdict.deviations:
        return
    yield element(
        "section",
        element("h2", "Deviations", id="deviations"),
        element("p", "One for each distinct cause, the smallest program first."),
        *(
            _deviation(verdict, number, each, command)
            for number, each in enumerate(verdict.deviations, start=1)
        ),
        aria_labelledby="deviations",
    )
    picture = picture_of(verdict.deviations, verdict.dialect, "picture")
    if picture is not None:
        yield element(
            "section",
            element("h2", "The machine, and where it is left", id="machine"),
            _framed(picture),
            aria_labelledby="machine",
        )


def rule_link(rule: Rule) -> Element:
    """A link to the rule's sentence on the page."""
    return element("a", rule.name, href=f"#{rule.name}")


def _deviation(
    verdict: Verdict, number: int, deviation: Deviation, command: Sequence[str]
) -> Element:
    name = f"deviation-{number}"
    content: list[Content] = [
        element("h3", f"{number}. ", rule_link(deviation.rule), id=name),
        element("p", deviation.rule.value, class_="rule"),
        _facts(deviation),
        _program(verdict, deviation),
        element("p", " ".join(remarks(deviation))),
    ]
    line = again(verdict, deviation, command, _LONGEST_COMMAND)
    if line is None:
        content.append(element("p", "Run it again: the JSON report has the program."))
    else:
        content += [element("p", "Run it again:"), element("pre", line, tabindex="0")]
    return element("article", *content, aria_labelledby=name)


def _facts(deviation: Deviation) -> Element:
    facts: dict[str, Content] = {}
    if deviation.seen_at is not deviation.rule:
        facts["seen at"] = rule_link(deviation.seen_at)
        facts["probably caused at"] = rule_link(deviation.rule)
    facts["what differs"] = deviation.difference.kind.value
    facts["seen in"] = counted(deviation.programs, "program")
    if not deviation.repeatable:
        facts["alone"] = "did not come again: non-deterministic"
    if deviation.limits is not None:
        facts["with"] = limits_in_words(deviation.limits)
    pairs = (
        element("div", element("dt", name), element("dd", value)) for name, value in facts.items()
    )
    return element("dl", *pairs, class_="facts")


def _program(verdict: Verdict, deviation: Deviation) -> Element:
    word = smallness(deviation)
    caption: list[Content] = ["The program"]
    if word:
        caption = [element("strong", f"The {word} program: "), _promise(word)]
    heads = (("#", "number"), ("op", None), ("expected", None), ("observed", None))
    return element(
        "table",
        element("caption", *caption),
        element(
            "thead",
            element("tr", *(element("th", text, scope="col", class_=kind) for text, kind in heads)),
        ),
        element("tbody", *(_row(row) for row in rows(deviation, verdict.dialect, _MOST_ROWS))),
        class_="program",
    )


def _promise(word: str) -> str:
    alphabet = f", over {ALPHABET_SAYS}" if word == "shortest" else ""
    return f"{SMALLNESS_SAYS[word]}{alphabet}."


def _row(row: Row) -> Element:
    match row:
        case Omitted():
            return element("tr", element("td"), element("td", str(row), colspan=3))
        case Step(number, op, expected, observed, deviates):
            observation: Content = observed or "not known"
            if deviates:
                observation = element("strong", "✗ ", observed or "")
            return element(
                "tr",
                element("td", str(number), class_="number"),
                element("th", element("code", element("bdi", op)), scope="row"),
                element("td", element("bdi", expected)),
                element("td", element("bdi", observation), class_=None if deviates else "same"),
                class_="deviates" if deviates else None,
            )


def _framed(picture: Picture) -> Element:
    says = picture.caption
    frame = element(
        "div", picture.drawing, class_="frame", tabindex="0", role="region", aria_label=says
    )
    return element("figure", frame, element("figcaption", says))
