"""Chunks of one byte, so many times, written short: `{"fill":byte,"size":n}`."""

from __future__ import annotations

from typing import Final

from streamstate.wire.jsons import Json, WireError, is_array, is_object, shown
from streamstate.wire.ops import encode_bytes

LARGEST_FILL: Final = 1 << 26
"""The most bytes that the fills in one line may stand for, all together."""

SMALLEST_FILL: Final = 1 << 10
"""A uniform chunk of at least so many bytes is written as a fill."""


def fill_of(chunk: bytes) -> Json:
    """The fill that stands for a chunk; None for a short or a mixed one. O(length)."""
    if len(chunk) < SMALLEST_FILL or chunk[1:] != chunk[:-1]:
        return None
    return {"fill": chunk[0], "size": len(chunk)}


def without_fills(value: Json) -> Json:
    """The value with every fill written in base64. O(size).

    Raises `WireError` for a fill that is no chunk, or if they are too large; `RecursionError` for a
    value that is nested too deeply.
    """
    return _Unfilling().of(value)


class _Unfilling:
    """One line's fills, and how many more bytes they may have."""

    def __init__(self) -> None:
        self._room = LARGEST_FILL

    def of(self, value: Json) -> Json:
        match value:
            case {"fill": fill, "size": size, **rest} if not rest:
                return self._chunk(fill, size)
            case _ if is_object(value):
                return {key: self.of(each) for key, each in value.items()}
            case _ if is_array(value):
                return [self.of(each) for each in value]
            case _:
                return value

    def _chunk(self, fill: Json, size: Json) -> Json:
        if type(fill) is int and type(size) is int and 0 <= fill <= 255 and 0 <= size <= self._room:
            self._room -= size
            return encode_bytes(bytes([fill]) * size)
        written = shown({"fill": fill, "size": size})
        raise WireError(f"{written} is no chunk of 0 to {LARGEST_FILL} bytes")
