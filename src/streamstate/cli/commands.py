"""The commands and their options. Other modules do the work."""

from __future__ import annotations

import sys
from itertools import takewhile
from platform import python_implementation, python_version_tuple
from typing import Final

import click

from streamstate import __version__
from streamstate.cli.arguments import (
    complete_dialect,
    dialect_option,
    dialect_or_none,
    standard_input,
)
from streamstate.cli.campaigning import campaign
from streamstate.cli.checking import check
from streamstate.cli.comparing import dialects
from streamstate.cli.explaining import explain, rule
from streamstate.cli.exploring import explore
from streamstate.cli.merging import merge
from streamstate.cli.rows import table_lines
from streamstate.cli.screen import Screen
from streamstate.cli.starters import LANGUAGES, language_of, small_registry, starter
from streamstate.cli.streams import failure_of
from streamstate.cli.tracing import trace
from streamstate.model import Dialect, Rule
from streamstate.oracle.adapters.reference import ReferenceAdapter
from streamstate.oracle.reports.as_json import FORMAT
from streamstate.registry import Build, build
from streamstate.semantics import SPECIFICATION
from streamstate.wire import PROTOCOL, WireError
from streamstate.wire.recorded import RECORDING

_ABORTED: Final = 130
_OWN_MISTAKE: Final = 70


def _build_shown() -> str:
    """The build of the registry that runs, as `--version` shows it."""
    if build() is not Build.COMPILED:
        return str(build())
    return f"{build()}, {python_implementation()} {'.'.join(python_version_tuple()[:2])}"


def _versions() -> str:
    """What `--version` shows."""
    return (
        f"streamstate {__version__} ({_build_shown()})\n"
        f"specification {SPECIFICATION} ({len(Rule)} rules), protocol {PROTOCOL},"
        f" report {FORMAT}, recording {RECORDING}"
    )


_FIRST: Final = """\
streamstate says what the ops of a stream state registry mean, and whether yours does that.

  To test yours      streamstate adapter LANGUAGE > my-adapter     javascript, python, go, …
                     streamstate check -- COMMAND                  what runs the adapter
  To learn           streamstate explore                           a page to press ops on
                     streamstate explain '[["create"],["pull",1],["delete",1]]'
                     streamstate rule DELETE_3
  To choose          streamstate dialects
  All of it          streamstate --help
"""
"""What to do first, for a user who names no command."""


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message=_versions())
@click.pass_context
def cli(context: click.Context) -> None:
    """Stream state registries: what they mean, and whether one conforms."""
    if context.invoked_subcommand is None:
        click.echo(_FIRST, nl=False)


for _command in (campaign, check, dialects, explain, explore, merge, rule, trace):
    cli.add_command(_command)


@cli.command(short_help="Run the model itself as an adapter, on stdin and stdout.")
@dialect_option
def reference(dialect: Dialect) -> None:
    """Run the model itself as an adapter, on stdin and stdout, with protocol 1."""
    if sys.stdout is None:
        raise click.UsageError("standard output is closed")
    adapter = ReferenceAdapter(dialect, __version__)
    heard = takewhile(lambda _: failure_of(sys.stdout) is None, standard_input())
    try:
        adapter.serve(heard, sys.stdout.buffer)
    except WireError as error:
        raise click.UsageError(str(error)) from None


def _complete_language(_context: click.Context, _of: click.Parameter, begun: str) -> list[str]:
    return [language for language in LANGUAGES if language.startswith(begun.lower())]


@cli.command(short_help="Print an adapter to start from, in the LANGUAGE you name.")
@click.argument("language", shell_complete=_complete_language)
@click.option(
    "--registry",
    is_flag=True,
    help="Print a small registry instead, which the adapter calls as it is, to try both.",
)
def adapter(language: str, registry: bool) -> None:
    """Print an adapter to start from, in javascript, typescript, python, go, rust or java."""
    found = language_of(language)
    if found is None:
        known = ", ".join(LANGUAGES)
        raise click.UsageError(f"there is no starter in {language!r}; expected one of {known}")
    click.echo(small_registry(found) if registry else starter(found), nl=False)


@cli.command(short_help="Show what every op means in every situation.")
@click.option(
    "--dialect",
    callback=dialect_or_none,
    shell_complete=complete_dialect,
    help="Show only one dialect: a named one, or one written name+field=value+…",
)
def table(dialect: Dialect | None) -> None:
    """Show what every op means in every situation: the rule, what is done, what comes next."""
    Screen().show(table_lines(dialect))


def run() -> int:
    """Run the command line; return the status to end with. A mistake of its own gives 70, which
    never passes for a verdict."""
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
