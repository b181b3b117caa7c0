"""`streamstate explore`: the page on which to press ops."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import click

from streamstate import __version__
from streamstate.cli.arguments import read_program, report_file
from streamstate.cli.explanations import Looks
from streamstate.cli.pictures import write_text
from streamstate.wire import Turn, compact, encode_program


@click.command()
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

    It needs no network. Dialects stand there side by side, and a deviation of a report of check
    --json is replayed. The address opens it with a PROGRAM, if one is given.
    """
    from streamstate.explorer import explorer_page  # noqa: PLC0415  # no other command needs it

    fragment = "" if source is None else _fragment(read_program(source))
    write_text(output, explorer_page(__version__), "page")
    if output != "-":
        click.echo(f"Open in a browser: {Path(output).resolve().as_uri()}{fragment}")


def _fragment(program: Sequence[Turn]) -> str:
    """The part of the page's address that holds a program."""
    looks = {"looks": Looks.AT_ONCE.value} if Looks.of(program) is Looks.AT_ONCE else {}
    return "#" + urlencode({"program": compact(encode_program(program)), **looks})
