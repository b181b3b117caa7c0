"""An explanation, as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streamstate.model import Rule
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS
from streamstate.oracle.diagnosis.hypotheses.search import Explanation


def why(best: Explanation, rival: Explanation | None) -> str:
    """One sentence: what the best explanation says, and another that is as good, if there is
    one."""
    fitting = len(best.score.explained)
    proof = f"({fitting:,} of {fitting + best.score.like:,} wrong answers fit)"
    if rival is None:
        return f"Probably {_said(best)} {proof}."
    return f"Probably {_said(best)}, or {_said(rival)}: from outside the two are the same {proof}."


def spoilt_in_the_queue(push: Rule, pulls: Sequence[Rule]) -> str:
    """Says that pulls bring wrong chunks at all of those rules, so that the queue is probably at
    fault."""
    return (
        f"Wrong chunks come out at {_names(pulls)} alike, so they were probably spoilt where they"
        f" are queued, at {push.name}."
    )


def rival_of(found: Sequence[Explanation]) -> Explanation | None:
    """An explanation that explains as much as the first by other rules, and is as simple."""
    best, *others = found
    return next((each for each in others if _is_rival(best, each)), None)


def _is_rival(best: Explanation, other: Explanation) -> bool:
    return (
        not best.hypothesis.rules & other.hypothesis.rules
        and len(other.score.explained) == len(best.score.explained)
        and other.hypothesis.guard.no_wonder == best.hypothesis.guard.no_wonder
    )


def _said(each: Explanation) -> str:
    mutant = each.hypothesis
    names = _names(mutant.rules)
    where = f" where {mutant.guard.says}" if mutant.guard is not ALWAYS else ""
    if mutant.change is None:
        return f"at {names} it{'' if where else ' always'} answers wrongly{where}"
    return f"at {names} it {mutant.change.says}{where}"


def _names(rules: Iterable[Rule]) -> str:
    ordered = [rule.name for rule in Rule if rule in set(rules)]
    return " and ".join((", ".join(ordered[:-1]), ordered[-1])) if ordered[1:] else ordered[0]
