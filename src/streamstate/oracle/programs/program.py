"""Programs as words over letters: a letter is a turn (an op, or several together) and its text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary, WeakValueDictionary

from streamstate.model import CancelPull, Clear, Create, Pull, Push, Seen
from streamstate.wire import SMALLEST_FILL, Json, Together, Turn, compact, encode_op, fill_of


class Letter:
    """A turn and its wire text. Made by `letter`, one object per turn, so that programs of letters
    are compared and looked up by identity.

    `stream` is the one that the op is on, None if it may be on any; `pulls` whether it takes the
    next pull number on that one.
    """

    __slots__ = ("__weakref__", "op", "pulls", "stream", "text")

    def __init__(self, op: Turn, text: str) -> None:
        self.op: Final = op
        self.text: Final = text
        self.stream: Final = _stream_of(op)
        self.pulls: Final = isinstance(op, Pull)

    def __repr__(self) -> str:
        return f"letter({self.op!r})"


def _stream_of(op: Turn) -> int | None:
    match op:
        case Create() | Clear() | CancelPull() | Seen() | Together():
            return None
        case _:
            return op.stream


_LETTERS: Final[WeakValueDictionary[Turn, Letter]] = WeakValueDictionary()
"""Those that some program holds. To find the shortest one, many are tried and given up."""


def letter(op: Turn) -> Letter:
    """The letter of `op`: the same one as long as it is held somewhere. O(size)."""
    found = _LETTERS.get(op)
    if found is None:
        found = _LETTERS[op] = Letter(op, compact(encode_op(op)))
    return found


_FILLED: Final[WeakKeyDictionary[Letter, Letter]] = WeakKeyDictionary()


def filled(plain: Letter) -> Letter:
    """The letter with its big uniform chunks written as fills; the same one if it has none."""
    if len(plain.text) < SMALLEST_FILL:
        return plain
    found = _FILLED.get(plain)
    if found is None:
        text = compact(with_fills(plain.op))
        if text == plain.text:
            return plain
        found = _FILLED[plain] = Letter(plain.op, text)
    return found


def with_fills(turn: Turn) -> Json:
    """The wire form of a turn, with its big uniform chunks written as fills."""
    match turn:
        case Together(ops):
            return ["together", *map(with_fills, ops)]
        case Push(stream, chunk) if (fill := fill_of(chunk)) is not None:
            return ["push", stream, fill]
        case _:
            return encode_op(turn)


Word: TypeAlias = tuple[Letter, ...]
"""A program, as letters."""


def word(ops: Iterable[Turn]) -> Word:
    """The letters of a program."""
    return tuple(map(letter, ops))


def longest_of(program: Word) -> int:
    """Characters of the longest op as it is asked for."""
    return max((len(letter.text) for letter in program), default=0)
