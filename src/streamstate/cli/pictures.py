"""Shared by the commands that draw: where a picture goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from streamstate.cli.arguments import report_file, why

_Command: TypeAlias = Callable[..., Any]


def picture_option(said: str) -> Callable[[_Command], _Command]:
    """The option `--svg` of a command that draws."""
    return click.option("--svg", type=report_file, metavar="FILE", help=said)


def write_picture(name: str, picture: str) -> None:
    """Write a picture to that file, or to standard output for -. Raises `click.UsageError`."""
    write_text(name, picture, "picture")


def write_text(name: str, text: str, what: str) -> None:
    """Write what a command made to that file, or to standard output for -. Raises
    `click.UsageError`."""
    if name == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(name).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise click.UsageError(f"cannot write the {what} to {name!r}: {why(error)}") from None
