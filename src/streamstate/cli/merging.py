"""`streamstate merge`: the reports of all shards of a plan as one verdict."""

from __future__ import annotations

import click

from streamstate import __version__, oracle
from streamstate.cli.arguments import bytes_of
from streamstate.cli.places import read_once
from streamstate.cli.reports import sinks
from streamstate.cli.screen import Screen
from streamstate.cli.wanted import Wanted, report_options


@click.command(short_help="Put the JSON reports of `check --shard I/N` together.")
@report_options
@click.argument("files", metavar="REPORT…", nargs=-1, required=True)
def merge(wanted: Wanted, files: tuple[str, ...]) -> None:
    """Put the JSON reports of `check --shard I/N` together, all N of them, in any order.

    Ends as `check` would have with the whole plan: 0 if it conforms, 1 if it deviates, 3 if there
    is no verdict. Reports that do not belong together are wrong usage.
    """
    read_once(files, "REPORT")
    try:
        verdict = oracle.whole([_part(name) for name in files])
    except oracle.ReportError as error:
        raise click.UsageError(str(error)) from None
    with sinks(wanted.files, [("REPORT", name) for name in files]) as opened:
        wanted.show(verdict, opened, Screen(to_stderr=opened.take_stdout))
    click.get_current_context().exit(verdict.exit_code)


def _part(name: str) -> oracle.Part:
    return oracle.Part(name, oracle.read_verdict(bytes_of(name, "a report"), name, __version__))
