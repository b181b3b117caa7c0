"""`streamstate trace`: checking what was recorded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import click

from streamstate.cli.arguments import complete_dialect, dialect_or_none, standard_input
from streamstate.cli.places import read_once
from streamstate.cli.reports import sinks
from streamstate.cli.screen import Screen
from streamstate.model import Dialect
from streamstate.oracle.recordings import Verdict, check
from streamstate.oracle.reports.lines import Line
from streamstate.oracle.reports.recording import verdict_json, verdict_lines

_STDIN: Final = "-"


@click.command()
@click.option(
    "--dialect",
    callback=dialect_or_none,
    shell_complete=complete_dialect,
    help="Check in this dialect, whatever the files name. "
    "[default: the one that a recording names, else reference]",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True),
    help="Write the report there as JSON; - is stdout.",
)
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
def trace(dialect: Dialect | None, json_file: str | None, files: tuple[str, ...]) -> None:
    """Check recordings of live registries and recorded exchanges, each FILE on its own.

    A FILE may be compressed with gzip; - is stdin. Every file is checked. Ends with the highest
    of these that applies: 0 if all conform, 1 if one deviates, 2 if one is no recording, 3 if a
    line in the middle of one is broken. A last line that was cut off is only noted. Nothing is
    checked where one of the files cannot be opened, which is wrong usage, too.
    """
    read_once(files, "FILE")
    with ExitStack() as stack:
        opened = [(name, stack.enter_context(_opened(name))) for name in files]
        reports = stack.enter_context(
            sinks({"--json": json_file}, [("FILE", name) for name in files])
        )
        screen = Screen(to_stderr=reports.take_stdout)
        verdicts: list[Verdict] = []
        for name, file in opened:
            verdicts.append(_checked(name, file, dialect))
            screen.show(verdict_lines(verdicts[-1]))
        if len(verdicts) > 1:
            screen.show([_summary(verdicts)])
        reports.written({"--json": lambda: _report(verdicts)})
    click.get_current_context().exit(_worst(verdicts).exit_code)


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """A file to check. All are opened before the first is checked, so that a wrong name is found
    early."""
    if name == _STDIN:
        yield standard_input()
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115  # `with` is just below
    except (OSError, ValueError) as error:
        raise click.UsageError(f"cannot read {name!r}: {_why(error)}; expected a file") from None
    with file:
        yield file


def _checked(name: str, file: BinaryIO, dialect: Dialect | None) -> Verdict:
    try:
        return check("stdin" if name == _STDIN else name, file, dialect)
    except OSError as error:
        raise click.UsageError(f"cannot read {name!r}: {_why(error)}") from None


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    return max(verdicts, key=lambda verdict: verdict.exit_code)


def _summary(verdicts: Sequence[Verdict]) -> Line:
    counted = Counter(verdict.outcome.value for verdict in verdicts)
    shown = ", ".join(f"{number:,} {word}" for word, number in counted.items())
    return Line(f"{len(verdicts):,} files: {shown}; {sum(each.ops for each in verdicts):,} ops.")


def _report(verdicts: Sequence[Verdict]) -> str:
    files = [verdict_json(verdict) for verdict in verdicts]
    report = {"verdict": _worst(verdicts).outcome.value, "files": files}
    return json.dumps(report, indent=2) + "\n"
