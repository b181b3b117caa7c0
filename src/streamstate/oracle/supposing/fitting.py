"""How suppositions fit what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from streamstate.model import Rule
from streamstate.oracle.difference import Difference, Kind
from streamstate.oracle.laboratory import Finding
from streamstate.oracle.machine import Machine, Word
from streamstate.oracle.supposing.evidence import Run
from streamstate.oracle.supposing.supposition import Supposition, is_as_supposed
from streamstate.oracle.supposing.uniform import is_uniform


class Score(NamedTuple):
    """How a supposition fits runs none of which speaks against it: `explained` are the programs
    that it answers as they were answered, wrongly; `open` the other runs that deviate. `uniform`
    says that all wrong answers explained are wrong in the same way."""

    explained: frozenset[Word]
    open: tuple[Run, ...]
    uniform: bool

    @property
    def share(self) -> float:
        """The part of all programs that deviate which is explained."""
        return len(self.explained) / max(1, len(self.explained) + len(self.open))

    def explains_more(self, other: Score) -> bool:
        """Whether it has more programs explained."""
        return len(self.explained) > len(other.explained)


class _Speaks(Enum):
    """What a run says of a supposition."""

    FOR = auto()
    AGAINST = auto()
    NOT = auto()


class Runs:
    """Runs, and how suppositions fit them. Those that spoke against a supposition are asked first
    about the next one: most fail the same few."""

    def __init__(self, machine: Machine, runs: Sequence[Run]) -> None:
        self._machine: Final = machine
        self._runs: Final = [(run.expected.rules, run) for run in runs]

    def alike(self, seen_at: Rule, kind: Kind) -> frozenset[Word]:
        """The programs that deviate in that way at that rule."""
        return frozenset(
            run.program
            for _, run in self._runs
            if run.difference is not None and run.difference.kind is kind and run.seen_at is seen_at
        )

    def shown_at(self, difference: Difference) -> frozenset[Rule]:
        """The rules at which something is brought that differs in that way."""
        if difference.kind is not Kind.OUTCOME:
            return frozenset()
        alike = (run.seen_at for _, run in self._runs if run.is_like(difference))
        return frozenset(rule for rule in alike if rule is not None)

    def score(self, supposition: Supposition) -> Score | Run:
        """How it fits, or a run that speaks against it: one that went well, or went wrong later or
        in another way, where the supposed registry answers wrongly."""
        explained: list[Run] = []
        left: list[Run] = []
        bits = supposition.bits
        for index, (fired, run) in enumerate(self._runs):
            if not fired & bits:
                if run.difference is not None:
                    left.append(run)
                continue
            match self._speaks(supposition, run):
                case _Speaks.AGAINST:
                    self._runs.insert(0, self._runs.pop(index))
                    return run
                case _Speaks.FOR:
                    explained.append(run)
                case _Speaks.NOT if run.difference is not None:
                    left.append(run)
                case _Speaks.NOT:
                    pass
        programs = frozenset(run.program for run in explained)
        differences = [run.difference for run in explained if run.difference is not None]
        return Score(programs, tuple(left), is_uniform(differences))

    def _speaks(self, supposition: Supposition, run: Run) -> _Speaks:
        difference = run.difference
        until = None if difference is None else difference.at + 1
        departure = supposition.departure(self._machine, run.program, run.expected, until)
        if departure is None:
            return _Speaks.NOT
        if difference is None or departure.at < difference.at:
            return _Speaks.AGAINST
        fits = is_as_supposed(departure.answer, difference.observed)
        return _Speaks.FOR if fits else _Speaks.AGAINST


def explains(machine: Machine, supposition: Supposition, finding: Finding) -> bool:
    """Whether the supposed registry answers the program of the finding as it was answered."""
    expected = machine.expect(finding.program)
    departure = supposition.departure(machine, finding.program, expected)
    difference = finding.difference
    return (
        departure is not None
        and departure.at == difference.at
        and is_as_supposed(departure.answer, difference.observed)
    )
