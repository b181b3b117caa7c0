"""Messages between an isolate and the process that its engine has to itself.

A frame is its length, in four bytes, and JSON. Bytes are written in base64, under a tag, as are
lists and dicts, so that nothing a guest makes can be taken for another thing. What comes out of the
other process is not trusted: it is read as data, and nothing in it is run.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any, Final

HEAD: Final = 4
LARGEST: Final = 1 << 30


def packed(message: Any) -> bytes:
    """The message as a frame. O(size)."""
    body = json.dumps(_tagged(message)).encode()
    return len(body).to_bytes(HEAD, "big") + body


def _tagged(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": b64encode(value).decode()}
    if isinstance(value, (list, tuple)):
        return [_tagged(each) for each in value]
    if isinstance(value, dict):
        return {"d": {key: _tagged(each) for key, each in value.items()}}
    return value


def _untagged(value: Any) -> Any:
    match value:
        case {"b": str(text)}:
            return b64decode(text, validate=True)
        case {"d": dict(members)}:
            return {key: _untagged(each) for key, each in members.items()}
        case list():
            return [_untagged(each) for each in value]
        case dict():
            raise ValueError("a frame has an object without a tag")
        case _:
            return value


class Frames:
    """What came in so far, and has not made up a frame."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """The messages that are whole by now. Raises `ValueError` for what is none."""
        self._buffer += data
        while len(self._buffer) >= HEAD:
            size = int.from_bytes(self._buffer[:HEAD], "big")
            if size > LARGEST:
                raise ValueError(f"a frame claims to have {size} bytes")
            if len(self._buffer) < HEAD + size:
                return
            body = bytes(self._buffer[HEAD : HEAD + size])
            del self._buffer[: HEAD + size]
            yield _read(body)


def _read(body: bytes) -> Any:
    try:
        return _untagged(json.loads(body))
    except RecursionError:
        raise ValueError("a frame is nested too deep") from None
