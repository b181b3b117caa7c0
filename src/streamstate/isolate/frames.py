"""Messages between an isolate and the process that its engine has to itself.

A frame is four bytes with its length, four bytes with the length of its JSON, the JSON, and then
the message's bytes, one after the other. The JSON has their lengths, under a tag. Dicts have a tag
too, so that nothing a guest makes can pass for another thing. This side does not trust what comes
out of the other process: it reads it as data, and runs nothing in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

HEAD: Final = 4
LARGEST: Final = 1 << 30


def packed(message: Any) -> bytes:
    """The message as a frame. O(size)."""
    parts: list[bytes] = [b"", b""]
    parts[1] = json.dumps(_tagged(message, parts)).encode()
    size = HEAD + sum(map(len, parts))
    parts[0] = size.to_bytes(HEAD, "big") + len(parts[1]).to_bytes(HEAD, "big")
    return b"".join(parts)


def _tagged(value: Any, parts: list[bytes]) -> Any:
    """The value for JSON. Appends its bytes to the parts."""
    if isinstance(value, bytes):
        parts.append(value)
        return {"b": len(value)}
    if isinstance(value, (list, tuple)):
        return [_tagged(each, parts) for each in value]
    if isinstance(value, dict):
        return {"d": {key: _tagged(each, parts) for key, each in value.items()}}
    return value


def _untagged(value: Any, rest: BytesIO) -> Any:
    match value:
        case {"b": int(size)} if len(data := rest.read(max(size, 0))) == size:
            return data
        case {"d": dict(members)}:
            return {key: _untagged(each, rest) for key, each in members.items()}
        case list():
            return [_untagged(each, rest) for each in value]
        case dict():
            raise ValueError("a frame has an object without a tag, or fewer bytes than it says")
        case _:
            return value


class Frames:
    """The bytes that came in and do not yet make up a whole frame."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """The messages that are complete by now. Raises `ValueError` for a frame that is no
        message."""
        self._buffer += data
        while len(self._buffer) >= HEAD:
            size = int.from_bytes(self._buffer[:HEAD], "big")
            if size > LARGEST:
                raise ValueError(f"a frame claims to have {size} bytes")
            if len(self._buffer) < HEAD + size:
                return
            with memoryview(self._buffer) as whole:
                body = BytesIO(whole[HEAD : HEAD + size])
            del self._buffer[: HEAD + size]
            yield _read(body)


def _read(body: BytesIO) -> Any:
    described = body.read(int.from_bytes(body.read(HEAD), "big"))
    try:
        message = _untagged(json.loads(described), body)
    except RecursionError:
        raise ValueError("a frame is nested too deeply") from None
    if body.read(1):
        raise ValueError("a frame has more bytes than it says")
    return message
