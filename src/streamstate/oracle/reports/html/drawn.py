"""Pictures of programs and dialects on the page, and the links from a deviation to its replay."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from streamstate.explorer import of_deviation
from streamstate.model import Dialect, Limits
from streamstate.oracle.reports.as_json import deviation_json
from streamstate.oracle.reports.rows import contrasted
from streamstate.oracle.reports.view import legal
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.pictures.machine import machine, machine_left
from streamstate.pictures.sequence import sequence
from streamstate.pictures.svg import STYLE, on_a_page
from streamstate.pictures.ways import ways
from streamstate.wire import Json

__all__ = ["STYLE", "difference_of", "drawn_of", "machine_of", "replays_of"]

_MOST_OPS: Final = 40
_LONGEST_LINK: Final = 8_000
_READ: Final = ("rule", "program", "limits", "at", "expected", "observed", "explanation")
"""The keys that the explorer reads from a deviation in a report."""


def drawn_of(verdict: Verdict) -> dict[int, Markup]:
    """Number of a deviation → its program as a sequence diagram; none for a long program."""
    return {
        number: _sequence(number, each, verdict.dialect)
        for number, each in enumerate(verdict.deviations, start=1)
        if each.difference.at < _MOST_OPS
    }


def _sequence(number: int, deviation: Deviation, dialect: Dialect) -> Markup:
    root = sequence(
        deviation.program[: deviation.difference.at + 1],
        dialect,
        deviation.limits or Limits(),
        looks_at_once=True,
        observed=contrasted(deviation)[1],
    )
    return _markup(on_a_page(root, f"sequence-{number}"))


def machine_of(verdict: Verdict) -> Markup | None:
    """The machine of a stream, with marks at the rules at which the implementation leaves it; None
    if these rules are about no single stream, such as that of a clear without streams."""
    causes = {each.rule for each in verdict.deviations}
    seen = {each.seen_at for each in verdict.deviations}
    if not any(way.rule in causes | seen for way in ways(verdict.dialect)):
        return None
    return _markup(on_a_page(machine_left(verdict.dialect, causes, seen), "machine"))


def difference_of(asked: Dialect, shown: Dialect | None) -> Markup | None:
    """The difference between the dialect that the answers show and the one asked for; None if they
    show none."""
    if shown is None or shown == asked:
        return None
    return _markup(on_a_page(machine(asked, shown), "difference"))


def _markup(picture: str) -> Markup:
    """A picture whose text is escaped already."""
    return Markup(legal(picture))


def replays_of(verdict: Verdict, explorer: str) -> dict[int, str]:
    """Number of a deviation → the link that replays it; none without an explorer, or if the address
    would be too long."""
    links = {
        number: f"{explorer}#{of_deviation(verdict.dialect, _read(each))}"
        for number, each in enumerate(verdict.deviations if explorer else (), start=1)
    }
    return {number: link for number, link in links.items() if len(link) <= _LONGEST_LINK}


def _read(deviation: Deviation) -> dict[str, Json]:
    """What the explorer reads of it."""
    return {key: value for key, value in deviation_json(deviation).items() if key in _READ}
