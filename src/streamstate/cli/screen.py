"""Where lines go: styled on a terminal, plain elsewhere."""

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
"""Between two lines that say that something still goes on, where nobody watches."""

_STYLES: Final[Mapping[Style, str]] = {
    "": "",
    "good": "bold green",
    "bad": "bold red",
    "rule": "bold",
    "dim": "dim",
}


class Bar:
    """What is said while a check runs: how far it is, and at once what deviates first."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say: Final = say
        self._counted = ""
        self._first = ""

    def count(self, programs: int, deviating: int) -> None:
        """Programs are driven, and so many were compared."""
        also = f", {deviating:,} deviate" if deviating else ""
        self._counted = f"{programs:,} programs{also}"
        self._say(self._counted + self._first)

    def first(self, example: Example) -> None:
        """The program that deviates first; its cause and a shorter one are found later."""
        self._first = f"\n  {first_in_words(example)}"
        self._say(self._counted + self._first)

    def started(self) -> None:
        """The implementation is started: once more after programs were counted, it is to look
        into what deviated."""
        if self._counted:
            self._say(f"{self._counted}; finding the cause …{self._first}")


class Note:
    """The same where nobody watches: what deviates first is said at once, and from then on, every
    now and then, that there is still something going on, each in a line of its own."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say: Final = say
        self._counted = ""
        self._doing = ""

    def count(self, programs: int, deviating: int) -> None:
        """Remembered, for when somebody wants to know."""
        self._counted = f"{programs:,} programs, {deviating:,} deviate; "

    def first(self, example: Example) -> None:
        """The program that deviates first; its cause and a shorter one are found later."""
        self._say(first_in_words(example))
        self._doing = "running the rest of the plan"

    def started(self) -> None:
        """The implementation is started: once more after something deviated, it is to look into
        that."""
        if self._doing:
            self._doing = "finding the cause"

    def still(self) -> None:
        """Some time has passed: say what goes on, where something deviated."""
        if self._doing:
            self._say(f"… {self._counted}{self._doing} …")


@contextmanager
def every(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    """Do something again and again, each time that so many seconds have passed, in a thread."""
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
    """Standard output, or standard error where that is taken by a report."""

    def __init__(self, *, to_stderr: bool = False) -> None:
        self._console: Final = Console(stderr=to_stderr, highlight=False, emoji=False)

    def show(self, lines: Iterable[Line]) -> None:
        """Print the lines, never broken, never read as markup."""
        for line in lines:
            self._console.print(Text(line.text, style=_STYLES[line.style]), soft_wrap=True)

    @contextmanager
    def progress(self) -> Iterator[Bar | Note]:
        """Lines that are there while programs run on a terminal; elsewhere some on standard error,
        once something deviates."""
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
