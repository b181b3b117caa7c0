"""What `push` takes, and how it becomes the registry's own."""

from __future__ import annotations

from typing import TypeAlias

BytesLike: TypeAlias = bytes | bytearray | memoryview
"""What `push` takes; at run time, anything that supports the buffer protocol."""


def copied(chunk: BytesLike) -> bytes:
    """The bytes of the buffer as they are now. Raises `TypeError` for what is none."""
    try:
        return memoryview(chunk).tobytes()
    except TypeError:
        raise TypeError(f"chunk must be bytes-like, not {type(chunk).__name__}") from None
