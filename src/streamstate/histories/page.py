"""Verdicts on histories as one HTML file that needs nothing else: no network, no script.

The templates lay out the parts of a picture. Everything that goes into one is escaped text.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from streamstate.histories.check import NotLinearizable
from streamstate.histories.picture import Bar, Picture, picture
from streamstate.histories.report import Report, headline
from streamstate.oracle.reports.view import legal

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
    made = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        finalize=_as_text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = made.get_template("style.css").render()
    title = headline(reports[0]) if len(reports) == 1 else f"{len(reports):,} histories"
    return made.get_template("page.html").render(
        style=Markup(style),  # ours, without what would be escaped
        digest=b64encode(sha256(style.encode()).digest()).decode(),
        title=title,
        headline=headline,
        reports=[(report, _drawing(report)) for report in reports],
    )


def _drawing(report: Report) -> Drawing | None:
    if isinstance(report.verdict, NotLinearizable):
        return Drawing(picture(report.verdict.prefix))
    return None


def _as_text(value: object) -> object:
    """The text in a form that XML can hold."""
    return value if isinstance(value, Markup) else legal(str(value))
