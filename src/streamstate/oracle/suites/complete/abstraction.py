"""Abstractions: the model seen through few inputs, within bounds, so that a finite machine is left.

What makes a registry infinite are contents, numbers and lengths. Contents and numbers never matter
to what comes next, so a state is taken for its *shape* (sizes instead of chunks, how many pulls
instead of which, streams counted back from the newest), and an answer names what the model would:
the queued chunk at some place, the pulled chunk, the pull that waits. Lengths are bounded: an input
that would lead out of the bounds is not defined there. Nothing else is left out, and no rule is
repeated here: which shape comes next is asked of the model.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias, assert_never

from streamstate.model import Create, Error, Idle, Limits, Op, Push, Stream, StreamId, Waiting
from streamstate.oracle.programs.cached_model import CachedModel, Node
from streamstate.oracle.programs.editing import put_on, stream_of
from streamstate.oracle.programs.program import Program, Symbol, program_of, symbol
from streamstate.oracle.suites.complete.mealy import Edge, Inputs, Mealy
from streamstate.wire import Json, compact, encode_bytes, is_array, is_object, message_of


@dataclass(frozen=True, slots=True)
class Abstraction:
    """A view of the model that is finite, and how thoroughly the default plan goes through it.

    In `inputs` streams are counted back from the newest, which is 1; of a pushed chunk only the
    size counts, and of an error nothing: programs give each its own content. `setup` comes before
    every program, as a part of the reset.
    """

    name: str
    says: str
    blind_spot: str
    """What it cannot see, as a sentence."""
    setup: tuple[Op, ...]
    inputs: tuple[Op, ...]
    extra_states: int
    most_chunks: int
    most_waiting: int = 2
    limits: Limits | None = None

    @property
    def named(self) -> int:
        """How many streams inputs can name: those that the setup makes, and later ones instead."""
        return sum(isinstance(op, Create) for op in self.setup)

    def is_small(self, stream: Stream | None) -> bool:
        """Whether what a stream holds is within the bounds."""
        if isinstance(stream, Waiting):
            return 1 + len(stream.others) <= self.most_waiting
        return stream is None or len(stream.queue) <= self.most_chunks


def written(op: Op, mark: int, next_stream: StreamId) -> Symbol:
    """The input `op` as a symbol, where that stream would be made next: `mark` is what tells its
    content from that of others in its program."""
    stream = next_stream - (stream_of(op) or 0)
    match op:
        case Push(_, chunk):
            # All bytes alike, so that a big chunk can be written as a fill.
            return symbol(Push(stream, bytes([mark % 256]) * len(chunk)))
        case Error():
            return symbol(Error(stream, f"e{mark}"))
        case _:
            return symbol(put_on(op, stream))


class Speller:
    """Writes words of inputs as programs, every chunk and message of which is its own."""

    def __init__(self, abstraction: Abstraction) -> None:
        self._setup: Final = program_of(abstraction.setup)
        self._next_stream: Final = 1 + abstraction.named
        self._inputs: Final = tuple(
            (op, isinstance(op, Create), isinstance(op, (Push, Error))) for op in abstraction.inputs
        )
        self._written: Final = cache(written)

    def program(self, inputs: Inputs) -> Program:
        """The program for a word of inputs, the setup before it. O(length)."""
        next_stream, mark = self._next_stream, 1
        symbols = list(self._setup)
        for each in inputs:
            op, creates, marks = self._inputs[each]
            symbols.append(self._written(op, mark, next_stream))
            next_stream += creates
            mark += marks
        return tuple(symbols)


Shape: TypeAlias = tuple[tuple[int, object], ...]
"""A state without contents and numbers."""


def shape(node: Node) -> Shape:
    """The shape of a state. O(streams + chunks)."""
    return tuple(
        (node.next_stream - number, _stream_shape(cell.stream)) for number, cell in node.cells
    )


def _stream_shape(stream: Stream | None) -> object:
    match stream:
        case None:
            return None
        case Waiting(_, _, others):
            return 1 + len(others)
        case Idle(_, status, queue):
            return status.phase, tuple(map(len, queue.chunks()))
        case _:
            assert_never(stream)


def explore(abstraction: Abstraction, machine: CachedModel) -> Mealy:
    """The abstraction of that machine, a state for each shape. O(shapes · inputs) model steps."""
    start = machine.root
    for op in abstraction.setup:
        start = machine.link(start, symbol(op)).target
    numbers: dict[Shape, int] = {shape(start): 0}
    rows: list[tuple[Edge | None, ...]] = []
    to_visit = deque([(start, 1)])
    named = abstraction.named
    while to_visit:
        node, mark = to_visit.popleft()
        row: list[Edge | None] = []
        for op in abstraction.inputs:
            each = written(op, mark, node.next_stream)
            link = machine.link(node, each)
            if not _is_within(abstraction, named, link.target):
                row.append(None)
                continue
            reached = shape(link.target)
            if reached not in numbers:
                numbers[reached] = len(numbers)
                to_visit.append((link.target, mark + 1))
            row.append(Edge(named_answer(node, each, link.json), numbers[reached]))
        rows.append(tuple(row))
    return Mealy(tuple(rows))


def _is_within(abstraction: Abstraction, named: int, node: Node) -> bool:
    """Whether every stream is one that inputs can name, and small."""
    return all(
        node.next_stream - number <= named and abstraction.is_small(cell.stream)
        for number, cell in node.cells
    )


def named_answer(node: Node, done: Symbol, answered: Json) -> str:
    """An answer as text, with what the model knows before the op instead of contents and numbers.

    What it does not know keeps its content, so an answer that differs differs here too.
    """
    names = _Names(node, done)
    match answered:
        case [returned, settled] if is_array(settled):
            return compact([names.returned(returned), [names.settled(item) for item in settled]])
        case _:
            return compact(answered)


class _Names:
    """What the contents and numbers in an answer are called, given the state before it."""

    def __init__(self, node: Node, done: Symbol) -> None:
        self._next_stream: Final = node.next_stream
        self._pulls: Final[dict[Json, str]] = {node.next_pull: "this pull"}
        self._chunks: Final[dict[Json, str]] = {}
        self._messages: Final[dict[Json, str]] = {}
        for number, cell in node.cells:
            self._know(node.next_stream - number, cell.stream)
        match done.op:
            case Push(_, chunk):
                self._chunks.setdefault(encode_bytes(chunk), "the pushed chunk")
            case Error(_, value):
                self._messages.setdefault(message_of(value), "the given message")
            case _:
                pass

    def _know(self, back: int, stream: Stream | None) -> None:
        match stream:
            case Waiting(_, first, others):
                for place, pull in enumerate((first, *others)):
                    self._pulls[pull] = f"pull {place} of {back}"
            case Idle(_, status, queue):
                for place, chunk in enumerate(queue.chunks()):
                    self._chunks.setdefault(encode_bytes(chunk), f"chunk {place} of {back}")
                value = getattr(status, "value", None)
                if value is not None:
                    self._messages[message_of(value)] = f"message of {back}"
            case _:
                pass

    def returned(self, value: Json) -> Json:
        if is_object(value):
            return {key: self._shown(key, each) for key, each in value.items()}
        return "the new stream" if type(value) is int and value == self._next_stream else value

    def _shown(self, key: str, value: Json) -> Json:
        if key == "queue" and is_array(value):
            return [self._chunk(each) for each in value]
        return self._message(value) if key == "error" else value

    def settled(self, item: Json) -> Json:
        match item:
            case [int(pull), "value", chunk]:
                return [self._pulls.get(pull, pull), "value", self._chunk(chunk)]
            case [int(pull), "error", message]:
                return [self._pulls.get(pull, pull), "error", self._message(message)]
            case [int(pull), *rest]:
                return [self._pulls.get(pull, pull), *rest]
            case _:
                return item

    def _chunk(self, text: Json) -> Json:
        return self._chunks.get(text, text) if isinstance(text, str) else text

    def _message(self, text: Json) -> Json:
        return self._messages.get(text, text) if isinstance(text, str) else text
