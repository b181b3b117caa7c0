"""The policies of another dialect that an implementation follows, besides what it does wrong.

It follows a policy if two things hold. At least half of the programs that went wrong, and in which
the policy makes a difference, got the policy's answers to their last op. And nothing contradicts
it: no program got the answers of the dialect asked for where the policy first answers otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from streamstate.model import POLICIES, Dialect, Limits
from streamstate.oracle.adapters.implementation import ExchangeError, parse_reply
from streamstate.oracle.diagnosis.sampling import evenly
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program
from streamstate.oracle.programs.rulesets import differing_rules
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.tally import Answered, PastAnswers
from streamstate.oracle.verdict.verdict import explains
from streamstate.wire import agrees

_MOST: Final = 3_000
"""How many programs of each kind are looked at."""

_ENOUGH: Final = 3
"""How many programs a policy has to explain at least."""


def followed(
    asked: Dialect,
    past: Mapping[Limits | None, PastAnswers],
    deviations: Sequence[Deviation],
) -> Dialect:
    """The dialect asked for, with each policy that the implementation follows instead, among those
    that explain a deviation."""
    known = past.get(None)
    if known is None:
        return asked
    dialect = asked
    for name, values in POLICIES.items():
        for value in values:
            alone = replace(asked, **{name: value})  # type: ignore[arg-type]  # one of POLICIES
            if any(explains(alone, asked, each) for each in deviations):
                other = replace(dialect, **{name: value})  # type: ignore[arg-type]  # as above
                if _is_followed(CachedModel(dialect), CachedModel(other), known):
                    dialect = other
    return dialect


def _is_followed(model: CachedModel, other: CachedModel, known: PastAnswers) -> bool:
    differing = differing_rules(model.dialect, other.dialect)
    wrong = (
        each
        for each in evenly(known.answered, _MOST)
        if model.expect(each.program).rules & differing
    )
    telling = (each for each in wrong if not _is_the_same(model, other, each.program))
    fits = [_fits(model, other, each) for each in telling]
    if None in fits or fits.count(True) < max(_ENOUGH, len(fits) / 2):
        return False
    right = (each for each in evenly(known.right, _MOST) if model.expect(each).rules & differing)
    return all(_is_the_same(model, other, each) for each in right)


def _is_the_same(model: CachedModel, other: CachedModel, program: Program) -> bool:
    return model.expect(program).text == other.expect(program).text


def _fits(model: CachedModel, other: CachedModel, answered: Answered) -> bool | None:
    """Whether a program got the other dialect's answers to its last op; None if it got the first
    one's answer where the two part."""
    try:
        reply = parse_reply(answered.line, answered.seq, len(answered.program))
    except ExchangeError:
        return False
    links, others = (each.expect(answered.program).links for each in (model, other))
    for link, instead, got in zip(links, others, reply.trace, strict=False):
        if not agrees(instead.json, got):
            return None if agrees(link.json, got) else False
        if not agrees(link.json, got):
            break
    return all(agrees(each.json, got) for each, got in zip(others, reply.trace, strict=False))
