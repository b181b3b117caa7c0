"""Deviations that are not faults: another dialect answers so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from typing import NamedTuple

from streamstate.model import Dialect, Rule
from streamstate.oracle.diagnosis.clustering import merge
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.programs.rulesets import bit_of, differing_rules, rules_in
from streamstate.oracle.verdict.deviation import Deviation
from streamstate.oracle.verdict.verdict import Nearest, explains
from streamstate.wire import Together


def by_policy(
    deviations: Sequence[Deviation], asked: Dialect, closest: Nearest
) -> tuple[Deviation, ...]:
    """Make the deviations one that one policy field explains, and name it after a rule that this
    field changes, if the implementation fits a dialect that differs from the one asked for."""
    if closest.deviating:
        return tuple(deviations)
    policies = tuple(_policies(closest.dialect, asked))
    grouped: dict[_Policy | None, list[Deviation]] = {None: []}
    for each in deviations:
        policy = next(_explaining(policies, asked, each), None)
        grouped.setdefault(policy, []).append(each)
    explained = [policy.one_of(grouped[policy]) for policy in grouped if policy is not None]
    return tuple(sorted([*explained, *grouped[None]], key=lambda each: len(each.program)))


class _Policy(NamedTuple):
    """One field in which a dialect differs from the one asked for, and the rules that this
    changes."""

    asked: Dialect
    field: str
    value: str

    @property
    def dialect(self) -> Dialect:
        """The dialect asked for, with the other value in this field."""
        return Dialect.parse(f"{self.asked}+{self.field}={self.value}")

    @property
    def rules(self) -> int:
        """The rules that only one of the two dialects takes."""
        return differing_rules(self.asked, self.dialect)

    def one_of(self, deviations: Sequence[Deviation]) -> Deviation:
        """The deviations as one, shown by a simple one at a rule of the field."""
        first, *more = sorted(deviations, key=self._directness)
        return self._named(reduce(merge, more, first))

    def _directness(self, deviation: Deviation) -> tuple[bool, bool, int]:
        together = any(isinstance(turn, Together) for turn in deviation.program)
        elsewhere = not bit_of(deviation.rule) & self.rules
        return together, elsewhere, len(deviation.program)

    def _named(self, deviation: Deviation) -> Deviation:
        """The deviation, named after the first rule taken that the field changes, unless its own
        rule is one."""
        if bit_of(deviation.rule) & self.rules:
            why = deviation.why or self._why
            return replace(deviation, why=why)
        rule = next(self._changed_on_the_way(deviation), None)
        if rule is None:
            return deviation
        return replace(deviation, rule=rule, or_else=(), why=self._why)

    @property
    def _why(self) -> str:
        return f"It answers as {self.field}={self.value} asks."

    def _changed_on_the_way(self, deviation: Deviation) -> Iterator[Rule]:
        model = CachedModel(self.asked, deviation.limits)
        links = model.expect(program_of(deviation.program)).links[: deviation.difference.at + 1]
        for link in links:
            yield from rules_in(link.bit & self.rules)


def _policies(dialect: Dialect, asked: Dialect) -> Iterator[_Policy]:
    for field, value in dialect.difference(asked).items():
        yield _Policy(asked, field, value)


def _explaining(
    policies: Sequence[_Policy], asked: Dialect, deviation: Deviation
) -> Iterator[_Policy]:
    """The fields that explain it: alone; or, if it takes several, by the rules that they change."""
    yield from (each for each in policies if explains(each.dialect, asked, deviation))
    rules = bit_of(deviation.rule) | bit_of(deviation.seen_at)
    yield from (each for each in policies if each.rules & rules)
