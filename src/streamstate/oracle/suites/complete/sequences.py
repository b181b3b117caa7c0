"""The words of a complete suite: reach every state, do anything, then ask which state it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from streamstate.oracle.suites.complete.mealy import Inputs, Mealy, cover


@dataclass(slots=True)
class _Tree:
    """Words that share their beginnings."""

    branches: dict[int, _Tree]

    def add(self, word: Inputs) -> _Tree:
        """Put `word` in; what comes behind it."""
        tree = self
        for each in word:
            branch = tree.branches.get(each)
            if branch is None:
                branch = tree.branches[each] = _Tree({})
            tree = branch
        return tree

    def leaves(self, before: Inputs = ()) -> Iterator[Inputs]:
        if not self.branches:
            yield before
        for each in sorted(self.branches):
            yield from self.branches[each].leaves((*before, each))


def complete_words(
    machine: Mealy, identifiers: tuple[tuple[Inputs, ...], ...], extra_states: int
) -> Iterator[Inputs]:
    """The suite for implementations with up to so many states more than `machine` has.

    For each state a word that leads there, then every word of up to `extra_states` + 1 inputs,
    then each identifier of the state that was reached. A word that another begins with is left out;
    neighbours begin alike.
    """
    tree = _Tree({})
    for state, access in enumerate(cover(machine)):
        for middle, reached in machine.defined_from(state, extra_states + 1):
            behind = tree.add(access + middle)
            for identifier in identifiers[reached]:
                behind.add(identifier)
    return tree.leaves()
