"""Measures how hypotheses fit the answers of an implementation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from streamstate.model import Push, Rule
from streamstate.oracle.campaign.runner import Finding
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.evidence import Run
from streamstate.oracle.diagnosis.hypotheses.guesses import is_as_supposed
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.uniform import is_uniform
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, Symbol
from streamstate.oracle.verdict.deviation import Difference, Kind
from streamstate.wire import Together

_RIGHT: Final = 1_600
_LEAST_RIGHT: Final = 300
"""Every hypothesis is held against so many programs that were answered rightly; fewer if several
findings need an explanation."""

_ALIKE: Final = 60
_LEAST_ALIKE: Final = 20
"""The same for programs that went wrong in one way."""

_FIRST_ASKED: Final = 20
"""So many programs that were answered rightly are asked before all others: those that have
contradicted hypotheses."""


class Score(NamedTuple):
    """How a hypothesis fits runs that do not contradict it. `explained` are the programs whose
    wrong answers it predicts; `open` are the other runs that deviate, but for `foreign`, those
    that contain something else known to be wrong. `like` counts those of `open` that go wrong in
    the same way as explained ones. `uniform` says that all explained answers are wrong in the same
    way."""

    explained: frozenset[Program]
    open: tuple[Run, ...]
    uniform: bool
    like: int = 0
    foreign: tuple[Run, ...] = ()

    @property
    def share(self) -> float:
        """The share of the deviating programs that it explains."""
        return len(self.explained) / max(1, len(self.explained) + len(self.open))

    @property
    def is_most(self) -> bool:
        """Whether it explains more than it leaves open."""
        return len(self.explained) > len(self.open)

    def explains_more(self, other: Score) -> bool:
        """Whether it explains more programs than the other."""
        return len(self.explained) > len(other.explained)


class _Speaks(Enum):
    """What a run says about a hypothesis."""

    FOR = auto()
    AGAINST = auto()
    NOT = auto()


class Runs:
    """Runs, and how hypotheses fit them. Runs that contradicted one hypothesis are asked first
    about the next: most hypotheses fail the same few.

    If several things are wrong, a run may be about another one: it contains a minimal program, one
    of `minimal`, that the supposed registry answers otherwise. Such a run contradicts no
    hypothesis.
    """

    def __init__(
        self, model: CachedModel, runs: Sequence[Run], minimal: Sequence[Finding] = ()
    ) -> None:
        self._machine: Final = model
        ways: dict[object, list[tuple[int, Run]]] = {}
        for run in runs:
            ways.setdefault(run.way, []).append((run.expected.rules, run))
        findings = len(minimal) or 1
        right, alike = max(_RIGHT // findings, _LEAST_RIGHT), max(_ALIKE // findings, _LEAST_ALIKE)
        chosen = {
            way: some[:: -(-len(some) // (right if way is None else alike))]
            for way, some in ways.items()
        }
        self._right: Final = list(chosen.pop(None, ()))
        self._wrong: Final = [each for some in chosen.values() for each in some]
        self._minimal: Final = tuple(minimal)
        self._within: Final[dict[Program, tuple[int, ...]]] = {}

    def foreign(self, hypothesis: Hypothesis) -> Callable[[Run], bool]:
        """Makes a test of runs: whether one contains a minimal program that the mutant answers
        otherwise than the implementation."""
        foreign: frozenset[int] | None = None

        def is_foreign(run: Run) -> bool:
            nonlocal foreign
            within = self._minimal_in(run)
            if not within:
                return False
            if foreign is None:
                foreign = frozenset(
                    number
                    for number, each in enumerate(self._minimal)
                    if not explains(self._machine, hypothesis, each)
                )
            return not foreign.isdisjoint(within)

        return is_foreign

    def _minimal_in(self, run: Run) -> tuple[int, ...]:
        within = self._within.get(run.program)
        if within is None:
            within = self._within[run.program] = tuple(
                number
                for number, each in enumerate(self._minimal)
                if is_in(self._machine, each, run)
            )
        return within

    def alike(self, seen_at: Rule, kind: Kind) -> tuple[Run, ...]:
        """The runs that deviate in that way at that rule."""
        return tuple(
            run
            for _, run in self._wrong
            if run.difference is not None and run.difference.kind is kind and run.seen_at is seen_at
        )

    def shown_at(self, difference: Difference) -> frozenset[Rule]:
        """The rules at which pulls bring something that differs in that way."""
        if difference.kind is not Kind.OUTCOME:
            return frozenset()
        alike = (run.seen_at for _, run in self._wrong if run.is_like(difference))
        return frozenset(rule for rule in alike if rule is not None)

    def score(self, hypothesis: Hypothesis, effort: Effort, least: int = 0) -> Score | Run:
        """How the mutant fits, or a run that contradicts it: one that went well, or went wrong
        later or otherwise, where the mutant answers wrongly. If it explains fewer than `least`, not
        all runs that went well are asked."""
        is_foreign = self.foreign(hypothesis)
        against = self._right_against(hypothesis, is_foreign, slice(_FIRST_ASKED), effort)
        if against is not None:
            return against
        explained: list[Run] = []
        left: list[Run] = []
        for index, (fired, run) in enumerate(self._wrong):
            if not fired & hypothesis.bits:
                left.append(run)
                continue
            effort.spend(1)
            match self._speaks(hypothesis, run):
                case _Speaks.FOR:
                    explained.append(run)
                case _Speaks.AGAINST if not is_foreign(run):
                    self._wrong.insert(0, self._wrong.pop(index))
                    return run
                case _:
                    left.append(run)
        if len(explained) >= least:
            rest = slice(_FIRST_ASKED, None)
            against = self._right_against(hypothesis, is_foreign, rest, effort)
            if against is not None:
                return against
        programs = frozenset(run.program for run in explained)
        differences = [run.difference for run in explained if run.difference is not None]
        ways = {run.way for run in explained}
        own: list[Run] = []
        foreign: list[Run] = []
        for run in left:
            (foreign if is_foreign(run) else own).append(run)
        like = sum(run.way in ways for run in own)
        return Score(programs, tuple(own), is_uniform(differences), like, tuple(foreign))

    def _right_against(
        self,
        hypothesis: Hypothesis,
        is_foreign: Callable[[Run], bool],
        asked: slice,
        effort: Effort,
    ) -> Run | None:
        """Among those asked, a program that the implementation answered rightly and the mutant
        answers wrongly."""
        for index, (fired, run) in enumerate(self._right[asked], asked.start or 0):
            if fired & hypothesis.bits:
                effort.spend(1)
                against = self._speaks(hypothesis, run) is _Speaks.AGAINST
                if against and not is_foreign(run):
                    self._right.insert(0, self._right.pop(index))
                    return run
        return None

    def _speaks(self, hypothesis: Hypothesis, run: Run) -> _Speaks:
        difference = run.difference
        until = None if difference is None else difference.at + 1
        departure = hypothesis.departure(self._machine, run.program, run.expected, until)
        if departure is None:
            return _Speaks.NOT
        if difference is None or departure.at < difference.at:
            return _Speaks.AGAINST
        fits = is_as_supposed(departure.answer, difference.observed)
        return _Speaks.FOR if fits else _Speaks.AGAINST


def is_in(model: CachedModel, minimal: Finding, run: Run) -> bool:
    """Whether a run is a minimal program with ops inserted, and takes the rule at which that goes
    wrong there. Chunks and messages may differ, except in whether a chunk is empty or large.
    O(length)."""
    at = minimal.difference.at
    *before, last = minimal.program[: at + 1]
    wanted = model.expect(minimal.program).links[at].bit
    if not run.expected.rules & wanted:
        return False
    rest = iter(enumerate(run.program[: len(run.expected.links)]))
    return all(any(_is_like(each, other) for _, other in rest) for each in before) and any(
        _is_like(last, other) and run.expected.links[place].bit & wanted for place, other in rest
    )


def _is_like(each: Symbol, other: Symbol) -> bool:
    if each is other:
        return True
    if each.stream != other.stream or type(each.op) is not type(other.op):
        return False
    if isinstance(each.op, Push) and isinstance(other.op, Push):
        wanted, there = len(each.op.chunk), len(other.op.chunk)
        return bool(wanted) == bool(there) and (wanted <= _SMALL or there >= wanted)
    return not isinstance(each.op, Together)


_SMALL: Final = 64


def explains(model: CachedModel, hypothesis: Hypothesis, finding: Finding) -> bool:
    """Whether the mutant answers the program of the finding as the implementation did."""
    expected = model.expect(finding.program)
    departure = hypothesis.departure(model, finding.program, expected)
    difference = finding.difference
    return (
        departure is not None
        and departure.at == difference.at
        and is_as_supposed(departure.answer, difference.observed)
    )
