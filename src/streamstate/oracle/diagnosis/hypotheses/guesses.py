"""Answers with a guessed part, which stands for anything wrong in its place."""

from __future__ import annotations

from typing import Final

from streamstate.oracle.diagnosis.hypotheses.application import (
    LOST,
    SOME_ERROR,
    SOME_NUMBER,
    SOMETHING,
)
from streamstate.wire import Json, agrees, encode_bytes, is_array, is_object

_ANY_CHUNK: Final = encode_bytes(SOMETHING)
_NO_MESSAGES: Final = frozenset({"", "null", "undefined", "None", "nil", "()", "<nil>"})


def is_as_supposed(mutant: Json, observed: Json) -> bool:
    """Whether an implementation answered as supposed. None (any wrong answer), and what stands for
    wrong chunks or messages, fit whatever is in that place."""
    return mutant is None or _fits(mutant, observed)


def _fits(mutant: Json, observed: Json) -> bool:
    if is_array(mutant) and is_array(observed):
        pairs = zip(mutant, observed, strict=False)
        return len(mutant) == len(observed) and all(_fits(*pair) for pair in pairs)
    if is_object(mutant) and is_object(observed):
        return all(
            _fits(value, observed.get(key)) for key, value in mutant.items() if key in observed
        )
    if mutant in (_ANY_CHUNK, SOME_ERROR):
        return observed is None or isinstance(observed, str)
    if mutant == SOME_NUMBER:
        return type(observed) is int
    if mutant == LOST:
        return observed is None or observed in _NO_MESSAGES
    return agrees(mutant, observed)


_GUESSES: Final = frozenset({_ANY_CHUNK, SOME_ERROR, LOST, str(SOME_NUMBER)})


def is_guessed(answered: Json) -> bool:
    """Whether some part of it stands for whatever is there."""
    if is_array(answered):
        return any(map(is_guessed, answered))
    if is_object(answered):
        return any(map(is_guessed, answered.values()))
    return type(answered) in {int, str} and str(answered) in _GUESSES
