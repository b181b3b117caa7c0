"""What the extracted specification prints, and how a difference from it is raised."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from streamstate.model import Dialect


class DifferenceError(AssertionError):
    """The specification and the model differ; the message shows where, and what each does."""


def printed(program: Path, *arguments: object) -> Iterator[str]:
    """The lines that the program prints, without their ends. Raises `RuntimeError` if it fails."""
    command = [str(program), *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield line.rstrip("\n")
    if process.returncode != 0:
        raise RuntimeError(f"{program} failed with status {process.returncode}")


def point(dialect: Dialect) -> str:
    """A dialect as the program is told of it, and tells of it: its values, with commas between."""
    return ",".join(getattr(dialect, field.name) for field in fields(dialect))
