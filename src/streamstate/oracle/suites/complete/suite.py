"""The complete suite of an abstraction in one dialect, made when its first program is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program
from streamstate.oracle.suites.complete.abstraction import Abstraction, Speller, explore
from streamstate.oracle.suites.complete.identify import identifiers
from streamstate.oracle.suites.complete.mealy import Inputs, Mealy, cover, minimise
from streamstate.oracle.verdict.certificate import Certificate, input_in_words


def complete_words(
    machine: Mealy, identifiers: tuple[tuple[Inputs, ...], ...], extra_states: int
) -> tuple[Inputs, ...]:
    """The suite for implementations with up to so many states more than `machine` has.

    For each state a word that leads there, then every word of up to `extra_states` + 1 inputs,
    then each identifier of the state that was reached. A word that another begins with is left out;
    neighbours begin alike.
    """
    words = {
        access + middle + identifier
        for state, access in enumerate(cover(machine))
        for middle, reached in machine.defined_from(state, extra_states + 1)
        for identifier in (identifiers[reached] or ((),))
    }
    ordered = sorted(words)  # so those that begin with a word come right after it
    following = (*ordered[1:], ())
    return tuple(
        word for word, after in zip(ordered, following, strict=True) if after[: len(word)] != word
    )


class CompleteSuite:
    """Programs that miss no implementation with up to `extra_states` states more than needed.

    `model` is the dialect's, with the default limits.
    """

    def __init__(self, abstraction: Abstraction, model: CachedModel, extra_states: int) -> None:
        if extra_states < 0:
            raise ValueError(f"extra_states must be at least 0, not {extra_states}")
        self.abstraction: Final = abstraction
        self.extra_states: Final = extra_states
        self._model: Final = model

    @cached_property
    def reduced(self) -> Mealy:
        """The minimal machine of the abstraction."""
        model, limits = self._model, self.abstraction.limits
        seen = model if limits is None else CachedModel(model.dialect, limits)
        return minimise(explore(self.abstraction, seen))

    @property
    def exists(self) -> bool:
        """Whether the inputs tell all states apart; where some are left out, they may not."""
        try:
            return bool(self.words)
        except ValueError:
            return False

    @cached_property
    def words(self) -> tuple[Inputs, ...]:
        """The suite, as inputs of the abstraction."""
        return complete_words(self.reduced, identifiers(self.reduced), self.extra_states)

    def programs(self) -> Iterator[Program]:
        """The suite, as programs; neighbours begin alike."""
        yield from map(Speller(self.abstraction).program, self.words)

    def _inputs_in_words(self) -> tuple[str, ...]:
        alone = map(input_in_words, self.abstraction.inputs)
        several = range(2, self.abstraction.most_together + 1)
        return (*alone, *(f"any {count} of these together" for count in several))

    def certificate(self, ran: int) -> Certificate:
        """What it shows that an implementation answered `ran` programs of it as expected."""
        return Certificate(
            name=self.abstraction.name,
            says=self.abstraction.says,
            dialect=self._model.dialect,
            limits=self.abstraction.limits,
            states=len(self.reduced),
            inputs=self._inputs_in_words(),
            extra_states=self.extra_states,
            programs=len(self.words),
            ran=ran,
            blind_spot=self.abstraction.blind_spot,
        )
