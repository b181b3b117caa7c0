"""Tells which names lead to the same file, so that no report overwrites an input or another
report."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping, Sequence
from typing import Final, TextIO, TypeAlias

import click

_Place: TypeAlias = str | tuple[int, int]
"""A regular file's device and number; any other file's path without links; - for a standard
stream."""

_RENEWED: Final = ("--write-known", "--known")
"""The one report that may overwrite its input: a list of known deviations."""


def apart(outputs: Mapping[str, str], inputs: Sequence[tuple[str, str]]) -> None:
    """Raise `click.UsageError` if two outputs, given by option, go to one place, or an output goes
    to a file that is an input. Each input comes with the option that reads it."""
    readers: dict[_Place, tuple[str, str]] = {}
    for reader, name in inputs:
        place = _place(name, sys.stdin)
        if isinstance(place, tuple):
            readers.setdefault(place, (reader, name))
    by_place: dict[_Place, str] = {}
    for option, name in outputs.items():
        place = _place(name, sys.stdout)
        reader, source = readers.get(place, ("", ""))
        if reader and (option, reader) != _RENEWED:
            raise click.UsageError(
                f"{option} cannot go to {_named(name, 'output')}: "
                f"{reader} reads {_named(source, 'input')}, which is the same file"
            )
        if place in by_place:
            other = by_place[place]
            link = "" if outputs[other] == name else f", the same file as {outputs[other]!r}"
            shown = _named(name, "output")
            raise click.UsageError(f"{other} and {option} cannot both go to {shown}{link}")
        by_place[place] = option


def read_once(names: Sequence[str], reader: str) -> None:
    """Raise `click.UsageError` if the names have standard input more than once."""
    if names.count("-") > 1:
        raise click.UsageError(f"{reader}: - is standard input, which can be read only once")


def _named(name: str, stream: str) -> str:
    return f"standard {stream}" if name == "-" else repr(name)


def _place(name: str, stream: TextIO | None) -> _Place:
    try:
        status = os.fstat(_descriptor(stream)) if name == "-" else os.stat(name)
    except (OSError, ValueError):
        return name if name == "-" else _real(name)
    if stat.S_ISREG(status.st_mode):
        return status.st_dev, status.st_ino
    return name if name == "-" else _real(name)


def _descriptor(stream: TextIO | None) -> int:
    if stream is None:
        raise ValueError("closed")
    return stream.fileno()


def _real(name: str) -> str:
    try:
        return os.path.realpath(name)
    except (OSError, ValueError):  # no name of a file, as opening it will say
        return name
