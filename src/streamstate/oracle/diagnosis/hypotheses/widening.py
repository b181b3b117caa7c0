"""Widens a hypothesis to as many rules as fit best: a mistake at one rule is often made at more."""

from __future__ import annotations

from bisect import insort
from dataclasses import replace
from typing import Final

from streamstate.model import Rule
from streamstate.oracle.campaign.runner import Finding
from streamstate.oracle.diagnosis.hypotheses.effort import Effort
from streamstate.oracle.diagnosis.hypotheses.evidence import Run
from streamstate.oracle.diagnosis.hypotheses.fitting import Runs, Score, explains
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.uniform import is_uniform
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.rulesets import op_family, op_of, rules_in
from streamstate.oracle.verdict.deviation import Difference, Kind

BEST: Final = 8
"""So many explanations of a finding are widened."""

_ORDINARY: Final = 12
"""One unit of effort pays for a program of so many ops."""


def steps_in(finding: Finding) -> float:
    """The effort to see whether a mistake shows in a finding."""
    return len(finding.program) / _ORDINARY


class Best:
    """How much the best explanations found so far explain."""

    def __init__(self) -> None:
        self._explained: Final[list[int]] = []

    def note(self, score: Score) -> None:
        """Notes one more explanation."""
        insort(self._explained, len(score.explained))
        del self._explained[:-BEST]

    @property
    def least(self) -> int:
        """How much an explanation has to explain to be among them."""
        return self._explained[0] if len(self._explained) == BEST else 0


def widened(
    model: CachedModel,
    finding: Finding,
    runs: Runs,
    hypothesis: Hypothesis,
    effort: Effort,
    least: int,
) -> tuple[Hypothesis, Score] | None:
    """The hypothesis with as many rules as fit best; None if nothing fits, or too little is
    explained.

    Other rules make the same mistake if a run shows that one does, or if more is explained then.
    """
    effort.spend(steps_in(finding))
    if not explains(model, hypothesis, finding):
        return None
    best: tuple[Hypothesis, Score] | None = None
    tried = set(hypothesis.rules)
    while True:
        result = runs.score(hypothesis, effort, least)
        if isinstance(result, Score) and not result.explained:
            return None
        if isinstance(result, Score) and (best is None or result.explains_more(best[1])):
            best = hypothesis, result
        if best is not None:
            left = best[1].open + best[1].foreign
            hypothesis, more = best[0], _more(best[0], finding, left, tried)
        elif isinstance(result, Run) and result.difference is not None:
            more = _more(hypothesis, finding, (result,), tried)
        else:
            more = []
        if not more:
            enough = best is not None and len(best[1].explained) >= least
            return best if enough else None
        tried.add(more[0])
        hypothesis = replace(hypothesis, rules=hypothesis.rules | {more[0]})


def _more(
    hypothesis: Hypothesis, finding: Finding, runs: tuple[Run, ...], tried: set[Rule]
) -> list[Rule]:
    """The untried rules that may make the same mistake: rules of the same op that those runs take;
    and, if the answer itself is wrong, rules at which it is wrong, too."""
    family = {op for rule in hypothesis.rules for op in op_family(rule)}
    anywhere = hypothesis.change is not None and hypothesis.change.of_any_op
    if hypothesis.change is None:
        like = (run.seen_at for run in runs if _is_wrong_alike(run, finding.difference, family))
        shown = {rule for rule in like if rule is not None}
        return [rule for rule in Rule if rule in shown and rule not in tried]
    fired = 0
    for run in runs:
        fired |= run.expected.rules
    if anywhere and hypothesis.guard is not ALWAYS:  # of all rules it would take too long
        anywhere, family = False, family.union(op_of(each.seen_at) for each in runs if each.seen_at)
    return [
        rule
        for rule in rules_in(fired)
        if rule not in tried and (op_of(rule) in family or anywhere)
    ]


def _is_wrong_alike(run: Run, difference: Difference, family: set[str]) -> bool:
    """Whether a run goes wrong exactly as a difference does, at a rule of the same op; or throws
    the same at any. Which answer comes instead nobody supposes here, so what goes wrong in another
    way, or at other ops, is another matter."""
    own, seen_at = run.difference, run.seen_at
    if own is None or seen_at is None or not run.is_like(difference):
        return False
    if own.kind in _RETURNS and not is_uniform((own, difference)):
        return False
    return op_of(seen_at) in family or own.kind is Kind.THREW


_RETURNS: Final = frozenset({Kind.RETURNED, Kind.THREW})
"""Answers that are wrong in the op itself: they are alike where the same comes instead."""
