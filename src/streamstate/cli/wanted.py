"""What commands that come to a verdict have in common: the options for reports, and the reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NamedTuple, TypeAlias

import click

from streamstate.cli.arguments import report_file
from streamstate.cli.reports import Report, Sinks, reports
from streamstate.cli.screen import Screen
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.reports.view import MOST_SHOWN
from streamstate.oracle.verdict.verdict import Verdict


class Wanted(NamedTuple):
    """Which reports somebody wants, and whether with every deviation in full."""

    json_file: str | None
    junit_file: str | None
    html_file: str | None
    show_all: bool

    @property
    def files(self) -> dict[str, str | None]:
        """Where they go, by option."""
        return {"--json": self.json_file, "--junit": self.junit_file, "--html": self.html_file}

    def show(
        self,
        verdict: Verdict,
        opened: Sinks,
        screen: Screen,
        also: Mapping[str, Report] | None = None,
    ) -> None:
        """Write them, and those in `also`, and show the verdict on the screen."""
        most = len(verdict.deviations) if self.show_all else MOST_SHOWN
        opened.written({**reports(verdict, most, self.html_file), **(also or {})})
        screen.show(as_text(verdict, verdict.command, most))


_Command: TypeAlias = Callable[..., Any]

_OPTIONS = (
    click.option("--json", "json_file", type=report_file, help="Write the report as JSON."),
    click.option("--junit", "junit_file", type=report_file, help="… as JUnit XML."),
    click.option(
        "--html",
        "html_file",
        type=report_file,
        help="… as an HTML page, with an explorer beside it. - is stdout.",
    ),
    click.option("--all", "show_all", is_flag=True, help="Show every deviation in full."),
)


def report_options(command: _Command) -> _Command:
    """The options for reports. The command gets them as `wanted`."""

    @wraps(command)
    def with_wanted(
        json_file: str | None,
        junit_file: str | None,
        html_file: str | None,
        show_all: bool,
        **others: Any,
    ) -> Any:
        wanted = Wanted(json_file, junit_file, html_file, show_all)
        return command(wanted=wanted, **others)

    for option in reversed(_OPTIONS):
        with_wanted = option(with_wanted)
    return with_wanted
