"""`streamstate trace`: checks recordings, exchanges and histories."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias, cast

import click

from streamstate.cli.arguments import complete_dialect, dialect_or_none, standard_input, why
from streamstate.cli.places import read_once
from streamstate.cli.reports import sinks
from streamstate.cli.screen import Screen
from streamstate.cli.sharing import Check, checker
from streamstate.histories.drawing import report_lines
from streamstate.histories.linearize import MOST_STEPS
from streamstate.histories.reading import is_history
from streamstate.histories.report import Report, report_json, report_on
from streamstate.model import Dialect
from streamstate.oracle.recordings import FileVerdict
from streamstate.oracle.reports.lines import Line
from streamstate.oracle.reports.recording import verdict_json, verdict_lines
from streamstate.wire import Json

_STDIN: Final = "-"

_Found: TypeAlias = FileVerdict | Report
"""The result for a file: a recording or an exchange, or a history."""


_REPORT: Final = click.Path(dir_okay=False, writable=True, allow_dash=True)


@click.command(short_help="Check recordings, and histories of overlapping calls.")
@click.option(
    "--dialect",
    callback=dialect_or_none,
    shell_complete=complete_dialect,
    help="Check in this dialect, whatever the files name. "
    "[default: the one that a recording or a history names, else reference]",
)
@click.option(
    "--bound",
    metavar="STEPS",
    type=click.IntRange(min=1),
    default=MOST_STEPS,
    show_default=True,
    help="Give up on an object of a history after this many steps of the model.",
)
@click.option(
    "--json", "json_file", type=_REPORT, help="Write the report to this file as JSON; - is stdout."
)
@click.option("--html", "html_file", type=_REPORT, help="Draw the histories there; - is stdout.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Check recordings in so many processes, split by stream. The verdict is the same.",
)
@click.option(
    "--cluster",
    "address",
    metavar="ADDRESS",
    help="… on the workers of this scheduler of dask.distributed.",
)
@click.argument("files", metavar="FILE…", nargs=-1, required=True)
def trace(
    dialect: Dialect | None,
    bound: int,
    json_file: str | None,
    html_file: str | None,
    jobs: int,
    address: str | None,
    files: tuple[str, ...],
) -> None:
    """Check recordings of live registries, recorded exchanges, and histories of overlapping calls,
    each FILE on its own.

    A FILE may be compressed with gzip; - is stdin. Ends with the highest exit code of any file: 0
    if it conforms, or its history is linearizable; 1 if it deviates, or is not linearizable; 2 if
    it is none of these; 3 if a line in its middle is broken, or the bound ran out. A last line that
    was cut off is only noted, except in a history. If it cannot open one of the files, it checks
    none and ends with 2.
    """
    read_once(files, "FILE")
    if jobs > 1 and address is not None:
        raise click.UsageError("--jobs and --cluster are two ways to the same; leave out one")
    wanted = {"--json": json_file, "--html": html_file}
    with ExitStack() as stack:
        opened = [(name, stack.enter_context(_opened(name))) for name in files]
        reports = stack.enter_context(sinks(wanted, [("FILE", name) for name in files]))
        screen = Screen(to_stderr=reports.take_stdout)
        check = stack.enter_context(checker(jobs, address))
        found: list[_Found] = []
        for name, file in opened:
            found.append(_checked(check, name, file, dialect, bound))
            screen.show(_lines(found[-1]))
        if len(found) > 1:
            screen.show([_summary(found)])
        drawable = [each for each in found if isinstance(each, Report)]
        if html_file is not None and not drawable:
            raise click.UsageError("--html draws histories, and none of the files is one")
        reports.written({"--json": lambda: _report(found), "--html": lambda: _page(drawable)})
    click.get_current_context().exit(_worst(found).exit_code)


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """A file to check. The command opens all files before it checks the first, so that a wrong name
    shows early."""
    if name == _STDIN:
        yield standard_input()
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115  # `with` is just below
    except (OSError, ValueError) as error:
        raise click.UsageError(f"cannot read {name!r}: {why(error)}; expected a file") from None
    with file:
        yield file


def _checked(
    check: Check, name: str, file: BinaryIO, dialect: Dialect | None, bound: int
) -> _Found:
    shown = "stdin" if name == _STDIN else name
    buffered = cast(
        BufferedReader,
        file if isinstance(file, BufferedReader) else BufferedReader(file),
    )
    try:
        if is_history(buffered):
            return report_on(shown, buffered, dialect, bound)
        return check(shown, buffered, dialect)
    except OSError as error:
        raise click.UsageError(f"cannot read {name!r}: {why(error)}") from None


def _lines(found: _Found) -> Iterator[Line]:
    return report_lines(found) if isinstance(found, Report) else verdict_lines(found)


def _worst(found: Sequence[_Found]) -> _Found:
    return max(found, key=lambda each: each.exit_code)


def _word(found: _Found) -> str:
    return found.word if isinstance(found, Report) else found.outcome.value


def _summary(found: Sequence[_Found]) -> Line:
    counted = Counter(map(_word, found))
    shown = ", ".join(f"{number:,} {word}" for word, number in counted.items())
    ops = sum(each.calls if isinstance(each, Report) else each.ops for each in found)
    return Line(f"{len(found):,} files: {shown}; {ops:,} ops.")


def _json(found: _Found) -> dict[str, Json]:
    return report_json(found) if isinstance(found, Report) else verdict_json(found)


def _page(drawable: Sequence[Report]) -> str:
    from streamstate.histories.page import page  # noqa: PLC0415  # what it needs takes time

    return page(drawable)


def _report(found: Sequence[_Found]) -> str:
    report = {"verdict": _word(_worst(found)), "files": [_json(each) for each in found]}
    return json.dumps(report, indent=2) + "\n"
