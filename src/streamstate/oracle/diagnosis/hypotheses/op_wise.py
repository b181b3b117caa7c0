"""Ops that do nothing yet, and always answer the same, as in a first draft.

No search is needed for these: the answers of the plan show them. The oracle supposes that an op
with one answer for everything leaves the registry as it is. Of several such ops it keeps those
without which it could predict fewer answers. All rules of such an op go wrong then, and none is
told by itself. If there is only one such op, the oracle looks for it as for any mistake: its one
answer may come of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from streamstate.model import Limits, Returned, Rule, Step
from streamstate.oracle.adapters.implementation import ExchangeError, Request, parse_reply
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.diagnosis.clustering import Case, merge, ops_of
from streamstate.oracle.diagnosis.hypotheses.application import Application, Change
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.mutant import Mutant
from streamstate.oracle.diagnosis.hypotheses.observed import as_it_was
from streamstate.oracle.diagnosis.localisation import Suspicion
from streamstate.oracle.diagnosis.sampling import evenly
from streamstate.oracle.programs.program import Program
from streamstate.oracle.programs.rulesets import op_of, rules_in
from streamstate.oracle.verdict.tally import Answered, PastAnswers
from streamstate.wire import Json, Together

_WRONG: Final = 160
_RIGHT: Final = 80
_LONGEST: Final = 40
"""How many programs that went wrong, and that went well, are looked at, and how many ops of one."""

_ENOUGH: Final = 12
"""An op needs at least so many answers before they count as all it ever says."""

_GAIN: Final = 1.02
"""Supposing that an op does nothing has to predict at least so many times as many answers."""


def idle_ops(runner: Runner, past: Mapping[Limits | None, PastAnswers]) -> tuple[Hypothesis, ...]:
    """The ops that do nothing, whatever they find, and always answer the same; none unless there
    are several."""
    known = past.get(None)
    if known is None:
        return ()
    sample = _Sample(
        runner,
        evenly([each for each in known.answered if len(each.program) <= _LONGEST], _WRONG),
        evenly([each for each in known.right if len(each) <= _LONGEST], _RIGHT),
    )
    chosen = list(sample.candidates())
    told = sample.told(chosen) if chosen else 0
    for each in tuple(chosen):
        without = [other for other in chosen if other is not each]
        otherwise = sample.told(without)
        if told < otherwise * _GAIN:
            chosen, told = without, otherwise
    return tuple(chosen) if len(chosen) > 1 else ()


@dataclass(frozen=True, slots=True)
class _Sample:
    """Programs of the plan that went wrong, with the answers, and programs that went well."""

    runner: Runner
    wrong: Sequence[Answered]
    right: Sequence[Program]

    def candidates(self) -> Iterator[Hypothesis]:
        """Ops whose answers are all the same, though not all of them should be."""
        wanted: dict[str, list[Json]] = {}
        got: dict[str, list[Json]] = {}
        rules: dict[str, set[Rule]] = {}
        for rule, expected, observed in self._answers():
            op = op_of(rule)
            rules.setdefault(op, set()).add(rule)
            wanted.setdefault(op, []).append(expected)
            got.setdefault(op, []).append(observed)
        for op, (first, *others) in got.items():
            constant = len(others) >= _ENOUGH and all(each == first for each in others)
            if constant and any(each != first for each in wanted[op]):
                change = _doing_nothing(op, first)
                if change is not None:
                    yield Hypothesis(_of_op(op), change)

    def _answers(self) -> Iterator[tuple[Rule, Json, Json]]:
        model = self.runner.model(None)
        for each in self.wrong:
            try:
                reply = parse_reply(each.line, each.seq, len(each.program))
            except ExchangeError:
                continue
            links = model.expect(each.program).links
            for symbol, link, observed in zip(each.program, links, reply.trace, strict=False):
                if not isinstance(symbol.op, Together):
                    yield link.rule, link.json, observed
        for program in self.right:
            for symbol, link in zip(program, model.expect(program).links, strict=True):
                if not isinstance(symbol.op, Together):
                    yield link.rule, link.json, link.json

    def told(self, made: Sequence[Hypothesis]) -> int:
        """How many ops a registry with all those mistakes answers as the implementation did, in
        each program up to the first that it does not."""
        model = self.runner.model(None)
        mutant = Mutant(model, made)
        supposed = self.runner.expecting(lambda _limits: mutant)
        ops = 0
        for each in self.wrong:
            request = Request(each.seq, each.program, None)
            difference = supposed.compared(request, each.line).difference
            ops += len(each.program) if difference is None else difference.at
        same = (mutant.expect(each).text == model.expect(each).text for each in self.right)
        return ops + sum(len(each) for each, told in zip(self.right, same, strict=True) if told)


def _of_op(op: str) -> frozenset[Rule]:
    return frozenset(rule for rule in Rule if op_of(rule) == op)


def _doing_nothing(op: str, answer: Json) -> Change | None:
    """The mistake of leaving everything as it is, with that answer; None if nothing known makes
    that answer."""
    match answer:
        case [bool() | None as returned, []]:
            value = returned
        case _:
            return None

    def made(application: Application) -> Step:
        effects = () if value is None else (Returned(value),)
        return Step(application.step.rule, as_it_was(application), effects)

    said = "" if value is None else f" and returns {str(value).lower()}, whatever it finds"
    return Change(f"{op.lower()} does nothing{said}", made)


def blamed_on(idle: Hypothesis, runner: Runner, alike: Sequence[Case]) -> Case:
    """Makes the cases one, blamed on an op that does nothing, and shows it by the shortest at one
    of its rules."""
    at_rules = (each for each in alike if each.deviation.seen_at in idle.rules)
    shown = min(at_rules, key=lambda case: ops_of(case.deviation), default=alike[0])
    deviation = reduce(
        merge, (each.deviation for each in alike if each is not shown), shown.deviation
    )
    broken = _broken(idle, runner, alike)
    rule = deviation.seen_at if deviation.seen_at in idle.rules else next(iter(broken))
    assert idle.change is not None
    deviation = replace(
        deviation,
        rule=rule,
        or_else=(),
        others=tuple(each for each in deviation.others if each is not rule),
        same_at=tuple(each for each in broken if each is not rule),
        why=f"Probably {idle.change.says}.",
    )
    return replace(shown, deviation=deviation, suspicion=Suspicion(rule))


def _broken(idle: Hypothesis, runner: Runner, alike: Sequence[Case]) -> list[Rule]:
    """Those of its rules that the cases take, in order."""
    taken = 0
    for case in alike:
        if case.finding is not None:
            taken |= runner.model(case.finding.limits).expect(case.finding.program).rules
    return list(rules_in(taken & idle.bits))
