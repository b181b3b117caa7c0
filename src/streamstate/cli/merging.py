"""`streamstate merge`: the reports of all shards of a plan as one verdict."""

from __future__ import annotations

import click

from streamstate import __version__, oracle
from streamstate.cli.arguments import bytes_of, report_file
from streamstate.cli.places import read_once
from streamstate.cli.reports import reports, sinks
from streamstate.cli.screen import Screen
from streamstate.oracle.reports.terminal import as_text
from streamstate.oracle.reports.view import MOST_SHOWN


@click.command(short_help="Put the JSON reports of `check --shard I/N` together.")
@click.option("--json", "json_file", type=report_file, help="Write the whole report as JSON.")
@click.option("--junit", "junit_file", type=report_file, help="… as JUnit XML.")
@click.option("--html", "html_file", type=report_file, help="… as one HTML page. - is stdout.")
@click.option("--all", "show_all", is_flag=True, help="Show every deviation in full.")
@click.argument("files", metavar="REPORT…", nargs=-1, required=True)
def merge(
    json_file: str | None,
    junit_file: str | None,
    html_file: str | None,
    show_all: bool,
    files: tuple[str, ...],
) -> None:
    """Put the JSON reports of `check --shard I/N` together, all N of them, in any order.

    Ends as `check` would have with the whole plan: 0 if it conforms, 1 if it deviates, 3 if there
    is no verdict. Reports that do not belong together are wrong usage.
    """
    read_once(files, "REPORT")
    try:
        verdict = oracle.whole([_part(name) for name in files])
    except oracle.ReportError as error:
        raise click.UsageError(str(error)) from None
    names = {"--json": json_file, "--junit": junit_file, "--html": html_file}
    with sinks(names, [("REPORT", name) for name in files]) as opened:
        most = len(verdict.deviations) if show_all else MOST_SHOWN
        opened.written(reports(verdict, verdict.command, most, html_file))
        Screen(to_stderr=opened.take_stdout).show(as_text(verdict, verdict.command, most))
    click.get_current_context().exit(verdict.exit_code)


def _part(name: str) -> oracle.Part:
    return oracle.Part(name, oracle.read_verdict(bytes_of(name, "a report"), name, __version__))
