"""The plan: large enough, the same every time, and it fires every rule there is to fire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamstate.model import NAMED, REFERENCE, Dialect, lattice
from streamstate.oracle.campaign import Machines
from streamstate.oracle.implementation import Request
from streamstate.oracle.machine import (
    RULES,
    Machine,
    bit_of,
    differing_rules,
    reachable_rules,
    word,
)
from streamstate.oracle.plan import requests, suites
from streamstate.oracle.plan.structured import structured_programs
from streamstate.wire import trace

CAPABILITIES = ({"get", "limits"}, set[str]())


def planned(dialect: Dialect, capabilities: set[str], seed: int = 1) -> Iterator[Request]:
    return requests(suites(Machine(dialect), capabilities, seed))


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=["all", "none"])
def test_the_default_plan_has_20_000_programs_and_is_always_the_same(
    capabilities: set[str],
) -> None:
    plan = list(planned(REFERENCE, capabilities))
    assert len(plan) >= 20_000
    assert plan == list(planned(REFERENCE, capabilities))
    assert [request.seq for request in plan] == list(range(1, len(plan) + 1))
    asked = [(request.program, request.limits) for request in plan]
    repeated = len(asked) - len(set(asked))
    assert repeated < 20  # random ones may come twice; the families never do


def test_another_seed_gives_other_random_programs() -> None:
    plans = [
        [
            request.program
            for request in planned(REFERENCE, set(), seed)
            if request.family == "random"
        ]
        for seed in (1, 2)
    ]
    assert len(plans[0]) == len(plans[1])
    assert plans[0] != plans[1]


@pytest.mark.parametrize("dialect", lattice(), ids=str)
def test_every_rule_that_can_fire_does(dialect: Dialect) -> None:
    machines = Machines()
    to_fire = reachable_rules(dialect)
    for request in planned(dialect, {"get"}):
        machine = machines.of(dialect, request.limits)
        to_fire &= ~machine.expect(request.program).rules
        if not to_fire:
            return
    assert [rule.name for rule in RULES if to_fire & bit_of(rule)] == []


@pytest.mark.parametrize("name", NAMED)
def test_a_machine_expects_what_the_model_answers(name: str) -> None:
    dialect = NAMED[name]
    machine = Machine(dialect)
    for program in structured_programs():
        expected = machine.expect(word(program))
        answers = trace(program, dialect)
        assert expected.text == f"[{','.join(answered.text for answered in answers)}]"
        assert [link.rule for link in expected.links] == [answered.rule for answered in answers]


def test_a_program_that_fires_no_differing_rule_means_the_same() -> None:
    others = [dialect for dialect in lattice() if len(dialect.difference(REFERENCE)) == 1]
    assert len(others) == 8
    machines = Machines()
    spared = dict.fromkeys(others, 0)
    for program in map(word, structured_programs()):
        expected = machines.of(REFERENCE).expect(program)
        for other in others:
            if not expected.rules & differing_rules(REFERENCE, other):
                assert machines.of(other).expect(program).text == expected.text
                spared[other] += 1
    assert min(spared.values()) > 10
