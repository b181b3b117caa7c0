"""Tells whether two mistakes, found one after the other, are one, to be told together."""

from __future__ import annotations

from dataclasses import replace

from streamstate.model import Rule
from streamstate.oracle.diagnosis.clustering import Case
from streamstate.oracle.diagnosis.hypotheses.blaming import Blamed
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.uniform import is_uniform
from streamstate.oracle.programs.rulesets import op_family
from streamstate.oracle.verdict.deviation import Kind


def is_same(one: Hypothesis, other: Hypothesis, *, after: bool) -> bool:
    """Whether they are one mistake: at one rule in two situations, at rules of one op, or at other
    rules if the one shows only `after` the other, or any op is likely to make it."""
    if one.change is None or one.change != other.change:
        return False
    if one.rules & other.rules or one.change.of_any_op:
        return True
    ops = [{op for rule in each.rules for op in op_family(rule)} for each in (one, other)]
    return one.guard.says == other.guard.says and (after or not ops[0].isdisjoint(ops[1]))


def is_answered_alike(one: Case, other: Case, after: bool) -> bool:
    """Whether two rules of one op throw the same, or both return a value where nothing is due; or
    answer wrongly in the same way, the one only `after` the other has."""
    rules = one.deviation.rule, other.deviation.rule
    differences = one.deviation.difference, other.deviation.difference
    if op_family(rules[0]) != op_family(rules[1]):
        return False
    match differences[0].observed, differences[1].observed:
        case [got, _], [same, _] if not isinstance(got, int | None):
            return got == same
    return after and differences[0].kind is Kind.RETURNED and is_uniform(differences)


def with_another(known: Case, blamed: Blamed) -> Case:
    """The case, with another mistake that comes with it."""
    deviation = known.deviation
    why = f"{deviation.why} {blamed.case.deviation.why}".strip()
    there = {deviation.rule, *deviation.same_at}
    more = tuple(rule for rule in Rule if rule in blamed.said.rules and rule not in there)
    deviation = replace(deviation, why=why, same_at=(*deviation.same_at, *more))
    return replace(known, deviation=deviation)
