"""`streamstate explore`: the page on which to press ops."""

from __future__ import annotations

import click

from streamstate import __version__
from streamstate.cli.arguments import report_file
from streamstate.cli.pictures import write_text


@click.command()
@click.option(
    "-o",
    "--output",
    type=report_file,
    default="explorer.html",
    show_default=True,
    help="Where the page goes; - is standard output.",
)
def explore(output: str) -> None:
    """Write a page on which to press ops and watch what they mean. It needs no network.

    Dialects stand there side by side, and a deviation of a report of check --json is replayed.
    """
    from streamstate.explorer import explorer_page  # noqa: PLC0415  # no other command needs it

    write_text(output, explorer_page(__version__), "page")
    if output != "-":
        click.echo(f"Wrote {output}. Open it in a browser.")
