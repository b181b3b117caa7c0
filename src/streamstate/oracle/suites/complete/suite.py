"""The complete suite of an abstraction in one dialect, made when its first program is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final

from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program
from streamstate.oracle.suites.complete.abstraction import Abstraction, Speller, explore
from streamstate.oracle.suites.complete.identify import identifiers
from streamstate.oracle.suites.complete.mealy import Inputs, Mealy, minimise
from streamstate.oracle.suites.complete.words import Size, Words
from streamstate.oracle.verdict.certificate import Certificate, input_in_words


class Spelt(Iterator[Program]):
    """The programs for words. A part of them can be made without the others, and none is made
    before somebody asks for it."""

    def __init__(self, words: Callable[[], Words], spell: Callable[[Inputs], Program]) -> None:
        self._words: Final = words
        self._spell: Final = spell
        self._all: Final = (spell(inputs) for made in (words,) for inputs in made())

    def __next__(self) -> Program:
        return next(self._all)

    @property
    def size(self) -> Size:
        """How many programs there are, and how many inputs they have together."""
        return self._words().size

    def part(self, first: int, step: int) -> Iterator[Program]:
        """The program with that index, counted from 0, and every `step`-th from there on."""
        return map(self._spell, self._words().part(first, step))

    def then(self, change: Callable[[Program], Program]) -> Spelt:
        """The same programs, each changed by that function."""
        return Spelt(self._words, lambda inputs: change(self._spell(inputs)))


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
    def _seen(self) -> CachedModel:
        """The model with the limits of the abstraction."""
        model, limits = self._model, self.abstraction.limits
        return model if limits is None else CachedModel(model.dialect, limits)

    @cached_property
    def reduced(self) -> Mealy:
        """The minimal machine of the abstraction."""
        return minimise(explore(self.abstraction, self._seen))

    @property
    def exists(self) -> bool:
        """Whether the inputs tell all states apart; if some inputs are left out, they may not."""
        try:
            return bool(self.words)
        except ValueError:
            return False

    @cached_property
    def words(self) -> Words:
        """The suite, as inputs of the abstraction."""
        return Words(self.reduced, identifiers(self.reduced), self.extra_states)

    def programs(self) -> Spelt:
        """The suite, as programs; neighbours begin alike."""
        return Spelt(lambda: self.words, Speller(self.abstraction, self._seen).program)

    def _inputs_in_words(self) -> tuple[str, ...]:
        alone = map(input_in_words, self.abstraction.inputs)
        several = range(2, self.abstraction.most_together + 1)
        return (*alone, *(f"any {count} of these together" for count in several))

    def certificate(self, ran: int) -> Certificate:
        """What follows if an implementation answered `ran` programs of the suite as expected."""
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
