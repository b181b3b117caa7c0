"""Where a recording goes: to one file, or to numbered ones, one after another."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Final

DIGITS: Final = 6
"""The least digits of a file's number: so the names sort in the order of writing."""


class Files:
    """The files of one recording, in turn.

    Without a limit there is one, `path`. With one, `service.jsonl` stands for
    `service.000001.jsonl`, `service.000002.jsonl`, and so on, which begin behind those that exist;
    `keep`, if given, is how many of them stay. Raises `ValueError` for a limit that no file could
    keep to.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        max_bytes: int | None,
        max_seconds: float | None,
        keep: int | None,
    ) -> None:
        self._path: Final = Path(path)
        self._max_bytes: Final = max_bytes
        self._max_seconds: Final = max_seconds
        self._keep: Final = keep
        self._most: int | None = None
        self._deadline = 0.0
        for name, limit in (("max_bytes", max_bytes), ("max_seconds", max_seconds), ("keep", keep)):
            if limit is not None and limit <= 0:
                raise ValueError(f"{name} must be more than 0, not {limit}")
        self._rotates: Final = max_bytes is not None or max_seconds is not None
        if keep is not None and not self._rotates:
            raise ValueError(
                "keep says how many files are kept; give max_bytes or max_seconds, too"
            )

    def next(self) -> Path:
        """The file to go on with."""
        if not self._rotates:
            return self._path
        number = max(self._there(), default=0) + 1
        return self._path.with_name(f"{self._path.stem}.{number:0{DIGITS}}{self._path.suffix}")

    def begun(self, size: int) -> None:
        """Note that a file began, with so many bytes, the state included. Its time runs from now,
        and files that are too old go."""
        if self._max_bytes is not None:  # the states are never most of what is written
            self._most = max(self._max_bytes, 2 * size)
        if self._max_seconds is not None:
            self._deadline = monotonic() + self._max_seconds
        if self._keep is not None:
            there = self._there()
            for number in sorted(there)[: -self._keep]:
                with suppress(OSError):  # somebody else may have taken it away, or hold it
                    there[number].unlink()

    def is_full(self, size: int) -> bool:
        """Whether the file, at that size, has reached a limit."""
        return (self._most is not None and size >= self._most) or (
            self._max_seconds is not None and monotonic() >= self._deadline
        )

    def _there(self) -> dict[int, Path]:
        """The numbered files that exist, by number."""
        stem, suffix = map(re.escape, (self._path.stem, self._path.suffix))
        named = re.compile(rf"{stem}\.(\d{{{DIGITS},}}){suffix}")
        folder = self._path.parent
        if not folder.is_dir():
            return {}
        names = ((named.fullmatch(each.name), each) for each in folder.iterdir())
        return {int(found[1]): each for found, each in names if found}
