"""An implementation that offers `fill`, seen as one that writes all its chunks in base64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamstate.oracle.adapters.implementation import Hello, Hurried, Implementation, Request
from streamstate.wire import WireError, compact, read_json, without_fills


class Unfilled:
    """The same implementation. Only answers that may hold a fill are read, and only if it offers
    them; what is no chunk, or too large, is left as it is, and so is a wrong value."""

    def __init__(self, implementation: Implementation) -> None:
        self._implementation: Final = implementation

    @property
    def hello(self) -> Hello:
        """How it introduced itself."""
        return self._implementation.hello

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        lines = self._implementation.run(requests)
        if "fill" not in self.hello.capabilities:
            return lines
        return (unfilled(line) if b'"fill"' in line else line for line in lines)

    def hurry(self, seconds: float) -> None:
        """See `Hurried.hurry`."""
        if isinstance(self._implementation, Hurried):
            self._implementation.hurry(seconds)

    def close(self) -> None:
        """Close it."""
        self._implementation.close()


def unfilled(line: bytes) -> bytes:
    """An answer line with base64 for fills; as it is where it is no JSON. O(size)."""
    try:
        return compact(without_fills(read_json(line))).encode("utf-8", "surrogatepass")
    except (WireError, RecursionError):
        return line
