"""Programs as words over symbols: a symbol is a turn (an op, or several together) and its text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary, WeakValueDictionary

from streamstate.model import Pull, Push
from streamstate.oracle.programs.editing import stream_of
from streamstate.wire import Json, Together, Turn, compact, encode_op, fill_of


class Symbol:
    """A turn and its wire text, if none is given the usual one. Made by `symbol`, one object per
    turn, so that programs of symbols are compared and looked up by identity.

    `stream` is the one that the op is on, None if it may be on any; `pulls` whether it takes the
    next pull number on that one; `fills` whether it has a chunk that may be written as a fill.
    """

    __slots__ = ("__weakref__", "fills", "op", "pulls", "stream", "text")

    text: str

    def __init__(self, op: Turn, text: str | None = None) -> None:
        self.op: Final = op
        self.stream: Final = stream_of(op)
        self.pulls: Final = isinstance(op, Pull)
        self.fills: Final = _fills(op)
        if text is not None or not self.fills:
            self.text = compact(encode_op(op)) if text is None else text

    def __getattr__(self, name: str) -> str:
        """The text of an op with a big chunk: long, and maybe never asked for, as that is sent as a
        fill."""
        if name != "text":
            raise AttributeError(name)
        self.text = compact(encode_op(self.op))
        return self.text

    def __reduce__(self) -> tuple[Callable[[Turn], Symbol], tuple[Turn]]:
        is_plain = symbol(self.op) is self
        return symbol if is_plain else _symbol_with_fills, (self.op,)

    def __repr__(self) -> str:
        return f"symbol({self.op!r})"


def _fills(turn: Turn) -> bool:
    if isinstance(turn, Together):
        return any(map(_fills, turn.ops))
    return isinstance(turn, Push) and fill_of(turn.chunk) is not None


Program: TypeAlias = tuple[Symbol, ...]
"""A program, as symbols."""


_SYMBOLS: Final[WeakValueDictionary[Turn, Symbol]] = WeakValueDictionary()
"""The symbols that some program holds. The search for the shortest program tries many, and gives
them up."""


def symbol(op: Turn) -> Symbol:
    """The symbol of `op`: the same one as long as it is held somewhere. O(size)."""
    found = _SYMBOLS.get(op)
    if found is None:
        found = _SYMBOLS[op] = Symbol(op)
    return found


_FILLED: Final[WeakKeyDictionary[Symbol, Symbol]] = WeakKeyDictionary()


_has_fills: Final = attrgetter("fills")


def filled(program: Program) -> Program:
    """The program with its big uniform chunks written as fills; the same one if it has none."""
    return tuple(map(_filled, program)) if any(map(_has_fills, program)) else program


def _filled(plain: Symbol) -> Symbol:
    if not plain.fills:
        return plain
    found = _FILLED.get(plain)
    if found is None:
        found = _FILLED[plain] = Symbol(plain.op, compact(with_fills(plain.op)))
    return found


def _symbol_with_fills(op: Turn) -> Symbol:
    return _filled(symbol(op))


def with_fills(turn: Turn) -> Json:
    """The wire form of a turn, with its big uniform chunks written as fills."""
    match turn:
        case Together(ops):
            return ["together", *map(with_fills, ops)]
        case Push(stream, chunk) if (fill := fill_of(chunk)) is not None:
            return ["push", stream, fill]
        case _:
            return encode_op(turn)


def program_of(ops: Iterable[Turn]) -> Program:
    """The symbols of a program."""
    return tuple(map(symbol, ops))


def longest_of(program: Program) -> int:
    """How many characters the longest op has on the wire."""
    return max((len(symbol.text) for symbol in program), default=0)


def without(program: Program, lacks: frozenset[str]) -> Program:
    """The program without those ops; itself if it has none of them. O(ops)."""
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
        return frozenset().union(*map(names_of, turn.ops))
    kind = type(turn)
    if kind not in _NAMES:
        _NAMES[kind] = frozenset({str(encode_op(turn)[0])})
    return _NAMES[kind]


_NAMES: Final[dict[type[Turn], frozenset[str]]] = {}
"""Names by kinds of ops: writing an op down for its name alone takes as long as its chunk is."""
