"""Lines of a screen, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Final, Literal, TypeAlias

WIDTH: Final = 88

Style: TypeAlias = Literal["", "good", "bad", "rule", "dim"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the screen, and its kind."""

    text: str
    style: Style = ""


def wrapped(
    text: str,
    indent: str = "",
    first: str | None = None,
    style: Style = "",
    *,
    breaking: bool = False,
) -> Iterator[Line]:
    """`text` in as many lines as it takes, `first` (else `indent`) before the first of them and
    `indent` before the others. Words that are too long are broken only where that is said."""
    for line in wrap(
        text,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=breaking,
        break_on_hyphens=False,
    ):
        yield Line(line, style)
