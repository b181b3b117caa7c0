"""Where an op threw, as Python shows it, without the files of this package."""

from __future__ import annotations

from pathlib import Path
from traceback import FrameSummary, StackSummary, extract_tb
from typing import Final

_OURS: Final = Path(__file__).parents[2]


def outside(error: BaseException) -> tuple[str, ...]:
    """The lines of an exception's traceback that are in files outside this package, outermost call
    first; none if it was raised in here."""
    frames = [each for each in extract_tb(error.__traceback__) if not _is_ours(each)]
    lines = "".join(StackSummary.from_list(frames).format()).splitlines()
    return tuple(line.removeprefix("  ") for line in lines)


def _is_ours(frame: FrameSummary) -> bool:
    """Whether the file is in this package. Compiled modules say that by an incomplete path."""
    path = Path(frame.filename)
    return path.is_relative_to(_OURS) or (not path.is_absolute() and _OURS.name in path.parts)
