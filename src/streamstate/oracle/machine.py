"""What is expected, fast: the model's answers along programs, each worked out once.

Programs of a plan begin alike and often end up in the same state. A `Machine` remembers, for every
state it met and every op done there, the answer as canonical text: a program is then a walk along
links, and only what is new asks the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from streamstate.model import (
    Control,
    Dialect,
    Event,
    Level,
    Limits,
    Op,
    Rule,
    State,
    Transition,
    clear_rule,
    initial,
    tabulate,
)
from streamstate.model.table import Row
from streamstate.wire import Json, answer, compact, encode_op

RULES: Final = tuple(Rule)
"""Every rule, in order; sets of rules are ints in which bit n stands for `RULES[n]`."""

_BIT: Final = {rule.name: 1 << index for index, rule in enumerate(RULES)}


def bit_of(rule: Rule) -> int:
    """The set that holds that rule only."""
    return _BIT[rule.name]


class Letter:
    """An op and its canonical wire text. Made by `letter`, one object per op, so that programs of
    letters are compared and looked up by identity."""

    __slots__ = ("op", "text")

    def __init__(self, op: Op, text: str) -> None:
        self.op: Final = op
        self.text: Final = text

    def __repr__(self) -> str:
        return f"letter({self.op!r})"


@cache
def letter(op: Op) -> Letter:
    """The letter of `op`. The alphabet of a plan is small, so all are kept."""
    return Letter(op, compact(encode_op(op)))


Word = tuple[Letter, ...]
"""A program, as letters."""


def word(ops: Iterable[Op]) -> Word:
    """The letters of a program."""
    return tuple(map(letter, ops))


class Node:
    """A state that was met, and where each letter tried there leads."""

    __slots__ = ("links", "state")

    def __init__(self, state: State) -> None:
        self.state: Final = state
        self.links: Final[dict[Letter, Link]] = {}


class Link(NamedTuple):
    """One op done in one state: the rule it took (and the set of it), the answer, where it led."""

    rule: Rule
    bit: int
    json: Json
    text: str
    target: Node


@dataclass(frozen=True, slots=True)
class Expected:
    """The answers to one program: the text of the trace, and the links that were taken."""

    text: str
    links: Sequence[Link]

    @property
    def rules(self) -> int:
        """The set of rules that the program fires."""
        fired = 0
        for link in self.links:
            fired |= link.bit
        return fired


class Machine:
    """The model in one dialect and with one pair of limits, as a graph that grows when asked."""

    def __init__(self, dialect: Dialect, limits: Limits | None = None) -> None:
        self.dialect: Final = dialect
        self.limits: Final = Limits() if limits is None else limits
        self.root: Final = Node(initial(dialect, self.limits))
        self._nodes: Final[dict[object, Node]] = {}

    def link(self, node: Node, letter: Letter) -> Link:
        """The step of `letter` in `node`. O(1) where it was taken before, else a step of the model
        and a look whether the state after it was met."""
        known = node.links.get(letter)
        if known is not None:
            return known
        answered = answer(node.state, letter.op)
        target = node if answered.state is node.state else self._node(answered.state)
        link = Link(answered.rule, bit_of(answered.rule), answered.json, answered.text, target)
        node.links[letter] = link
        return link

    def _node(self, state: State) -> Node:
        # Dialect and limits are the same everywhere here, so they need no hashing.
        key = (state.next_stream, state.next_pull, state.streams, state.handed)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node(state)
        return node

    def expect(self, program: Word) -> Expected:
        """The answers to `program` on a fresh registry. O(length) where it was met before."""
        node = self.root
        links: list[Link] = []
        for each in program:
            link = node.links.get(each) or self.link(node, each)
            links.append(link)
            node = link.target
        return Expected(f"[{','.join([link.text for link in links])}]", links)


@cache
def reachable_rules(dialect: Dialect) -> int:
    """The set of rules that programs without cancels can fire in `dialect`.

    A walk of the table from a new stream over every op. What the data may answer is not looked at,
    so this is an upper bound; that each of these does fire is for a test to show.
    """
    table = tabulate(dialect)
    fired = bit_of(clear_rule(any_waiting=False)) | bit_of(clear_rule(any_waiting=True))
    met = {Control.ABSENT}
    to_visit = [Control.ABSENT]
    while to_visit:
        control = to_visit.pop()
        for event in _OPS:
            if event is Event.CREATE and control is not Control.ABSENT:
                continue
            for after in Level:
                for transition in table[event][control][after]:
                    fired |= bit_of(transition.rule)
                    if transition.control not in met:
                        met.add(transition.control)
                        to_visit.append(transition.control)
    return fired


_OPS: Final = tuple(event for event in Event if event < Event.CANCEL_WAITING)


@cache
def differing_rules(dialect: Dialect, other: Dialect) -> int:
    """The set of rules of `dialect` whose transitions are not all the same in `other`.

    A program that fires none of them in `dialect` means the same in both.
    """
    differing = 0
    for row, other_row in zip(tabulate(dialect), tabulate(other), strict=True):
        for cell, other_cell in zip(_cells(row), _cells(other_row), strict=True):
            if cell != other_cell:
                differing |= bit_of(cell.rule)
    return differing


def _cells(row: Row) -> Iterator[Transition]:
    for by_control in row:
        for by_level in by_control:
            yield from by_level
