"""What the plan has shown already: which programs were answered rightly, and which wrongly.

The search finds a hypothesis with a few programs that it runs for that purpose. The plan has run
thousands before: one that was answered rightly, and that the mutant would answer wrongly,
contradicts the hypothesis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.sampling import evenly
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Expected
from streamstate.oracle.programs.program import Program

_MOST_ASKED: Final = 500
"""So many programs are looked at for one hypothesis."""

_MOST_KNOWN: Final = 4_000
"""So many programs of each kind are gone through."""

_LONGEST: Final = 40
"""Only programs with at most so many ops: for longer ones it takes too long to find out what a
mutant would answer."""


class _Ran(NamedTuple):
    program: Program
    expected: Expected


class Past:
    """Programs of a plan, all with the same limits, and which of them the implementation answered
    rightly."""

    def __init__(
        self, model: CachedModel, right: Iterable[Program], wrong: Iterable[Program]
    ) -> None:
        self._machine: Final = model
        self._right: Final = tuple(self._short(right))
        self._wrong: Final = tuple(self._short(wrong))

    def _short(self, programs: Iterable[Program]) -> Iterator[_Ran]:
        short = [each for each in programs if len(each) <= _LONGEST]
        for program in evenly(short, _MOST_KNOWN):
            yield _Ran(program, self._machine.expect(program))

    def speaks_against(
        self, hypothesis: Hypothesis, excused: Callable[[Program], bool], effort: Effort
    ) -> bool:
        """Whether the mutant answers a program wrongly that the implementation answered rightly,
        and that is not excused."""
        telling = _telling(hypothesis, self._right)
        effort.spend(len(telling))
        return any(not excused(ran.program) and self._departs(hypothesis, ran) for ran in telling)

    def unexplained(self, hypothesis: Hypothesis, effort: Effort) -> int:
        """How many of the programs that went wrong the mutant answers as the implementation did; of
        very many, a sample."""
        telling = evenly(self._wrong, _MOST_ASKED)
        effort.spend(len(telling))
        return sum(not self._departs(hypothesis, ran) for ran in telling)

    def _departs(self, hypothesis: Hypothesis, ran: _Ran) -> bool:
        return hypothesis.departure(self._machine, ran.program, ran.expected) is not None


def _telling(hypothesis: Hypothesis, runs: Sequence[_Ran]) -> Sequence[_Ran]:
    """Some of the programs that take one of its rules."""
    bits = hypothesis.bits
    return evenly([ran for ran in runs if ran.expected.rules & bits], _MOST_ASKED)
