"""The values that may cross between host and guest, checked on this side in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

Crossing: TypeAlias = (
    "bool | int | float | str | bytes | list[Crossing] | dict[str, Crossing] | None"
)

MOST_NESTED: Final = 200
"""How many levels of lists and dicts may cross. The shim allows half of that."""

MOST_SAFE: Final = 2**53 - 1
"""The largest integer that is exact in a JavaScript number."""


def outward(value: object, depth: int = 0) -> Crossing:
    """The value as the guest can have it. O(size).

    Buffers become bytes and tuples lists. Integers beyond 2^53 - 1 become a BigInt, and have 64
    bits at most. Raises `TypeError` or `ValueError`, naming what cannot cross.
    """
    if isinstance(value, str):
        return value if value.isascii() and type(value) is str else _encodable(value)
    if type(value) in _AS_THEY_ARE:
        return value  # type: ignore[return-value]  # one of these
    match value:
        case bool():
            return value
        case int():
            if not -(2**63) <= value < 2**63:
                raise ValueError("an integer of more than 64 bits cannot be handed to a guest")
            return int(value)
        case float():
            return float(value)
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case _ if depth == MOST_NESTED // 2:
            raise ValueError(f"more than {depth} levels cannot be handed to a guest")
        case list() | tuple():
            return [outward(each, depth + 1) for each in value]
        case Mapping():
            return {_key(key): outward(each, depth + 1) for key, each in value.items()}
        case _:
            raise TypeError(
                f"{type(value).__name__} cannot be handed to a guest; expected None, bool, int,"
                " float, str, bytes, or lists and dicts of those"
            )


_AS_THEY_ARE: Final = {type(None), bool, float, bytes}
"""The types of most values, which a lookup tells apart faster."""

_IN_AS_THEY_ARE: Final = {*_AS_THEY_ARE, int, str}


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"keys for a guest must be str, not {type(key).__name__}")
    return _encodable(key)


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{text[:40]!r} has a lone surrogate, which a guest cannot have") from None
    return str(text)


def inward(value: object, depth: int = 0) -> Crossing:
    """The value as it came from an engine. O(size). Raises `TypeError` for a value that no engine
    may bring."""
    if value is None or type(value) in _IN_AS_THEY_ARE:
        return value  # type: ignore[return-value]  # one of these
    match value:
        case None | bool() | int() | float() | str() | bytes():
            return value
        case list() if depth < MOST_NESTED:
            return [inward(each, depth + 1) for each in value]
        case dict() if depth < MOST_NESTED:
            if not all(isinstance(key, str) for key in value):
                raise TypeError("the engine brought a key that is no string")
            return {key: inward(each, depth + 1) for key, each in value.items()}
        case _:
            raise TypeError(f"the engine brought a {type(value).__name__}")


def stream_id(value: object) -> int:
    """A stream's number as the guest named it. Raises `TypeError` or `ValueError` for anything
    else."""
    if type(value) is float and value.is_integer():  # as some engines bring large ones
        value = int(value)
    if type(value) is not int:
        raise TypeError(f"stream must be a number, not {type(value).__name__}")
    if not 0 <= value <= MOST_SAFE:
        raise RangeError("stream must be an integer from 0 to 2^53 - 1")
    return value


def chunk_of(value: object) -> bytes:
    """A chunk as the guest gave it. Raises `TypeError` for anything else."""
    if type(value) is not bytes:
        raise TypeError("chunk must be a Uint8Array that is still there")
    return value


def text_of(value: object) -> str:
    """A string of the guest's. Raises `TypeError` for anything else."""
    if type(value) is not str:
        raise TypeError(f"a string was expected, not {type(value).__name__}")
    return value


class RangeError(Exception):
    """JavaScript's error of that name: a value has the right type but is out of range, or a call
    would exceed a limit of the isolate. The guest gets it under that name."""
