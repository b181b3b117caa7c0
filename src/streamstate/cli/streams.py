"""Standard streams that may be closed, and that their readers may leave.

Imports nothing of the project: all of this is there before the rest is.
"""

from __future__ import annotations

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_WRONG_USAGE: Final = 2
_VERDICTS: Final = (0, 1, 3)


class Outlet(FileIO):
    """A descriptor to write to. After the first `failure` it takes everything and keeps nothing, so
    that what else a command does, and what it ends with, does not hang on who reads it."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        """Write some of it, all of it once that has failed."""
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


def guard_standard_streams() -> None:
    """Put outlets below stdout and stderr. A stdout that is closed stays so; a closed stderr is as
    one that nobody reads."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # Else the next file to be opened would be taken for the standard stream.
            os.open(os.devnull, os.O_RDWR)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout = _guarded(sys.stdout.fileno(), sys.stdout)
    if sys.stderr is None or isinstance(sys.stderr, TextIOWrapper):
        sys.stderr = _guarded(2, sys.stderr)


def _guarded(descriptor: int, stream: TextIOWrapper | None) -> TextIOWrapper:
    return TextIOWrapper(
        BufferedWriter(Outlet(descriptor)),
        encoding="utf-8" if stream is None else stream.encoding,
        errors="replace",  # not every terminal knows every sign
        line_buffering=stream is None or stream.line_buffering,
    )


def failure_of(stream: TextIO | None) -> OSError | None:
    """Why what was written there is lost; None if it is not."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw.failure if isinstance(raw, Outlet) else None


def settled(status: int) -> int:
    """The status to end with once stdout has been given all: that of wrong usage in the place of a
    verdict that could not be written. A reader who left had seen enough."""
    if sys.stdout is not None:
        sys.stdout.flush()
    failure = failure_of(sys.stdout)
    if failure is None or isinstance(failure, BrokenPipeError) or status not in _VERDICTS:
        return status
    sys.stderr.write(f"Error: cannot write to standard output: {failure.strerror}\n")
    return _WRONG_USAGE
