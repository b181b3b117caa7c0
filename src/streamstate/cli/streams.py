"""Standard streams that may be closed, and whose readers may leave.

Imports nothing of the project: it runs before the rest is imported.
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
    """A descriptor to write to. After the first `failure` it accepts everything and keeps nothing,
    so that the rest of a command, and its exit code, do not depend on whether anybody reads."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.failure: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        """Write some of the bytes; after a failure, drop them all."""
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


def guard_standard_streams() -> None:
    """Put outlets below stdout and stderr. A closed stdout stays closed; a closed stderr is one
    that nobody reads."""
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
    """Why text written to that stream is lost; None if it is not."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw.failure if isinstance(raw, Outlet) else None


def settled(status: int) -> int:
    """The exit code once stdout has everything: that of wrong usage if a verdict could not be
    written. A reader who left had seen enough."""
    if sys.stdout is not None:
        sys.stdout.flush()
    failure = failure_of(sys.stdout)
    if failure is None or isinstance(failure, BrokenPipeError) or status not in _VERDICTS:
        return status
    sys.stderr.write(f"Error: cannot write to standard output: {failure.strerror}\n")
    return _WRONG_USAGE
