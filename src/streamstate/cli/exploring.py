"""`streamstate explore`: writes the page on which to press ops."""

from __future__ import annotations

from pathlib import Path

import click

from streamstate import __version__
from streamstate.cli.arguments import read_program, report_file
from streamstate.cli.explanations import Looks
from streamstate.cli.pictures import write_text


@click.command(short_help="Write a page on which to press ops and watch what they mean.")
@click.option(
    "-o",
    "--output",
    type=report_file,
    default="explorer.html",
    show_default=True,
    help="Where the page goes; - is standard output.",
)
@click.argument("source", metavar="[PROGRAM]", required=False)
def explore(output: str, source: str | None) -> None:
    """Write a page on which to press ops and watch what they mean, and say where to open it.

    The page needs no network. It shows dialects side by side, and replays a deviation from a
    report of check --json. If you give a PROGRAM, the address opens the page with it.
    """
    from streamstate.explorer import explorer_page, of_program  # noqa: PLC0415  # only who asks waits

    program = () if source is None else read_program(source)
    at_once = Looks.of(program) is Looks.AT_ONCE
    fragment = "" if source is None else f"#{of_program(program, looks_at_once=at_once)}"
    write_text(output, explorer_page(__version__), "page")
    if output != "-":
        click.echo(f"Open in a browser: {Path(output).resolve().as_uri()}{fragment}")
