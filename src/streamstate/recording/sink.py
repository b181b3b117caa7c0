"""A file to which whole lines are appended."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from errno import EAGAIN, EEXIST
from io import FileIO
from typing import Final

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # where there are no such locks, two writers are the caller's mistake

    def _lock(file: FileIO) -> None:
        del file
else:

    def _lock(file: FileIO) -> None:
        flock(file, LOCK_EX | LOCK_NB)


class Sink:
    """Appends lines to a file, as the only process that does. A forked child writes nothing. `size`
    is the size of the file in bytes.

    Every line reaches the system as soon as it is written, so a process that dies loses at most the
    line that it is writing.
    """

    __slots__ = ("_file", "_process", "size")

    def __init__(self, path: str | os.PathLike[str], head: bytes, first: bytes) -> None:
        """Open `path`, which must begin with `head` unless it is new or empty, and append `first`.

        Raises `OSError` if that cannot be done, or somebody else is writing there.
        """
        self._process: Final = os.getpid()
        self.size = 0
        try:
            self._file: Final = FileIO(os.fspath(path), "a+")
            try:
                self.write(self._claim(head) + first)
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            why = f"cannot record: {error.strerror}"
            raise OSError(error.errno, why, os.fspath(path)) from None

    def _claim(self, head: bytes) -> bytes:
        """Make sure that nobody else writes, and that the file holds what it should. Returns what
        has to come before the next line."""
        try:
            _lock(self._file)
        except OSError:
            raise OSError(EAGAIN, "another recording is being written there") from None
        status = os.fstat(self._file.fileno())
        self.size = status.st_size if stat.S_ISREG(status.st_mode) else 0
        if self.size == 0:
            return b""
        self._file.seek(0)
        if self._file.read(len(head)) != head:
            raise OSError(EEXIST, "the file is there and is no recording")
        self._file.seek(-1, os.SEEK_END)
        return b"" if self._file.read(1) == b"\n" else b"\n"  # whoever wrote before was cut off

    def write(self, line: bytes) -> None:
        """Append a line. Raises `OSError` if that cannot be done, with whole lines in the file."""
        if os.getpid() != self._process:
            return
        written = 0
        try:
            while written < len(line):
                written += self._file.write(memoryview(line)[written:]) or _nothing_taken()
        except BaseException:
            if written:
                with suppress(OSError):
                    self._file.truncate(self.size)
            raise
        self.size += written

    def close(self, last: bytes) -> None:
        """Append the last line, if that can be done, and close. Closing again does nothing.

        Raises `OSError` if it could not be written.
        """
        if self._file.closed:
            return
        try:
            self.write(last)
        finally:
            self._file.close()


def _nothing_taken() -> int:
    raise BlockingIOError(EAGAIN, "the file accepts no more")
