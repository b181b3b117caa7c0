"""Reports for machines and for keeping, each into a file or onto standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TypeAlias

import click

from streamstate import __version__
from streamstate.oracle.html import html
from streamstate.oracle.junit import junit
from streamstate.oracle.report import report
from streamstate.oracle.verdict import Verdict

Report: TypeAlias = Callable[[], str]
"""Makes the text of a report."""


def reports(verdict: Verdict, command: Sequence[str] = ()) -> dict[str, Report]:
    """The reports on a verdict, by option. JSON is indented, and ASCII: it may hold what an
    implementation said."""
    return {
        "--json": lambda: json.dumps(report(verdict, __version__), indent=2) + "\n",
        "--junit": lambda: junit(verdict),
        "--html": lambda: html(verdict, command),
    }


class Sinks:
    """Where reports go; `written` is called once all that they show is known."""

    def __init__(self, files: Mapping[str, IO[str]]) -> None:
        self._files = files

    @property
    def take_stdout(self) -> bool:
        """Whether one of them is standard output."""
        return any(file is sys.stdout for file in self._files.values())

    def written(self, reports: Mapping[str, Report]) -> None:
        """Write each report that somebody wants. Raises `click.FileError` where that fails."""
        for option, file in self._files.items():
            text = reports[option]()
            try:
                _replace(file, text)
            except OSError as error:
                raise click.FileError(file.name, error.strerror) from None


@contextmanager
def sinks(names: Mapping[str, str | None]) -> Iterator[Sinks]:
    """Open the files of these options, all before anything runs, so that a wrong name is found
    early; what was in a file stays until its report is written.

    Raises `click.UsageError` for a file that cannot be written, and where two want one place.
    """
    wanted = {option: name for option, name in names.items() if name is not None}
    by_place: dict[str, str] = {}
    for option, name in wanted.items():
        place = name if name == "-" else str(Path(name).absolute())
        if place in by_place:
            shown = "standard output" if name == "-" else repr(name)
            raise click.UsageError(f"{by_place[place]} and {option} cannot both go to {shown}")
        by_place[place] = option
    with ExitStack() as stack:
        yield Sinks({option: _opened(name, stack) for option, name in wanted.items()})


def _opened(name: str, stack: ExitStack) -> IO[str]:
    if name == "-":
        return sys.stdout
    try:
        file = Path(name).open("a", encoding="utf-8", errors="replace")  # noqa: SIM115  # the stack closes it
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise click.UsageError(f"cannot write the report to {name!r}: {why}") from None
    return stack.enter_context(file)


def _replace(file: IO[str], text: str) -> None:
    if file is not sys.stdout:
        with suppress(OSError):  # a pipe or a device has nothing to take away
            file.truncate(0)
    file.write(text)
    file.flush()
