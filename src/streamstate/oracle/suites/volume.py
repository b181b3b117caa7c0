"""Programs far beyond the limits: a registry must do with much of something what it does with
little, whatever buffer, table or counter it keeps it in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamstate.oracle.suites.building import CLEAR, CREATE, ONE, TWO, On, Ops, created

_SIZES: Final = (100_000, 2**17, 2**17 + 1, 200_000, 2**20 + 1)
"""Lengths of a chunk in bytes. The last one shows what goes wrong from any smaller size on."""

_MESSAGE_LENGTHS: Final = (1_000, 5_000, 70_000)
_MANY: Final = 1_030
"""How many chunks and pulls: more than anybody sets aside places for."""

_OFTEN: Final = 300
"""How often an op comes that changes nothing any more: more than a byte counts."""

_STREAMS: Final = (1_030, 513, 300, 129, 100)


def volume_programs() -> Iterator[Ops]:
    """All programs of this suite, in a fixed order."""
    pull, close, full = ONE.pull, ONE.close, ONE.is_full
    for size in _SIZES:
        chunk = ONE.push(_mixed(size))
        yield (CREATE, pull, chunk, full, close, pull)
        yield (CREATE, chunk, full, ONE.push(b"1"), pull, pull, full)
    for length in _MESSAGE_LENGTHS:
        yield (CREATE, pull, ONE.error("e" * length), pull)
        yield (CREATE, ONE.error("é" * length), pull, close, pull)
    pushes = tuple(ONE.push(number.to_bytes(2, "big")) for number in range(_MANY))
    yield (CREATE, *(each for push in pushes for each in (push, pull)), pull)
    yield (CREATE, *(each for push in pushes for each in (pull, push)), close)
    yield (CREATE, *pushes, full, *ONE.pulls(_MANY), pull, close)
    again = (full, close, pull, ONE.error(), pull, On(9).is_full, On(9).delete, CLEAR)
    yield (CREATE, *(op for op in again for _ in range(_OFTEN)), CREATE, *_used(TWO))
    for numbers in (_STREAMS, _STREAMS[::-1]):
        yield (*created(_MANY), *(op for number in numbers for op in _used(On(number))))


def _mixed(size: int) -> bytes:
    """A chunk of so many bytes that shows what is cut off, left out or moved."""
    return (bytes(range(251)) * (size // 251 + 1))[: size - 1] + b"\xff"


def _used(on: On) -> Ops:
    pull = on.pull
    return (
        *(pull, pull, *on.pushes(3), on.is_full, pull, pull, on.close, pull),
        *(on.error(), pull, on.delete, pull),
    )
