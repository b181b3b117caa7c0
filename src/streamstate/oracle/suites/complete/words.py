"""The words of a complete suite, made one after the other and counted without being made.

A suite with three extra states has millions of words. They are the longest paths of a tree, and
below most of its nodes the tree looks alike: what may follow depends only on which words have been
begun, so that is what a node is. The tree is never held.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from typing import Final, NamedTuple, TypeAlias

from streamstate.oracle.suites.complete.mealy import Inputs, Mealy, cover


class Begun(NamedTuple):
    """Words of which `rest` comes next. Then those end, or where `state` is one, come up to `more`
    inputs that are defined from there, and an identifier of the state that was reached."""

    rest: Inputs
    state: int | None = None
    more: int = 0


Node: TypeAlias = frozenset[Begun]


class Size(NamedTuple):
    """How many words there are, and how many inputs they have together."""

    words: int
    inputs: int


_NO_MORE: Final = (0, None)


class Words:
    """The suite for implementations with up to `extra_states` states more than `machine` has.

    For each state a word that leads there, then every word of up to `extra_states` + 1 inputs,
    then each identifier of the state that was reached. A word that another begins with is left out;
    neighbours begin alike.
    """

    def __init__(
        self, machine: Mealy, identifiers: tuple[tuple[Inputs, ...], ...], extra_states: int
    ) -> None:
        self._machine: Final = machine
        self._identifiers: Final = identifiers
        self._root: Final = frozenset(
            Begun(access, state, extra_states + 1) for state, access in enumerate(cover(machine))
        )
        self._below: Final = cache(self._made_below)

    def __iter__(self) -> Iterator[Inputs]:
        """All words, in order. Holds one word, and the nodes that differ."""
        return self.part(0, 1)

    def part(self, first: int, step: int) -> Iterator[Inputs]:
        """Word `first`, counted from 0, and every `step`-th from there on. Makes none of those in
        between."""
        passed_over = first
        path: list[int] = []
        ways = [iter(self._below(self._root))]
        while ways:
            each, node = next(ways[-1], _NO_MORE)
            if node is None:
                ways.pop()
                del path[-1:]
                continue
            if passed_over and (words := self._sizes[node].words) <= passed_over:
                passed_over -= words
                continue
            path.append(each)
            below = self._below(node)
            if below:
                ways.append(iter(below))
            else:
                yield tuple(path)
                path.pop()
                passed_over = step - 1

    def __len__(self) -> int:
        return self.size.words

    @property
    def size(self) -> Size:
        """The counts, worked out from the nodes that differ, however many words there are."""
        return self._sizes[self._root] if self._below(self._root) else Size(0, 0)

    @cached_property
    def _sizes(self) -> dict[Node, Size]:
        sizes: dict[Node, Size] = {}
        to_do = [self._root]
        while to_do:
            below = [child for _, child in self._below(to_do[-1])]
            missing = [child for child in below if child not in sizes]
            if missing:
                to_do += missing
                continue
            words = sum(sizes[child].words for child in below)
            inputs = sum(sizes[child].inputs + sizes[child].words for child in below)
            sizes[to_do.pop()] = Size(words, inputs) if below else Size(1, 0)
        return sizes

    def _made_below(self, node: Node) -> tuple[tuple[int, Node], ...]:
        """The inputs that may come next, in order, and what follows each."""
        following: dict[int, set[Begun]] = {}
        to_do = list(node)
        while to_do:
            rest, state, more = to_do.pop()
            if rest:
                following.setdefault(rest[0], set()).add(Begun(rest[1:], state, more))
            elif state is not None:
                to_do += map(Begun, self._identifiers[state])
                if more:
                    for each, edge in enumerate(self._machine.rows[state]):
                        if edge is not None:
                            to_do.append(Begun((each,), edge.target, more - 1))
        return tuple((each, frozenset(following[each])) for each in sorted(following))
