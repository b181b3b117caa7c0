"""The commands and their options. What they do is elsewhere."""

from __future__ import annotations

import sys
from itertools import takewhile
from platform import python_implementation, python_version_tuple
from typing import Final

import click

from streamstate import __version__
from streamstate.cli.arguments import dialect_option, parsed_dialect, standard_input
from streamstate.cli.checking import check
from streamstate.cli.explaining import explain
from streamstate.cli.merging import merge
from streamstate.cli.rows import table_lines
from streamstate.cli.screen import Screen
from streamstate.cli.starters import LANGUAGES, starter
from streamstate.cli.streams import failure_of
from streamstate.cli.tables import dialect_lines
from streamstate.cli.tracing import trace
from streamstate.model import Dialect
from streamstate.oracle.adapters.reference import ReferenceAdapter
from streamstate.registry import Build, build
from streamstate.wire import WireError

_ABORTED: Final = 130
_OWN_MISTAKE: Final = 70


def _build_shown() -> str:
    """The build of the registry that runs, as `--version` shows it."""
    if build() is not Build.COMPILED:
        return str(build())
    return f"{build()}, {python_implementation()} {'.'.join(python_version_tuple()[:2])}"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    __version__, prog_name="streamstate", message=f"%(prog)s %(version)s ({_build_shown()})"
)
def cli() -> None:
    """Stream state registries: what they mean, and whether one conforms."""


cli.add_command(check)
cli.add_command(merge)
cli.add_command(trace)
cli.add_command(explain)


@cli.command()
@dialect_option
def reference(dialect: Dialect) -> None:
    """Be an adapter: the model itself, on stdin and stdout, protocol 1."""
    if sys.stdout is None:
        raise click.UsageError("standard output is closed")
    adapter = ReferenceAdapter(dialect, __version__)
    heard = takewhile(lambda _: failure_of(sys.stdout) is None, standard_input())
    try:
        adapter.serve(heard, sys.stdout.buffer)
    except WireError as error:
        raise click.UsageError(str(error)) from None


@cli.command()
@click.argument("language", type=click.Choice(LANGUAGES, case_sensitive=False))
def adapter(language: str) -> None:
    """Print an adapter to start from."""
    click.echo(starter(language), nl=False)


@cli.command()
@dialect_option
def dialects(dialect: Dialect) -> None:
    """Show the lattice of dialects, and the hazards of one."""
    Screen().show(dialect_lines(dialect))


def _parsed_or_none(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> Dialect | None:
    return None if value is None else parsed_dialect(value)


@cli.command()
@click.option(
    "--dialect",
    callback=_parsed_or_none,
    help="Only what holds in a named dialect, or in one written name+field=value+…",
)
def table(dialect: Dialect | None) -> None:
    """Show what every op means in every situation: the rule, what is done, what comes next."""
    Screen().show(table_lines(dialect))


def run() -> int:
    """Run the command line; the status to end with. A mistake of its own is 70, and never passes
    for a verdict."""
    try:
        status: object = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return _ABORTED
    except Exception as error:
        click.echo(f"Error: streamstate itself failed: {error!r}", err=True)
        return _OWN_MISTAKE
    return status if isinstance(status, int) else 0
