"""An explanation, as a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streamstate.model import Rule
from streamstate.oracle.supposing.guards import ALWAYS
from streamstate.oracle.supposing.search import Explanation


def why(found: Sequence[Explanation]) -> str:
    """What the best explanation says, and whether one that blames another op does as well. One
    or two sentences."""
    best, *others = found
    rival = next((each for each in others if _is_rival(best, each)), None)
    if rival is None:
        return f"{_said(best)}."
    return f"{_said(best)}; or else {_said(rival, first=False)}: from outside the two are the same."


def _is_rival(best: Explanation, other: Explanation) -> bool:
    """Whether it explains as much, by what another op does, and is as simple."""
    return (
        not best.supposition.rules & other.supposition.rules
        and len(other.score.explained) == len(best.score.explained)
        and other.supposition.guard.no_wonder == best.supposition.guard.no_wonder
    )


def _said(each: Explanation, *, first: bool = True) -> str:
    supposed = each.supposition
    names = _names(supposed.rules)
    where = f" where {supposed.guard.says}" if supposed.guard is not ALWAYS else ""
    if supposed.change is None:
        verb = "are" if len(supposed.rules) > 1 else "is"
        said = f"{names} {verb} answered wrongly{where or ', whenever it applies'}"
    else:
        said = f"at {names} it {supposed.change.says}{where}"
    return f"Probably {said}, which explains {_proof(each)}" if first else said


def _proof(each: Explanation) -> str:
    explained, left = len(each.score.explained), len(each.score.open)
    if not left:
        return f"all {explained:,} programs that deviated"
    return f"{explained:,} of the {explained + left:,} programs that deviated"


def _names(rules: Iterable[Rule]) -> str:
    ordered = [rule.name for rule in Rule if rule in set(rules)]
    return " and ".join((", ".join(ordered[:-1]), ordered[-1])) if ordered[1:] else ordered[0]
