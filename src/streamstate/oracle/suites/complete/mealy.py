"""Finite machines that answer: states, inputs, and for each pair an output and the next state.

A machine may be *partial*: where an input is not defined in a state, nothing is said about it.
States and inputs are numbers, 0 being the state after a reset, so that everything else is lookups.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

Inputs: TypeAlias = tuple[int, ...]
"""A word: inputs, one after the other."""


class Edge(NamedTuple):
    """A machine's output for an input in a state, and the next state."""

    output: str
    target: int


Rows: TypeAlias = tuple[tuple[Edge | None, ...], ...]

START: Final = 0


@dataclass(frozen=True, slots=True)
class Mealy:
    """A deterministic machine: `rows[state][input]`, None where the input is not defined."""

    rows: Rows

    def __len__(self) -> int:
        """The number of states."""
        return len(self.rows)

    def run(self, state: int, inputs: Inputs) -> tuple[str, ...] | None:
        """The outputs along `inputs`, or None if one of them is not defined. O(length)."""
        outputs: list[str] = []
        for each in inputs:
            edge = self.rows[state][each]
            if edge is None:
                return None
            outputs.append(edge.output)
            state = edge.target
        return tuple(outputs)


def cover(machine: Mealy) -> tuple[Inputs, ...]:
    """For each state a shortest word that leads to it. O(states · inputs).

    Raises `ValueError` if there is a state that none leads to.
    """
    words: dict[int, Inputs] = {START: ()}
    to_visit = deque([START])
    while to_visit:
        state = to_visit.popleft()
        for each, edge in enumerate(machine.rows[state]):
            if edge is not None and edge.target not in words:
                words[edge.target] = (*words[state], each)
                to_visit.append(edge.target)
    if len(words) < len(machine):
        raise ValueError(f"{len(machine) - len(words)} states cannot be reached")
    return tuple(words[state] for state in range(len(machine)))


def minimise(machine: Mealy) -> Mealy:
    """The smallest machine that answers alike and has the same inputs defined, all of it in reach.

    Refines a partition of the states until no block holds two that answer differently or lead to
    different blocks (Moore). O(states² · inputs) at worst.
    """
    signatures: list[object] = [_answers(row) for row in machine.rows]
    blocks = _numbered(signatures)
    while True:
        signatures = [
            (block, tuple(edge and blocks[edge.target] for edge in row))
            for block, row in zip(blocks, machine.rows, strict=True)
        ]
        finer = _numbered(signatures)
        if max(finer) == max(blocks):
            return _quotient(machine, blocks)
        blocks = finer


def _answers(row: tuple[Edge | None, ...]) -> object:
    return tuple(edge and edge.output for edge in row)


def _numbered(signatures: list[object]) -> list[int]:
    numbers: dict[object, int] = {}
    return [numbers.setdefault(signature, len(numbers)) for signature in signatures]


def _quotient(machine: Mealy, blocks: list[int]) -> Mealy:
    """One state for each block that can be reached, in the order in which they are reached."""
    numbers = {blocks[START]: START}
    members = [START]
    rows: list[tuple[Edge | None, ...]] = []
    for member in members:  # grows while it is gone through
        row: list[Edge | None] = []
        for edge in machine.rows[member]:
            if edge is None:
                row.append(None)
                continue
            block = blocks[edge.target]
            if block not in numbers:
                numbers[block] = len(numbers)
                members.append(edge.target)
            row.append(Edge(edge.output, numbers[block]))
        rows.append(tuple(row))
    return Mealy(tuple(rows))
