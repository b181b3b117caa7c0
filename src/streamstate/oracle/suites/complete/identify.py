"""Tells the states of a machine apart, from outside.

`identifiers` gives each state a few words, such that any two states have a word in common to which
they answer differently (harmonised state identifiers). A state that answers all words of one state
as that one does can be none of the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations

from streamstate.oracle.suites.complete.mealy import Inputs, Mealy


def separators(machine: Mealy) -> dict[tuple[int, int], Inputs]:
    """For any two states, the smaller number first, a shortest word that tells them apart.

    Only words count that are defined in both. Raises `ValueError` for two states that none tells
    apart. O(states² · inputs · length of the longest).
    """
    words: dict[tuple[int, int], Inputs] = {}
    unknown = list(combinations(range(len(machine)), 2))
    while unknown:
        found = {pair: word for pair in unknown if (word := _separator(machine, pair, words))}
        if not found:
            first, second = unknown[0]
            raise ValueError(f"states {first} and {second} cannot be told apart")
        words |= found
        unknown = [pair for pair in unknown if pair not in found]
    return words


def _separator(
    machine: Mealy, pair: tuple[int, int], words: dict[tuple[int, int], Inputs]
) -> Inputs:
    """An input that tells the two apart, or one before a word that is known; else nothing."""
    first, second = pair
    for each, (one, other) in enumerate(
        zip(machine.rows[first], machine.rows[second], strict=True)
    ):
        if one is None or other is None:
            continue
        if one.output != other.output:
            return (each,)
        ends = (
            (one.target, other.target) if one.target < other.target else (other.target, one.target)
        )
        rest = words.get(ends)
        if rest is not None:
            return (each, *rest)
    return ()


def identifiers(machine: Mealy) -> tuple[tuple[Inputs, ...], ...]:
    """The words of each state, none the beginning of another. Raises `ValueError` as `separators`.

    Pairs that need the longest words come first: beginnings of these tell other pairs apart.
    """
    known: list[set[Inputs]] = [set() for _ in range(len(machine))]
    outputs = cache(machine.run)

    def separates(word: Inputs, first: int, second: int) -> bool:
        one, other = outputs(first, word), outputs(second, word)
        return one is not None and other is not None and one != other

    shortest = separators(machine)
    for first, second in sorted(shortest, key=lambda pair: (-len(shortest[pair]), pair)):
        one, other = known[first], known[second]
        if any(separates(word, first, second) for word in one & other):
            continue
        usable = [word for word in one ^ other if separates(word, first, second)]
        chosen = min(usable, key=_cost, default=shortest[first, second])
        for words in (one, other):
            words.update(_beginnings(chosen))
    return tuple(_longest(words) for words in known)


def _cost(word: Inputs) -> tuple[int, Inputs]:
    return len(word), word


def _beginnings(word: Inputs) -> Iterator[Inputs]:
    for length in range(1, len(word) + 1):
        yield word[:length]


def _longest(words: set[Inputs]) -> tuple[Inputs, ...]:
    shorter = {word[:-1] for word in words}
    return tuple(sorted(word for word in words if word not in shorter))
