"""Programs as words over symbols: a symbol is a turn (an op, or several together) and its text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary, WeakValueDictionary

from streamstate.model import Pull, Push
from streamstate.oracle.programs.editing import stream_of
from streamstate.wire import SMALLEST_FILL, Json, Together, Turn, compact, encode_op, fill_of


class Symbol:
    """A turn and its wire text. Made by `symbol`, one object per turn, so that programs of symbols
    are compared and looked up by identity.

    `stream` is the one that the op is on, None if it may be on any; `pulls` whether it takes the
    next pull number on that one.
    """

    __slots__ = ("__weakref__", "op", "pulls", "stream", "text")

    def __init__(self, op: Turn, text: str) -> None:
        self.op: Final = op
        self.text: Final = text
        self.stream: Final = stream_of(op)
        self.pulls: Final = isinstance(op, Pull)

    def __repr__(self) -> str:
        return f"symbol({self.op!r})"


_SYMBOLS: Final[WeakValueDictionary[Turn, Symbol]] = WeakValueDictionary()
"""Those that some program holds. To find the shortest one, many are tried and given up."""


def symbol(op: Turn) -> Symbol:
    """The symbol of `op`: the same one as long as it is held somewhere. O(size)."""
    found = _SYMBOLS.get(op)
    if found is None:
        found = _SYMBOLS[op] = Symbol(op, compact(encode_op(op)))
    return found


_FILLED: Final[WeakKeyDictionary[Symbol, Symbol]] = WeakKeyDictionary()


def filled(plain: Symbol) -> Symbol:
    """The symbol with its big uniform chunks written as fills; the same one if it has none."""
    if len(plain.text) < SMALLEST_FILL:
        return plain
    found = _FILLED.get(plain)
    if found is None:
        text = compact(with_fills(plain.op))
        if text == plain.text:
            return plain
        found = _FILLED[plain] = Symbol(plain.op, text)
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


Program: TypeAlias = tuple[Symbol, ...]
"""A program, as symbols."""


def program_of(ops: Iterable[Turn]) -> Program:
    """The symbols of a program."""
    return tuple(map(symbol, ops))


def longest_of(program: Program) -> int:
    """Characters of the longest op as it is asked for."""
    return max((len(symbol.text) for symbol in program), default=0)


def without(program: Program, lacks: frozenset[str]) -> Program:
    """The program without those ops; itself where it has none of them. O(ops)."""
    if not any(names_of(each.op) & lacks for each in program):
        return program
    left: list[Turn] = []
    for each in program:
        turn = each.op
        if isinstance(turn, Together):
            ops = tuple(op for op in turn.ops if not names_of(op) & lacks)
            left.extend((Together(ops),) if ops else ())
        elif not names_of(turn) & lacks:
            left.append(turn)
    return program_of(left)


def names_of(turn: Turn) -> frozenset[str]:
    """The ops of a turn, by their names."""
    if isinstance(turn, Together):
        return frozenset(str(encode_op(op)[0]) for op in turn.ops)
    return frozenset({str(encode_op(turn)[0])})
