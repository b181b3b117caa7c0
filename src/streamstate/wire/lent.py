"""What adapters that lend do with memory, as `protocol.md` says it: where a pushed chunk lies in
memory, and what is written over a chunk that was pushed, or into one that a pull brought."""

from __future__ import annotations

from typing import Final

BEFORE: Final = b"\xa5" * 3
"""The bytes before a pushed chunk in the same memory: so many that it begins at an odd place."""

BEHIND: Final = b"\xa5" * 5
"""The bytes behind a pushed chunk."""


def written_over(chunk: bytes) -> bytes:
    """What the owner writes over a pushed chunk: every byte is the first one with all bits flipped.
    O(length)."""
    return bytes([chunk[0] ^ 0xFF]) * len(chunk) if chunk else b""


def written_into(chunk: bytes) -> bytes:
    """What the awaiter writes into a chunk that a pull brought: every byte is the first one with
    its highest bit flipped. O(length)."""
    return bytes([chunk[0] ^ 0x80]) * len(chunk) if chunk else b""
