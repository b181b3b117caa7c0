"""Where lines go: styled on a terminal, plain elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import Progress as RichProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from streamstate.oracle.lines import Line, Style

_STYLES: Final[Mapping[Style, str]] = {
    "": "",
    "good": "bold green",
    "bad": "bold red",
    "rule": "bold",
    "dim": "dim",
}


class Bar:
    """The line that says what goes on while a check runs."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say: Final = say
        self._counted = ""

    def count(self, programs: int, deviating: int) -> None:
        """Programs are driven, and so many were compared: a `Progress`."""
        also = f", {deviating:,} deviate" if deviating else ""
        self._counted = f"{programs:,} programs{also}"
        self._say(self._counted)

    def started(self) -> None:
        """The implementation is started: once more after programs were counted, it is to look
        into what deviated."""
        if self._counted:
            self._say(f"{self._counted}; finding the cause …")


class Screen:
    """Standard output, or standard error where that is taken by a report."""

    def __init__(self, *, to_stderr: bool = False) -> None:
        self._console: Final = Console(stderr=to_stderr, highlight=False, emoji=False)

    def show(self, lines: Iterable[Line]) -> None:
        """Print the lines, never broken, never read as markup."""
        for line in lines:
            self._console.print(Text(line.text, style=_STYLES[line.style]), soft_wrap=True)

    @contextmanager
    def progress(self) -> Iterator[Bar | None]:
        """A line that is there while programs run; None where nobody would see it."""
        if not self._console.is_terminal:
            yield None
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with RichProgress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task("starting")
            yield Bar(lambda text: bar.update(task, description=text))
