"""The file to which many threads at once write a history."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from threading import Lock
from typing import Final

from streamstate.histories.events import NEVER, PENDING, Call, Time
from streamstate.histories.form import encode_call
from streamstate.wire import Json, compact

_MOST_HELD: Final = 4_096
"""Calls that are held before they are written."""


class Journal:
    """Calls in progress, and those that responded and that nobody has written yet.

    A call that responds joins the second before it leaves the first, so that a thread that looks at
    the first and then at the second misses none.
    """

    def __init__(self, path: str | os.PathLike[str], header: Mapping[str, Json]) -> None:
        self._file: Final = open(path, "xb")  # noqa: SIM115  # `stop` closes it
        self._file.write(_line(header))
        self._numbers: Final = count(1)
        self._in_progress: Final[dict[int, Call]] = {}
        self._over: Final[deque[Call]] = deque()
        self._writing: Final = Lock()
        self._failure: OSError | None = None

    def number(self) -> int:
        """A number that no other call has."""
        return next(self._numbers)

    def invoked(self, call: Call) -> None:
        """Note that the call is in progress from now on."""
        self._in_progress[call.number] = call

    def responded(self, call: Call) -> None:
        """Note that the call is over. Raises nothing: no disk may get in the way of an op."""
        self._over.append(call)
        self._in_progress.pop(call.number, None)
        if len(self._over) >= _MOST_HELD and self._writing.acquire(blocking=False):
            try:
                self._write(NEVER)
            finally:
                self._writing.release()

    def forget(self, call: Call) -> None:
        """Forget the call: it never was one."""
        self._in_progress.pop(call.number, None)

    def stop(self, now: Time) -> None:
        """Write what was invoked up to now, what is in progress as pending, and close the file.
        Twice does nothing. Raises `OSError` if anything could not be written."""
        in_progress = dict(self._in_progress.copy())
        with self._writing:
            if self._file.closed:
                return
            for call in list(self._over):
                in_progress.pop(call.number, None)
            self._over.extend(in_progress.values())
            self._write(now)
            try:
                self._file.close()
            except OSError as error:
                self._failure = self._failure or error
        if self._failure is not None:
            raise self._failure

    def _write(self, now: Time) -> None:
        """Write the calls that are over; those that responded later than now, as pending."""
        try:
            for _ in range(len(self._over)):
                call = self._over.popleft()
                if call.responded > now:
                    call = replace(call, responded=NEVER, outcome=PENDING)
                if call.invoked <= now and self._failure is None and not self._file.closed:
                    self._file.write(_line(encode_call(call)))
        except OSError as error:
            self._failure = self._failure or error


def _line(value: Mapping[str, Json]) -> bytes:
    return compact(value).encode() + b"\n"
