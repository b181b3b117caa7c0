"""The known deviations: what is excused and why, and what is out of date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamstate.oracle.programs.in_words import clean, ops_in_words
from streamstate.oracle.reports.html.deviations import rule_link
from streamstate.oracle.reports.html.elements import Content, Element, element
from streamstate.oracle.reports.sentences import counted, how_it_stands, why_accepted
from streamstate.oracle.verdict.known import Standing, Stands
from streamstate.oracle.verdict.verdict import Verdict

_CAPTION: Final = "Deviations that are accepted"


def known_section(verdict: Verdict) -> Iterator[Element]:
    """A table of the entries of the list; nothing where there is no list or nothing in it."""
    if not verdict.standings:
        return
    stand = len(verdict.standings) - len(verdict.outdated)
    heads = ("rule", "entry", "program", "why it is accepted", "today", "excuses")
    table = element(
        "table",
        element("caption", _CAPTION),
        element("thead", element("tr", *(element("th", name, scope="col") for name in heads))),
        element("tbody", *(_entry(verdict, each) for each in verdict.standings)),
    )
    yield element(
        "section",
        element("h2", "Known deviations", id="known"),
        element("p", f"{stand} of {len(verdict.standings)} stand."),
        element("div", table, class_="frame", tabindex="0", role="region", aria_label=_CAPTION),
        aria_labelledby="known",
    )


def _entry(verdict: Verdict, standing: Standing) -> Element:
    known = standing.known
    today: Content = how_it_stands(standing)
    if not isinstance(standing, Stands):
        today = element("strong", today)
    program = "; ".join(ops_in_words(known.program))
    excused = sum(each.known is known for each in verdict.excused)
    return element(
        "tr",
        element("th", rule_link(known.rule), scope="row"),
        element("td", clean(known.where)),
        element("td", element("code", element("bdi", clean(program, 400)))),
        element("td", element("bdi", why_accepted(known))),
        element("td", today, class_=None if isinstance(standing, Stands) else "bad"),
        element("td", counted(excused, "deviation") if excused else "nothing here"),
    )
