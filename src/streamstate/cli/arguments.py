"""Arguments that several commands share: a dialect, a program."""

from __future__ import annotations

import sys
from math import isnan
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from streamstate.model import NAMED, POLICIES, Dialect, Limits, Seen
from streamstate.oracle.programs.written import parse_with_rounds
from streamstate.wire import (
    Turn,
    WireError,
    read_json,
    without_fills,
)


def _parsed(_context: click.Context, _option: click.Parameter, value: str) -> Dialect:
    return parsed_dialect(value)


def parsed_dialect(text: str) -> Dialect:
    """The dialect of that name. Raises `click.BadParameter`."""
    try:
        return Dialect.parse(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def dialect_or_none(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> Dialect | None:
    """The dialect of an option that may be left out. Raises `click.BadParameter`."""
    return None if value is None else parsed_dialect(value)


def complete_dialect(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    """The dialects that a shell offers: the named ones, and after a + each further field."""
    start, plus, setting = begun.rpartition("+")
    settings = [f"{field}={value}" for field, values in POLICIES.items() for value in values]
    offered = settings if plus else [*NAMED]
    return [f"{start}{plus}{each}" for each in offered if each.startswith(setting)]


dialect_option: Final = click.option(
    "--dialect",
    callback=_parsed,
    shell_complete=complete_dialect,
    default="reference",
    show_default=True,
    help="A named dialect, or one written name+field=value+…",
)


def parsed_limits(text: str) -> Limits:
    """Limits written `BYTES,CHUNKS`. Raises `click.BadParameter`."""
    mark, _, most = text.partition(",")
    try:
        return Limits(int(mark), int(most))
    except ValueError:
        expected = "expected two numbers from 0, BYTES,CHUNKS, such as 65536,16"
        raise click.BadParameter(f"{text!r}: {expected}") from None


def limits_or_none(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> Limits | None:
    """The limits of an option that may be left out. Raises `click.BadParameter`."""
    return None if value is None else parsed_limits(value)


class Seconds(click.FloatRange):
    """A number of seconds: more than 0 and at most so many, so neither infinite nor NaN."""

    def __init__(self, most: int) -> None:
        super().__init__(min=0, min_open=True, max=most)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number of seconds. Raises `click.BadParameter`."""
        seconds = float(super().convert(value, param, ctx))
        if isnan(seconds):  # which is in any range, as it compares with nothing
            self.fail(f"{seconds} is not in the range 0<x<={self.max}.", param, ctx)
        return seconds


report_file: Final = click.Path(dir_okay=False, allow_dash=True)
"""Where a report goes; - is standard output."""


def why(error: Exception) -> str:
    """What went wrong with a file, without its name."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def bytes_of(name: str, expected: str) -> bytes:
    """What is in a file, - for standard input. Raises `click.UsageError`."""
    try:
        return standard_input().read() if name == "-" else Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise click.UsageError(f"cannot read {name!r}: {why(error)}; expected {expected}") from None


def standard_input() -> BinaryIO:
    """Standard input. Raises `click.UsageError` if it is closed."""
    if sys.stdin is None:
        raise click.UsageError("standard input is closed")
    return sys.stdin.buffer


def read_program(source: str) -> tuple[Turn, ...]:
    """The program in `source`: JSON text, `-` for stdin, or the name of a file. Chunks may be
    written as fills."""
    return _read("PROGRAM", source)


def read_turns(source: str) -> tuple[Turn, ...]:
    """The program in `source`, which an adapter can be asked. Raises `click.UsageError`."""
    program = _read("--program", source)
    for index, turn in enumerate(program):
        if isinstance(turn, Seen):
            raise click.UsageError(f"program[{index}] cannot be asked of an adapter; leave it out")
    return program


def program_file(source: str | None) -> str | None:
    """The name of the file that `source` is, - for stdin; None if it is JSON text."""
    return None if source is None or source.lstrip().startswith("[") else source


def _read(option: str, source: str) -> tuple[Turn, ...]:
    file = program_file(source)
    where = option if file is None else f"{option} {source if source == '-' else repr(source)}"
    try:
        value = without_fills(read_json(source if file is None else _text(file)))
        program = parse_with_rounds(value)
    except WireError as error:
        raise click.UsageError(f"{where}: {error}") from None
    if not program:
        raise click.UsageError(f"{where}: the program has no ops")
    return program


def _text(file: str) -> bytes:
    try:
        return standard_input().read() if file == "-" else Path(file).read_bytes()
    except (OSError, ValueError) as error:
        expected = 'expected JSON text such as \'[["create"],["pull",1]]\', - or a file'
        raise click.UsageError(f"cannot read the program {file!r}: {error}; {expected}") from None
