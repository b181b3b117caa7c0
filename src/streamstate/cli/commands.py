"""The commands and their options. What they do is elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Final

import click

from streamstate import __version__
from streamstate.cli.screen import Screen
from streamstate.cli.starters import LANGUAGES, starter
from streamstate.cli.tables import dialect_lines, explain_lines
from streamstate.model import CancelPull, Dialect, Op, Seen
from streamstate.oracle.adapter import ReferenceAdapter
from streamstate.oracle.child import ChildImplementation
from streamstate.oracle.inprocess import InProcessImplementation
from streamstate.oracle.laboratory import Opener
from streamstate.oracle.machine import word
from streamstate.oracle.plan import DEFAULT_SEED, only, suites
from streamstate.oracle.report import report
from streamstate.oracle.terminal import render
from streamstate.oracle.verdict import check as check_implementation
from streamstate.registry import StreamStateRegistry
from streamstate.wire import WireError, parse_program

_INTERRUPTED: Final = 130
_OWN_MISTAKE: Final = 70


def _parsed_dialect(_context: click.Context, _option: click.Parameter, value: str) -> Dialect:
    try:
        return Dialect.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


_dialect_option: Final = click.option(
    "--dialect",
    callback=_parsed_dialect,
    default="reference",
    show_default=True,
    help="A named dialect, or one written name+field=value+…",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Stream state registries: what they mean, and whether one conforms."""


@cli.command()
@_dialect_option
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True),
    help="Write the report there as JSON; - is stdout.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds without an answer, while one is due, that count as a hang.",
)
@click.option(
    "--seed", type=int, default=DEFAULT_SEED, show_default=True, help="Of the random programs."
)
@click.option("--program", help="Run only this one: JSON text, a file, or - for stdin.")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def check(
    dialect: Dialect,
    json_file: str | None,
    timeout: float,
    seed: int,
    program: str | None,
    command: tuple[str, ...],
) -> None:
    """Check an implementation: the adapter that COMMAND runs, or the built-in registry.

    Ends with 0 if it conforms, 1 if it deviates, 3 if it died, hung or broke the protocol.
    """
    planner = suites if program is None else only(word(_program(program, cancels=False)))
    opener = _opener(dialect, command, timeout)
    screen = Screen(to_stderr=json_file == "-")
    with _sink(json_file) as sink:
        with screen.progress() as progress:
            verdict = check_implementation(
                opener, dialect, seed=seed, planner=planner, progress=progress
            )
        screen.show(render(verdict, command))
        if sink is not None:
            screen.write_json(report(verdict), sink)
    sys.exit(verdict.exit_code)


@contextmanager
def _sink(name: str | None) -> Iterator[IO[str] | None]:
    """Where a report goes. Opened before anything runs, so that a wrong name is found early."""
    if name is None:
        yield None
        return
    if name == "-":
        yield sys.stdout
        return
    try:
        file = Path(name).open("w", encoding="utf-8")  # noqa: SIM115  # `with` is just below
    except OSError as error:
        raise click.UsageError(f"cannot write the report to {name!r}: {error}") from None
    with file:
        yield file


def _opener(dialect: Dialect, command: tuple[str, ...], timeout: float) -> Opener:
    if command:
        return lambda: ChildImplementation(command, timeout)
    return lambda: InProcessImplementation(
        lambda limits: StreamStateRegistry(dialect=dialect, limits=limits),
        "streamstate.StreamStateRegistry",
        __version__,
    )


def _program(source: str, *, cancels: bool) -> tuple[Op, ...]:
    """The program in `source`: JSON text, `-` for stdin, or the name of a file."""
    try:
        program = parse_program(_text(source))
    except WireError as error:
        raise click.UsageError(str(error)) from None
    if not program:
        raise click.UsageError("the program has no ops")
    for index, op in enumerate(program):
        if not cancels and isinstance(op, (CancelPull, Seen)):
            raise click.UsageError(f"program[{index}] cannot be asked of an adapter; leave it out")
    return program


def _text(source: str) -> str | bytes:
    if source == "-":
        return sys.stdin.buffer.read()
    if source.lstrip().startswith("["):
        return source
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:
        expected = 'expected JSON text such as \'[["create"],["pull",1]]\', - or a file'
        raise click.UsageError(f"cannot read the program {source!r}: {error}; {expected}") from None


@cli.command()
@_dialect_option
@click.argument("program")
def explain(dialect: Dialect, program: str) -> None:
    """Go through PROGRAM step by step: answers, rules, states. JSON text, a file, or - for stdin.

    Awaiters look at their chunks at once, unless the program says cancel_pull or seen.
    """
    Screen().show(explain_lines(_program(program, cancels=True), dialect))


@cli.command()
@_dialect_option
def reference(dialect: Dialect) -> None:
    """Be an adapter: the model itself, on stdin and stdout, protocol 1."""
    adapter = ReferenceAdapter(dialect, __version__)
    try:
        adapter.serve(sys.stdin.buffer, sys.stdout.buffer)
    except WireError as error:
        raise click.UsageError(str(error)) from None


@cli.command()
@click.argument("language", type=click.Choice(LANGUAGES))
def adapter(language: str) -> None:
    """Print an adapter to start from."""
    click.echo(starter(language), nl=False)


@cli.command()
@_dialect_option
def dialects(dialect: Dialect) -> None:
    """Show the lattice of dialects, and the hazards of one."""
    Screen().show(dialect_lines(dialect))


def main() -> None:
    """Run the command line and end the process. Never shows a traceback.

    An interrupt ends it with 130, a mistake of its own with 70: neither may pass for a verdict.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # not every terminal knows every sign
    try:
        status: object = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read the output has left. Python would complain again while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_INTERRUPTED)
    except Exception as error:
        click.echo(f"Error: streamstate itself failed: {error!r}", err=True)
        sys.exit(_OWN_MISTAKE)
    sys.exit(status if isinstance(status, int) else 0)
