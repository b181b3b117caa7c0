"""Turns an exception of the host into an error of the guest, and recognises it when it comes
back."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import Final

from streamstate.isolate.errors import GuestError

MOST_REMEMBERED: Final = 100
"""How many exceptions of the host to keep, so that one that escapes the guest is raised itself."""

MOST_TEXT: Final = 1024 * 1024
"""How many characters of a message the guest is told."""


class Failures:
    """The last exceptions that the guest heard of. It hears name and message, and no more."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Exception] = OrderedDict()
        self._last = -1

    def told(self, error: BaseException) -> str:
        """`[name, message, -1]` in JSON, as the shim reads it, for an exception that need not come
        back."""
        return _described(error, -1)

    def told_and_kept(self, error: Exception) -> str:
        """`[name, message, number]` in JSON. The number finds the exception again if it comes back
        soon."""
        self._last += 1
        self._kept[self._last] = error
        if len(self._kept) > MOST_REMEMBERED:
            self._kept.popitem(last=False)
        return _described(error, self._last)

    def find(self, number: object) -> Exception | None:
        """The exception of that number; None if it is no longer kept."""
        return self._kept.get(number) if type(number) is int else None

    def clear(self) -> None:
        """Forget all exceptions, and what their tracebacks hold."""
        self._kept.clear()


def _described(error: BaseException, number: int) -> str:
    if isinstance(error, GuestError):
        return json.dumps([error.name, _crossable(error.message), number])
    try:
        message = str(error)
    except Exception:  # of its own making
        message = "an error that cannot be shown"
    return json.dumps([_crossable(type(error).__name__), _crossable(message), number])


def _crossable(text: str) -> str:
    return text[:MOST_TEXT].encode("utf-8", "replace").decode()
