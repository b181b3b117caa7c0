"""Abstractions: the model seen through few inputs, within bounds, so that a finite machine is left.

What makes a registry infinite are contents, numbers and lengths. Contents and numbers never matter
to what comes next, so a state is taken for its *shape* (sizes instead of chunks, how many pulls
instead of which, streams counted back from the newest), and an answer names what the model would:
the queued chunk at some place, the pulled chunk, the pull that waits. Lengths are bounded: an input
that would lead out of the bounds is not defined there. Nothing else is left out, and no rule is
repeated here: which shape comes next is asked of the model.

An input may be several ops done together. It is not defined where implementations that are right
may answer it differently (`suites.races`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Final, TypeAlias

from streamstate.model import (
    CancelPush,
    Create,
    Error,
    Limits,
    Op,
    Push,
    PushesWaiting,
    Stream,
    StreamId,
    Waiting,
)
from streamstate.model.invariants import waiting_pushes
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.editing import inner_ops, put_on, stream_of
from streamstate.oracle.programs.graph import Node
from streamstate.oracle.programs.program import Program, Symbol, program_of, symbol
from streamstate.oracle.suites.building import marked
from streamstate.oracle.suites.complete.mealy import Edge, Inputs, Mealy
from streamstate.oracle.suites.complete.named_answers import named_answer
from streamstate.oracle.suites.races import is_answered_in_one_way
from streamstate.wire import Together, Turn


@dataclass(frozen=True, slots=True)
class Abstraction:
    """A view of the model that is finite, and how thoroughly the default plan goes through it.

    In `inputs` streams are counted back from the newest, which is 1; of a pushed chunk only the
    size counts, and of an error nothing: programs give each its own content. A cancel of a push
    names its place among those that wait, the oldest being 1. `setup` comes before every program,
    as a part of the reset. Inputs are done alone, and any two, three … of them
    together, up to `most_together`.
    """

    name: str
    says: str
    blind_spot: str
    """What the abstraction cannot see, as a sentence."""
    setup: tuple[Op, ...]
    inputs: tuple[Op, ...]
    most_chunks: int
    most_waiting: int = 1
    extra_states: int = 0
    limits: Limits | None = None
    most_together: int = 1

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Each input alone, then those done together."""
        several = (product(self.inputs, repeat=n) for n in range(2, self.most_together + 1))
        return (*self.inputs, *(Together(ops) for each in several for ops in each))

    @property
    def named(self) -> int:
        """How many streams inputs can name: those that the setup makes, or later ones in their
        place."""
        return sum(isinstance(op, Create) for op in self.setup)

    def is_small(self, node: Node) -> bool:
        """Whether every stream is one that inputs can name, with contents within the bounds."""
        oldest = node.next_stream - self.named
        return all(number >= oldest and self._is_small(each) for number, each in node.streams)

    def _is_small(self, stream: Stream) -> bool:
        if isinstance(stream, Waiting):
            return 1 + len(stream.others) <= self.most_waiting
        # Chunks that wait count too: a pull that lets several in does not lead out of the bounds.
        waiting = len(waiting_pushes(stream))
        return waiting <= self.most_waiting and len(stream.queue) + waiting <= self.most_chunks


def addressed(turn: Turn, node: Node) -> Turn | None:
    """The input where a push is named by its number; None where none waits at the place that the
    input names."""
    if not isinstance(turn, CancelPush) or not turn.push:
        return turn
    waiting = [each.push for _, stream in node.streams for each in waiting_pushes(stream)]
    return CancelPush(sorted(waiting)[turn.push - 1]) if turn.push <= len(waiting) else None


def written(turn: Turn, mark: int, next_stream: StreamId) -> Symbol:
    """The input `turn` as a symbol, where that stream would be made next: from `mark` on count what
    tells its contents from those of others in its program."""
    ops: list[Op] = []
    for op in inner_ops(turn):
        ops.append(marked(put_on(op, next_stream - (stream_of(op) or 0)), mark))
        next_stream += isinstance(op, Create)
        mark += _is_marked(op)
    return symbol(Together(tuple(ops)) if isinstance(turn, Together) else ops[0])


def _is_marked(op: Op) -> bool:
    return isinstance(op, Push | Error)


class Speller:
    """Writes words of inputs as programs, every chunk and message of which is its own."""

    def __init__(self, abstraction: Abstraction, model: CachedModel) -> None:
        self._model: Final = model
        self._addresses: Final = any(isinstance(op, CancelPush) for op in abstraction.inputs)
        self._setup: Final = program_of(abstraction.setup)
        self._next_stream: Final = 1 + abstraction.named
        self._mark: Final = 1 + sum(map(_is_marked, abstraction.setup))
        self._inputs: Final = tuple(
            (turn, sum(isinstance(op, Create) for op in ops), sum(map(_is_marked, ops)))
            for turn in abstraction.turns
            for ops in [inner_ops(turn)]
        )
        self._written: Final = cache(written)

    def program(self, inputs: Inputs) -> Program:
        """The program for a word of inputs, the setup before it. O(length)."""
        next_stream, mark = self._next_stream, self._mark
        symbols = list(self._setup)
        for each in inputs:
            turn, creates, marks = self._inputs[each]
            if self._addresses:
                turn = self._addressed(turn, symbols)
            symbols.append(self._written(turn, mark, next_stream))
            next_stream += creates
            mark += marks
        return tuple(symbols)

    def _addressed(self, turn: Turn, before: Sequence[Symbol]) -> Turn:
        if not isinstance(turn, CancelPush):
            return turn
        found = addressed(turn, self._model.expect(tuple(before)).links[-1].target)
        assert found is not None, "a word of the suite is defined"
        return found


Shape: TypeAlias = tuple[tuple[int, object], ...]
"""A state without contents and numbers."""


def shape(node: Node) -> Shape:
    """The shape of a state. O(streams + chunks)."""
    return tuple(
        (node.next_stream - number, stream_shape(stream)) for number, stream in node.streams
    )


def stream_shape(stream: Stream) -> object:
    """The shape of one stream: how many pulls wait, or its phase and the sizes of its chunks."""
    if isinstance(stream, Waiting):
        return 1 + len(stream.others)
    if isinstance(stream, PushesWaiting):
        offered = tuple(len(each.chunk) for each in (stream.first, *stream.others))
        return stream.phase, offered, tuple(map(len, stream.queue.chunks()))
    return (stream.status.phase, tuple(map(len, stream.queue.chunks())))


def explore(abstraction: Abstraction, model: CachedModel) -> Mealy:
    """The abstraction of that model, a state for each shape. O(shapes · inputs) model steps."""
    start = model.expect(program_of(abstraction.setup)).links[-1].target
    numbers: dict[Shape, int] = {shape(start): 0}
    rows: list[tuple[Edge | None, ...]] = []
    to_visit = deque([(start, 1 + sum(map(_is_marked, abstraction.setup)))])
    turns = abstraction.turns
    while to_visit:
        node, mark = to_visit.popleft()
        row: list[Edge | None] = []
        for asked in turns:
            turn = addressed(asked, node)
            if turn is None:
                row.append(None)
                continue
            each = written(turn, mark, node.next_stream)
            link = model.link(node, each)
            is_small = abstraction.is_small(link.target)
            if not is_small or not _has_one_answer(model, node, each):
                row.append(None)
                continue
            reached = shape(link.target)
            if reached not in numbers:
                numbers[reached] = len(numbers)
                to_visit.append((link.target, mark + sum(map(_is_marked, inner_ops(turn)))))
            row.append(Edge(named_answer(node, each, link.json), numbers[reached]))
        rows.append(tuple(row))
    return Mealy(tuple(rows))


def _has_one_answer(model: CachedModel, node: Node, each: Symbol) -> bool:
    turn = each.op
    return not isinstance(turn, Together) or is_answered_in_one_way(model, node, turn)
