"""The graph of the states that programs reach, as far as somebody went.

A `Node` is a state, a `Link` a turn done there, with its answer and the node that it leads to. A
node is its next numbers and a `Cell` for each stream. A cell remembers what an op does to its
stream as a `Reaction`, whatever the other streams hold. `cached_model` makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple, TypeAlias, overload

from streamstate.model import Rule, Stream
from streamstate.oracle.programs.program import Program, Symbol
from streamstate.oracle.programs.rulesets import bits_of
from streamstate.wire import Answer, Json, Taken


class Cell:
    """What one stream holds (None: it is unknown), and what each op tried on it does."""

    __slots__ = ("reactions", "stream")

    def __init__(self, stream: Stream | None) -> None:
        self.stream: Final = stream
        self.reactions: Final[dict[tuple[object, int], Reaction]] = {}


class Reaction(NamedTuple):
    """An op done to one stream: the rule it took (and its set), the answer, the cell after it, and
    how many pushes began to wait."""

    rule: Rule
    bit: int
    json: Json
    text: str
    cell: Cell
    begun: int = 0


Cells: TypeAlias = tuple[tuple[int, Cell], ...]


class Node:
    """A state that was met, and where each symbol tried there leads. `cells` are its streams with
    their numbers, in the order of creation."""

    __slots__ = ("cells", "links", "next_pull", "next_push", "next_stream")

    def __init__(self, next_stream: int, next_pull: int, next_push: int, cells: Cells) -> None:
        self.next_stream: Final = next_stream
        self.next_pull: Final = next_pull
        self.next_push: Final = next_push
        self.cells: Final = cells
        self.links: Final[dict[Symbol, Link]] = {}

    @property
    def streams(self) -> tuple[tuple[int, Stream], ...]:
        """The streams with their numbers. O(streams)."""
        return tuple(
            (number, cell.stream) for number, cell in self.cells if cell.stream is not None
        )


class Link(NamedTuple):
    """One turn done in one state: the rule to name for it, the set of all rules that its ops took
    (one, unless they are together), the answer, where it led; `taken` is what each of several ops
    did that are together."""

    rule: Rule
    bit: int
    json: Json
    text: str
    target: Node
    taken: tuple[Taken, ...] = ()

    @classmethod
    def of(cls, answered: Answer, taken: tuple[Taken, ...], target: Node) -> Link:
        """The link of an answer; `taken` is empty where one op was done alone."""
        rules = [each.rule for each in taken] or [answered.rule]
        return cls(answered.rule, bits_of(rules), answered.json, answered.text, target, taken)


Stepper: TypeAlias = Callable[[Node, Symbol], Link]
"""Does one turn in the state of a node."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The answers to one program: the text of the trace, and the links taken."""

    text: str
    links: Sequence[Link]

    @classmethod
    def of(cls, links: Sequence[Link]) -> Expected:
        """The answers along those links, all in memory."""
        return cls(f"[{','.join([link.text for link in links])}]", links)

    def line(self, seq: int) -> bytes:
        """The line that answers request `seq` in this way, from an adapter that adds nothing."""
        return f'{{"seq":{seq},"trace":{self.text},"late":[]}}'.encode()

    @property
    def rules(self) -> int:
        """The set of rules that the program fires."""
        fired = 0
        for bit in set(self.bits):
            fired |= bit
        return fired

    @property
    def answers(self) -> Sequence[Json]:
        """The answer to each turn."""
        if isinstance(self.links, Walk):
            return Told(self.links)
        return [link.json for link in self.links]

    @property
    def bits(self) -> Sequence[int]:
        """The set of rules of each turn."""
        if isinstance(self.links, Walk):
            return self.links.bits
        return [link.bit for link in self.links]


class Walk(Sequence[Link]):
    """The links along a long program, walked anew whenever somebody goes through them: all states
    that they lead to would take more memory at once than all short programs do."""

    def __init__(self, root: Node, link: Stepper, program: Program, bits: Sequence[int]) -> None:
        self._root: Final = root
        self._link: Final = link
        self._program: Final = program
        self._kept: Final[list[Link]] = []
        self.bits: Final = bits
        """The set of rules of each."""

    def __len__(self) -> int:
        """How many there are. O(1)."""
        return len(self._program)

    def __iter__(self) -> Iterator[Link]:
        """Each in turn."""
        kept = tuple(self._kept)
        yield from kept
        node = kept[-1].target if kept else self._root
        for each in islice(self._program, len(kept), None):
            link = self._link(node, each)
            yield link
            node = link.target

    @overload
    def __getitem__(self, index: int) -> Link: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Link]: ...

    def __getitem__(self, index: int | slice) -> Link | Sequence[Link]:
        """One link, or some of them. Whoever asks for one will ask for those before it, so they are
        kept from then on."""
        wanted = range(len(self))[index]
        last = wanted if isinstance(wanted, int) else max(wanted, default=-1)
        self._kept.extend(islice(iter(self), len(self._kept), last + 1))
        return self._kept[wanted] if isinstance(wanted, int) else [self._kept[at] for at in wanted]


class Told(Sequence[Json]):
    """The answers along a walk, so that nobody walks further than the first one that differs."""

    def __init__(self, walk: Walk) -> None:
        self._walk: Final = walk

    def __len__(self) -> int:
        """How many there are. O(1)."""
        return len(self._walk)

    def __iter__(self) -> Iterator[Json]:
        """Each in turn."""
        return (link.json for link in self._walk)

    @overload
    def __getitem__(self, index: int) -> Json: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Json]: ...

    def __getitem__(self, index: int | slice) -> Json | Sequence[Json]:
        """One answer, or some of them."""
        if isinstance(index, slice):
            return [link.json for link in self._walk[index]]
        return self._walk[index].json
