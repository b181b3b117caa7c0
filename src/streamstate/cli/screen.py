"""Writes lines: with styles on a terminal, plain elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from rich.console import Console
from rich.progress import Progress as RichProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from streamstate.oracle.reports.lines import Line, Style
from streamstate.oracle.reports.wording import first_in_words
from streamstate.oracle.verdict.tally import Example

_SECONDS: Final = 10.0
"""Seconds between two lines of progress if standard output is no terminal."""

_STYLES: Final[Mapping[Style, str]] = {
    "": "",
    "good": "bold green",
    "bad": "bold red",
    "rule": "bold",
    "dim": "dim",
}


class Bar:
    """Progress on a terminal: how far the check is, and at once what deviates first."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say: Final = say
        self._counted = ""
        self._first = ""

    def count(self, programs: int, deviating: int) -> None:
        """Called as programs run, with how many were compared."""
        also = f", {deviating:,} deviate" if deviating else ""
        self._counted = f"{programs:,} programs{also}"
        self._say(self._counted + self._first)

    def first(self, example: Example) -> None:
        """The program that deviates first; its cause and a shorter one are found later."""
        self._first = f"\n  {first_in_words(example)}"
        self._say(self._counted + self._first)

    def started(self) -> None:
        """Called when the implementation starts. If programs were counted before, it starts again
        to find the cause."""
        if self._counted:
            self._say(f"{self._counted}; finding the cause …{self._first}")


class Note:
    """Progress where there is no terminal: at once what deviates first, and from then on, now and
    then, a line that says what goes on."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say: Final = say
        self._counted = ""
        self._doing = ""

    def count(self, programs: int, deviating: int) -> None:
        """Called as programs run: remembers the counts for the next line."""
        self._counted = f"{programs:,} programs, {deviating:,} deviate; "

    def first(self, example: Example) -> None:
        """The program that deviates first; its cause and a shorter one are found later."""
        self._say(first_in_words(example))
        self._doing = "running the rest of the plan"

    def started(self) -> None:
        """Called when the implementation starts. If something deviated before, it starts again to
        find the cause."""
        if self._doing:
            self._doing = "finding the cause"

    def still(self) -> None:
        """Called now and then: says what goes on, once something deviates."""
        if self._doing:
            self._say(f"… {self._counted}{self._doing} …")


@contextmanager
def every(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    """Calls a function every so many seconds, in a thread."""
    over = Event()

    def again() -> None:
        while not over.wait(seconds):
            do()

    thread = Thread(target=again, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Screen:
    """Standard output, or standard error if a report goes to standard output."""

    def __init__(self, *, to_stderr: bool = False) -> None:
        self._console: Final = Console(stderr=to_stderr, highlight=False, emoji=False)

    def show(self, lines: Iterable[Line]) -> None:
        """Print the lines as they are: not wrapped, not read as markup."""
        for line in lines:
            self._console.print(Text(line.text, style=_STYLES[line.style]), soft_wrap=True)

    @contextmanager
    def progress(self) -> Iterator[Bar | Note]:
        """Shows progress while programs run: on a terminal, a line that changes; elsewhere lines on
        standard error, once something deviates."""
        if not self._console.is_terminal:
            note = Note(self._aside)
            with every(_SECONDS, note.still):
                yield note
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with RichProgress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task("starting")
            yield Bar(lambda text: bar.update(task, description=text))

    def _aside(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
