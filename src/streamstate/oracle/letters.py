"""Programs as words over letters, each letter an op with its wire text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final, TypeAlias

from streamstate.model import CancelPull, Clear, Create, Op, Pull, Seen
from streamstate.wire import compact, encode_op


class Letter:
    """An op and its canonical wire text. Made by `letter`, one object per op, so that programs of
    letters are compared and looked up by identity.

    `stream` is the one that the op is on, None if it is on all of them; `pulls` whether it takes
    the next pull number.
    """

    __slots__ = ("op", "pulls", "stream", "text")

    def __init__(self, op: Op, text: str) -> None:
        self.op: Final = op
        self.text: Final = text
        self.stream: Final = _stream_of(op)
        self.pulls: Final = isinstance(op, Pull)

    def __repr__(self) -> str:
        return f"letter({self.op!r})"


def _stream_of(op: Op) -> int | None:
    match op:
        case Create() | Clear() | CancelPull() | Seen():
            return None
        case _:
            return op.stream


@cache
def letter(op: Op) -> Letter:
    """The letter of `op`. The alphabet of a plan is small, so all are kept."""
    return Letter(op, compact(encode_op(op)))


Word: TypeAlias = tuple[Letter, ...]
"""A program, as letters."""


def word(ops: Iterable[Op]) -> Word:
    """The letters of a program."""
    return tuple(map(letter, ops))
