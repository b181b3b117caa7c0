"""A file that lines are appended to, whole ones only."""

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


BUFFER: Final = 1 << 16
"""Bytes that are collected before they are written."""


class Sink:
    """Lines on their way to a file, which this process alone appends to. A child that was forked
    off writes nothing."""

    __slots__ = ("_buffer", "_file", "_process", "_size")

    def __init__(self, path: str | os.PathLike[str], head: bytes, first: bytes) -> None:
        """Open `path`, which must begin with `head` unless it is new or empty, and append `first`.

        Raises `OSError` if that cannot be done, or somebody else is writing there.
        """
        self._process: Final = os.getpid()
        self._buffer: Final = bytearray()
        try:
            self._file: Final = FileIO(os.fspath(path), "a+")
            try:
                self._claim(head)
                self.write(first)
                self.flush()
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            why = f"cannot record: {error.strerror}"
            raise OSError(error.errno, why, os.fspath(path)) from None

    def _claim(self, head: bytes) -> None:
        """Make sure that nobody else writes, and that what is there is as it should be."""
        try:
            _lock(self._file)
        except OSError:
            raise OSError(EAGAIN, "another recording is being written there") from None
        status = os.fstat(self._file.fileno())
        self._size = status.st_size if stat.S_ISREG(status.st_mode) else 0
        if self._size == 0:
            return
        self._file.seek(0)
        if self._file.read(len(head)) != head:
            raise OSError(EEXIST, "the file is there and is no recording")
        self._file.seek(-1, os.SEEK_END)
        if self._file.read(1) != b"\n":  # whoever wrote before was cut off
            self._buffer.extend(b"\n")

    def write(self, line: bytes) -> None:
        """Append a line. Raises `OSError` once one cannot be written. Amortised O(length)."""
        self._buffer.extend(line)
        if len(self._buffer) >= BUFFER:
            self.flush()

    def flush(self) -> None:
        """Give what was collected to the system. Raises `OSError`, with whole lines in the file."""
        if os.getpid() != self._process:
            self._buffer.clear()
            return
        data = bytes(self._buffer)
        self._buffer.clear()
        written = 0
        try:
            while written < len(data):
                written += self._file.write(memoryview(data)[written:]) or _nothing_taken()
        except BaseException:
            self._keep(data.rfind(b"\n", 0, written) + 1)
            raise
        self._size += written

    def _keep(self, length: int) -> None:
        """Of what was written last, keep so many bytes, if the file can be cut."""
        self._size += length
        with suppress(OSError):
            self._file.truncate(self._size)

    def close(self, last: bytes) -> None:
        """Append the last line, if that can be done, and close. Closing again does nothing.

        Raises `OSError` if something that was collected could not be written.
        """
        if self._file.closed:
            return
        try:
            self.write(last)
            self.flush()
        finally:
            self._file.close()


def _nothing_taken() -> int:
    raise BlockingIOError(EAGAIN, "the file takes nothing more")
