"""Verdicts on histories as one HTML file that needs nothing else: no network, no script.

The templates lay out the parts of a picture. Everything that goes into one is escaped text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streamstate.histories.check import NotLinearizable
from streamstate.histories.picture import Bar, Picture, picture
from streamstate.histories.report import Report, headline
from streamstate.oracle.reports.pages import templates

_STEP: Final = 30
"""Pixels for each invocation and response."""

_LANE: Final = 44
_LEFT: Final = 110


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where the parts of a picture are, in pixels."""

    picture: Picture

    @property
    def width(self) -> int:
        """Of all of it."""
        return _LEFT + (self.picture.columns + 1) * _STEP

    @property
    def height(self) -> int:
        """Of all of it."""
        return len(self.picture.lanes) * _LANE

    def top(self, lane: int) -> int:
        """Of a lane's bars."""
        return lane * _LANE + 8

    def begin(self, bar: Bar) -> int:
        """Where it begins."""
        return _LEFT + bar.begin * _STEP

    def end(self, bar: Bar) -> int:
        """Where it ends, or the drawing does."""
        return _LEFT + (self.picture.columns if bar.end is None else bar.end) * _STEP


def page(reports: Sequence[Report]) -> str:
    """The page: each file with its verdict, and a drawing if it has no linearization."""
    title = headline(reports[0]) if len(reports) == 1 else f"{len(reports):,} histories"
    return (
        templates(__package__)
        .get_template("page.html")
        .render(
            title=title,
            headline=headline,
            reports=[(report, _drawing(report)) for report in reports],
        )
    )


def _drawing(report: Report) -> Drawing | None:
    if isinstance(report.verdict, NotLinearizable):
        return Drawing(picture(report.verdict.prefix))
    return None
