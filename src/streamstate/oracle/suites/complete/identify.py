"""Tells the states of a machine apart, from outside.

`identifiers` gives each state a few words, such that any two states have a word in common to which
they answer differently (harmonised state identifiers). A state that answers all words of one state
as that one does can be none of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations, product
from typing import Final, TypeAlias

from streamstate.oracle.suites.complete.mealy import START, Inputs, Mealy


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

    Chosen one after the other: the word that tells most pairs apart, of those that none does yet,
    for what it costs. Each state that it is needed for gets one program more for each way there.
    """
    told_apart = {word: _told_apart(machine, word) for word in _candidates(machine)}
    everything = (1 << len(machine)) - 1
    left = [everything & ~(1 << state) for state in range(len(machine))]
    known: list[set[Inputs]] = [set() for _ in left]
    while any(left):
        chosen = max(told_apart, key=lambda word: _worth(word, told_apart[word], left))
        for state, others in enumerate(told_apart[chosen]):
            if others & left[state]:
                known[state].add(chosen)
                left[state] &= ~others
    return tuple(_longest(words) for words in known)


_States: TypeAlias = int
"""A set of states, as bits."""

_BESIDE: Final = 8
"""Ops of a program beside the word that identifies a state, about."""

_MOST: Final = 250
"""Words of one length to choose from."""


def _candidates(machine: Mealy) -> tuple[Inputs, ...]:
    """Words to choose from, which tell any two states apart: those that are needed, others of their
    inputs as long as these are not many, and each input. The short ones first."""
    words = set(separators(machine).values())
    inputs = sorted(set(chain.from_iterable(words)))
    words.update((each,) for each in range(len(machine.rows[START])))
    length = 2
    while 1 < len(inputs) ** length <= _MOST:
        words.update(product(inputs, repeat=length))
        length += 1
    return tuple(sorted(words, key=lambda word: (len(word), word)))


def _told_apart(machine: Mealy, word: Inputs) -> list[_States]:
    """For each state those that answer that word differently; none where it is not defined."""
    answers = [machine.run(state, word) for state in range(len(machine))]
    alike: dict[tuple[str, ...], _States] = {}
    for state, answered in enumerate(answers):
        if answered is not None:
            alike[answered] = alike.get(answered, 0) | 1 << state
    defined = sum(alike.values())
    return [0 if each is None else defined & ~alike[each] for each in answers]


def _worth(word: Inputs, told_apart: Sequence[_States], left: Sequence[_States]) -> float:
    """How many pairs that are left it tells apart, for each op that it adds."""
    gained = [(each & other).bit_count() for each, other in zip(told_apart, left, strict=True)]
    needed_for = sum(map(bool, gained))
    return sum(gained) / (needed_for * (len(word) + _BESIDE)) if needed_for else 0.0


def _longest(words: set[Inputs]) -> tuple[Inputs, ...]:
    """Without those that another begins with."""
    beginnings = {word[:length] for word in words for length in range(len(word))}
    return tuple(sorted(words - beginnings))
