"""What the plan has shown already: programs that were answered rightly, and those that were not.

Suppositions are found by a few programs that are run for that. Thousands were run before: one that
was answered rightly, and that the supposed registry would have answered wrongly, speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from streamstate.oracle.diagnosis.hypotheses.supposition import Supposition
from streamstate.oracle.programs.cached_model import Expected, Machine
from streamstate.oracle.programs.program import Word

_MOST_ASKED: Final = 1_500
"""Programs that are looked at for one supposition."""

_LONGEST: Final = 40
"""Ops of one, at most: of long ones it takes long to find out what would have been answered."""


class _Ran(NamedTuple):
    program: Word
    expected: Expected


class Past:
    """Programs of a plan, all with the same limits, and which of them were answered rightly."""

    def __init__(self, machine: Machine, right: Iterable[Word], wrong: Iterable[Word]) -> None:
        self._machine: Final = machine
        self._right: Final = tuple(self._short(right))
        self._wrong: Final = tuple(self._short(wrong))

    def _short(self, programs: Iterable[Word]) -> Iterator[_Ran]:
        for program in programs:
            if len(program) <= _LONGEST:
                yield _Ran(program, self._machine.expect(program))

    def speaks_against(
        self, supposition: Supposition, excused: Callable[[Word], bool] = lambda _program: False
    ) -> bool:
        """Whether the supposed registry answers wrongly where the implementation did not, in a
        program that is not excused."""
        return any(
            self._departs(supposition, ran) and not excused(ran.program)
            for ran in _telling(supposition, self._right)
        )

    def unexplained(self, supposition: Supposition) -> int:
        """How many that were answered wrongly the supposed registry answers rightly; of very many
        some are looked at."""
        telling = _evenly(self._wrong, _MOST_ASKED)
        return sum(not self._departs(supposition, ran) for ran in telling)

    def _departs(self, supposition: Supposition, ran: _Ran) -> bool:
        return supposition.departure(self._machine, ran.program, ran.expected) is not None


def _telling(supposition: Supposition, runs: Sequence[_Ran]) -> Sequence[_Ran]:
    """Those in which one of its rules is taken, not too many."""
    bits = supposition.bits
    return _evenly([ran for ran in runs if ran.expected.rules & bits], _MOST_ASKED)


def _evenly(runs: Sequence[_Ran], most: int) -> Sequence[_Ran]:
    return runs[:: -(-len(runs) // most) or 1]
