"""Writes reports, each to a file or to standard output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, TextIO, TypeAlias

import click

from streamstate import __version__, oracle
from streamstate.cli.arguments import why
from streamstate.cli.places import apart
from streamstate.oracle.reports.as_json import as_json
from streamstate.oracle.reports.junit import as_junit
from streamstate.oracle.verdict.verdict import Verdict

Report: TypeAlias = Callable[[], str]
"""Makes the text of a report."""


def reports(verdict: Verdict, most: int, page: str | None = None) -> dict[str, Report]:
    """The reports on a verdict, by option. JSON is indented, and ASCII, since it may quote the
    implementation. `page` is where the HTML goes: beside it comes an explorer that replays the
    deviations."""
    return {
        "--json": lambda: json.dumps(as_json(verdict, __version__), indent=2) + "\n",
        "--junit": lambda: as_junit(verdict, most),
        "--html": lambda: oracle.as_html(verdict, verdict.command, most, _explorer(verdict, page)),
    }


def _explorer(verdict: Verdict, page: str | None) -> str:
    """Write an explorer beside that page and return its name; none if there is nothing to
    replay."""
    if page is None or page == "-" or not verdict.deviations:
        return ""
    from streamstate.explorer import explorer_beside  # noqa: PLC0415  # only who asks waits

    try:
        return explorer_beside(Path(page), __version__)
    except OSError as error:
        note = f"Note: no explorer beside {page!r}, so no replays in it: {why(error)}"
        click.echo(note, err=True)
        return ""


class Unwritten(click.ClickException):
    """The command wrote all reports but these. That is wrong usage, not a verdict."""

    exit_code = 2


@dataclass(slots=True)
class _Sink:
    """Where one report goes. `made` says that the command made the file."""

    name: str
    file: FileIO | TextIO
    made: bool
    written: bool = False


class Sinks:
    """Where reports go. Call `written` once everything that they show is known."""

    def __init__(self, sinks: Mapping[str, _Sink]) -> None:
        self._sinks: Final = sinks
        self.failures: Final[list[str]] = []

    @property
    def take_stdout(self) -> bool:
        """Whether one of the reports goes to standard output."""
        return any(sink.file is sys.stdout for sink in self._sinks.values())

    def written(self, reports: Mapping[str, Report]) -> None:
        """Write each report that was asked for, and note failures in `failures`."""
        for option, sink in self._sinks.items():
            text = reports[option]()
            try:
                _replace(sink.file, text)
            except OSError as error:
                self.failures.append(_failure(option, sink.name, error))
            else:
                sink.written = True


@contextmanager
def sinks(
    names: Mapping[str, str | None], inputs: Sequence[tuple[str, str | None]] = ()
) -> Iterator[Sinks]:
    """Open the files of these options, all before anything runs, so that a wrong name shows early.
    A file keeps its contents until its report is written; a new file is removed again if nothing
    was written to it.

    Raises `click.UsageError` for a file that nobody can write, for two outputs in one place, and
    for an output in the place of an input, which comes with the option that reads it. Raises
    `Unwritten` at the end.
    """
    wanted = {option: name for option, name in names.items() if name is not None}
    apart(wanted, [(reader, name) for reader, name in inputs if name is not None])
    with ExitStack() as stack:
        opened = Sinks({option: _opened(option, name, stack) for option, name in wanted.items()})
        yield opened
    if opened.failures:
        raise Unwritten("; ".join(opened.failures))


def _opened(option: str, name: str, stack: ExitStack) -> _Sink:
    if name == "-":
        if sys.stdout is None:
            raise click.UsageError(f"{option}: standard output is closed")
        return _Sink(name, sys.stdout, made=False)
    try:
        made = not os.path.exists(name)
        sink = _Sink(name, FileIO(name, "a"), made)
    except (OSError, ValueError) as error:
        raise click.UsageError(_failure(option, name, error)) from None
    stack.callback(_closed, sink)
    return sink


def _closed(sink: _Sink) -> None:
    sink.file.close()
    with suppress(OSError):
        if sink.made and not sink.written and os.path.getsize(sink.name) == 0:
            os.unlink(os.path.realpath(sink.name))


def _failure(option: str, name: str, error: Exception) -> str:
    where = "standard output" if name == "-" else repr(name)
    return f"{option}: cannot write the report to {where}: {why(error)}"


def _replace(file: FileIO | TextIO, text: str) -> None:
    if not isinstance(file, FileIO):
        file.write(text)
        file.flush()
        return
    with suppress(OSError):  # a pipe or a device has nothing to take away
        file.truncate(0)
    rest = memoryview(text.encode("utf-8", "replace"))
    while rest:
        rest = rest[file.write(rest) :]
