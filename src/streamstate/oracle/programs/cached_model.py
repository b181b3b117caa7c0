"""The expected answers, fast: the model's answers along programs, each worked out once.

Programs of a plan begin alike and often end up in the same state. A `CachedModel` remembers, for
every state it met and every op done there, the answer as canonical text. A program is then a walk
along links, and only what is new asks the model.

It asks the model less often still, because an op on a stream looks only at that stream and at the
next pull's number (`model.stream.react` is given nothing else). So it remembers what an op does to
a *cell*, the data of one stream, whatever the other streams hold.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from operator import itemgetter
from typing import Final, TypeAlias

from streamstate.model import (
    Create,
    Dialect,
    Error,
    Idle,
    Limits,
    Push,
    State,
    Stream,
    advance,
    pushes_wait,
)
from streamstate.oracle.programs.graph import Cell, Cells, Expected, Link, Node, Reaction, Walk
from streamstate.oracle.programs.program import Program, Symbol
from streamstate.oracle.programs.rulesets import bit_of
from streamstate.wire import Advance, Json, Together, Turn, answer_text
from streamstate.wire.answers import answer_by, told

Numbers: TypeAlias = tuple[int, int]
"""Those that are given next: of a pull, and of a push that waits."""

_number: Final = itemgetter(0)

_MANY_CELLS: Final = 40
"""It does not look up states with more streams: that takes longer than it saves."""

_LONG: Final = 500
"""A program with at least so many ops is walked by itself."""

_LITTLE: Final = 3
"""Chunks that a stream has accepted which others come to be like."""


class CachedModel:
    """The model in one dialect and with one pair of limits, as a graph that grows when asked."""

    def __init__(self, dialect: Dialect, limits: Limits | None = None) -> None:
        self.dialect: Final = dialect
        self.limits: Final = Limits() if limits is None else limits
        self._nodes: Final[dict[object, Node]] = {}
        self._cells: Final[dict[Stream | None, Cell]] = {}
        self._unknown: Final = self._cell(None)
        self._pushes_wait: Final = pushes_wait(dialect)
        self.root: Final = self._begun()

    @cached_property
    def _passing(self) -> CachedModel:
        return _Passing(self.dialect, self.limits)

    def _begun(self) -> Node:
        """The node of a fresh registry."""
        return self._node(1, 1, 1, ())

    def link(self, node: Node, symbol: Symbol) -> Link:
        """The step of `symbol` in `node`. O(streams) if it met the stream in this state before,
        else a step of the model."""
        known = node.links.get(symbol)
        if known is None:
            known = node.links[symbol] = self._walked(node, symbol)
        return known

    def _walked(self, node: Node, symbol: Symbol) -> Link:
        if symbol.stream is not None:
            return self._step_of_one(node, symbol, symbol.stream)
        return self._step_of_any(node, symbol)

    def state(self, node: Node) -> State:
        """The state that `node` stands for, every chunk that was handed out seen. O(streams)."""
        return self._state(node, node.next_stream, node.streams)

    def _state(
        self, node: Node, next_stream: int, streams: tuple[tuple[int, Stream], ...]
    ) -> State:
        """A state of those streams, where pulls and pushes are numbered as in `node`."""
        numbers = next_stream, node.next_pull
        return State(self.dialect, self.limits, *numbers, streams, next_push=node.next_push)

    def node_of(self, state: State) -> Node | None:
        """The node of a state, whatever led there; None if there is none for it."""
        return None if state.handed else self._reached(state, ())

    @property
    def faultless(self) -> CachedModel:
        """The model without any mistake."""
        return self

    def tells(self, _node: Node) -> bool:
        """Whether the state of that node is known."""
        return True

    def advancing(self, _node: Node) -> Advance:
        """The function that does one op in that node."""
        return advance

    def _step_of_any(self, node: Node, symbol: Symbol) -> Link:
        """A step that may look at all streams. A new one looks at the next number only."""
        if isinstance(symbol.op, Create):
            state = self._state(node, node.next_stream, ())
            others = node.cells
        else:
            state, others = self.state(node), ()
        answered, taken = answer_by(advance, state, symbol.op)
        return Link.of(answered, taken, self._reached(answered.state, others))

    def _reached(self, after: State, before: Cells) -> Node:
        """The node of a state, with those cells before its own streams."""
        cells = tuple((number, self._cell(stream)) for number, stream in after.streams)
        return self._node(after.next_stream, after.next_pull, after.next_push, before + cells)

    def _step_of_one(self, node: Node, symbol: Symbol, number: int) -> Link:
        index, cell = self._find(node.cells, number)
        numbers = node.next_pull, node.next_push
        rule, bit, json, text, after, begun = self._reaction(numbers, cell, symbol, number)
        cells = node.cells
        if after is not cell:
            left = () if after is self._unknown else ((number, after),)
            cells = (*cells[:index], *left, *cells[index + 1 :])
        elif not symbol.pulls:
            return Link(rule, bit, json, text, node)
        pulls, pushes = node.next_pull + symbol.pulls, node.next_push + begun
        target = self._node(node.next_stream, pulls, pushes, cells)
        return Link(rule, bit, json, text, target)

    def _find(self, cells: Cells, number: int) -> tuple[int, Cell]:
        if cells and cells[-1][0] == number:  # the newest one is asked for most
            return len(cells) - 1, cells[-1][1]
        index = bisect_left(cells, number, key=_number)
        if index < len(cells) and cells[index][0] == number:
            return index, cells[index][1]
        return index, self._unknown

    def _reaction(self, next_of: Numbers, cell: Cell, symbol: Symbol, number: int) -> Reaction:
        # Only a pull has the next pull number to do with, only a push that may wait the next push
        # number; other ops share what they find.
        waits = self._pushes_wait and isinstance(symbol.op, Push)
        key = (symbol, next_of[0] if symbol.pulls else next_of[1] if waits else 0)
        known = cell.reactions.get(key)
        if known is None:
            known = cell.reactions[key] = self._reaction_anew(next_of, cell, symbol, number)
        return known

    def _reaction_anew(self, next_of: Numbers, cell: Cell, symbol: Symbol, number: int) -> Reaction:
        alone = () if cell.stream is None else ((number, cell.stream),)
        next_pull, next_push = next_of
        state = State(self.dialect, self.limits, number + 1, next_pull, alone, next_push=next_push)
        if isinstance(symbol.op, Together):
            raise ValueError(f"{symbol} may be on several streams")
        rule, reached, effects = advance(state, symbol.op)
        returned, settled = told(effects)  # that awaiters look then changes nothing on a stream
        json: Json = [returned, settled]
        text = answer_text(returned, settled)
        after, begun = self._cell(reached.find(number)), reached.next_push - next_push
        return Reaction(rule, bit_of(rule), json, text, after, begun)

    def _cell(self, stream: Stream | None) -> Cell:
        return self._cells.get(stream) or self._cells.setdefault(stream, Cell(stream))

    def _node(self, next_stream: int, next_pull: int, next_push: int, cells: Cells) -> Node:
        key = (next_stream, next_pull, next_push, cells)
        if len(cells) > _MANY_CELLS:
            return Node(*key)
        return self._nodes.get(key) or self._nodes.setdefault(key, Node(*key))

    def expect(self, program: Program) -> Expected:
        """The answers to `program` on a fresh registry. O(length) if it met the program before."""
        if len(program) > _LONG:
            return self._passing.expect(program)
        node = self.root
        links: list[Link] = []
        for each in program:
            link = node.links.get(each) or self.link(node, each)
            links.append(link)
            node = link.target
        return Expected.of(links)


class _Passing(CachedModel):
    """The model along long programs. Nobody will meet their states again, so it remembers only
    how streams are made, and what an op does to one with little in it, whatever its number."""

    def __init__(self, dialect: Dialect, limits: Limits) -> None:
        super().__init__(dialect, limits)
        self._creations: Final[dict[int, Link]] = {}

    def link(self, node: Node, symbol: Symbol) -> Link:
        """The step of `symbol` in `node`."""
        if not isinstance(symbol.op, Create):
            return self._walked(node, symbol)
        made = self._creation(node.next_stream, symbol)
        cells = node.cells + made.target.cells
        after = Node(made.target.next_stream, node.next_pull, node.next_push, cells)
        return made._replace(target=after)

    def expect(self, program: Program) -> Expected:
        """The answers to `program` on a fresh registry; no state in between is kept. O(length),
        times the streams for ops that look at all of them."""
        cells: dict[int, Cell] = {}
        next_stream, next_pull, next_push = 1, 1, 1
        texts: list[str] = []
        bits: list[int] = []
        for each in program:
            number = each.stream
            if number is not None:
                cell = cells.get(number, self._unknown)
                numbers = next_pull, next_push
                _, bit, _, text, after, begun = self._reaction(numbers, cell, each, number)
                next_pull += each.pulls
                next_push += begun
                if after is not self._unknown:
                    cells[number] = after
                elif after is not cell:
                    del cells[number]
            else:
                if isinstance(each.op, Create):
                    link = self._creation(next_stream, each)
                else:
                    node = Node(next_stream, next_pull, next_push, tuple(cells.items()))
                    link = self.link(node, each)
                    next_pull, next_push = link.target.next_pull, link.target.next_push
                    cells = {}
                bit, text, next_stream = link.bit, link.text, link.target.next_stream
                cells.update(link.target.cells)
            texts.append(text)
            bits.append(bit)
        return Expected(f"[{','.join(texts)}]", Walk(self.root, self.link, program, bits))

    def _creation(self, number: int, symbol: Symbol) -> Link:
        """That of the stream of that number, beside no other."""
        known = self._creations.get(number)
        if known is None:
            known = self._creations[number] = self._walked(Node(number, 1, 1, ()), symbol)
        return known

    def _reaction(self, next_of: Numbers, cell: Cell, symbol: Symbol, number: int) -> Reaction:
        if symbol.pulls or not _has_little(cell.stream):
            return self._reaction_anew(next_of, cell, symbol, number)
        key = (_done_by(symbol.op), 0)
        known = cell.reactions.get(key)
        if known is None:
            known = self._reaction_anew(next_of, cell, symbol, number)
            if _has_little(known.cell.stream):
                cell.reactions[key] = known
        return known

    def _cell(self, stream: Stream | None) -> Cell:
        return super()._cell(stream) if _has_little(stream) else Cell(stream)

    def _node(self, next_stream: int, next_pull: int, next_push: int, cells: Cells) -> Node:
        return Node(next_stream, next_pull, next_push, cells)


def _has_little(stream: Stream | None) -> bool:
    return stream is None or (isinstance(stream, Idle) and stream.accepted <= _LITTLE)


def _done_by(turn: Turn) -> object:
    """The same for ops that do the same, each to its stream."""
    match turn:
        case Push(_, chunk):
            return Push, chunk
        case Error(_, value):
            return Error, value
        case _:
            return type(turn)


class CachedModels:
    """The model of each dialect and pair of limits, made when it is first asked for."""

    def __init__(self) -> None:
        self._models: dict[tuple[Dialect, Limits | None], CachedModel] = {}

    def of(self, dialect: Dialect, limits: Limits | None = None) -> CachedModel:
        key = (dialect, limits)
        return self._models.get(key) or self._models.setdefault(key, CachedModel(*key))
