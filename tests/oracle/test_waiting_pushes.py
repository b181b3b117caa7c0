"""Pushes that wait: which programs are asked, of whom, and what is found."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from streamstate.cli.own_registry import own_registry
from streamstate.model import CancelPush, Dialect, Op, Rule, lattice, pushes_wait
from streamstate.oracle.adapters.inprocess import InProcessImplementation
from streamstate.oracle.checking import check, check_any
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.editing import inner_ops
from streamstate.oracle.programs.program import Program
from streamstate.oracle.programs.rulesets import reachable_rules, rules_in
from streamstate.oracle.suites import plan as planning
from streamstate.oracle.suites.complete import CompleteSuite, waiting
from streamstate.oracle.suites.complete.waiting import TWO_CHUNKS, abstractions_with_pushes
from streamstate.oracle.suites.plan import Suite, default_plan, requests
from streamstate.oracle.suites.races import may_be_asked
from streamstate.testing import assert_conforms
from streamstate.wire import parse_turns
from tests.oracle.test_waiting_answers import ASKED
from tests.oracle.waiting_faults import IN_PYTHON, Fault
from tests.oracle.waiting_registries import WAIT, first_shown, opened, registry, waiting_only
from tests.thorough import one_in

ALL = ("get", "limits", "fill", "cancel", "together", "lends", "surrogates", "cancel_push")
CALM = tuple(each for each in lattice() if not pushes_wait(each))
WAITING = tuple(each for each in lattice() if pushes_wait(each))


def ops_of(program: Program) -> Iterator[Op]:
    return (op for each in program for op in inner_ops(each.op))


def plan(dialect: Dialect, *capabilities: str) -> tuple[Suite, ...]:
    return tuple(default_plan(CachedModel(dialect), capabilities))


# Where no push waits, nothing is asked that has to do with one that does.


def test_no_other_dialect_has_a_suite_of_them() -> None:
    assert len(CALM) == 144
    for dialect in CALM:
        assert not any("pushes" in suite.name for suite in plan(dialect, *ALL))


def leaks(dialect: Dialect) -> set[str]:
    """The names of suites that only some dialects have, and of those that give a push up."""
    suites = plan(dialect, *ALL)
    usual = {suite.name for suite in plan(CALM[0], *ALL)}
    return {each.name for each in suites if each.name not in usual or gives_pushes_up(each)}


def gives_pushes_up(suite: Suite) -> bool:
    if suite.complete is not None:  # its programs are made of these
        return any(isinstance(op, CancelPush) for op in suite.complete.abstraction.inputs)
    return any(isinstance(op, CancelPush) for each in suite.programs for op in ops_of(each))


def test_no_program_of_theirs_leaks_into_another_dialect() -> None:
    assert leaks(Dialect("queue", "drop", "while_queued", "keep", "refuse")) == set()


def test_a_program_that_leaks_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (planning, waiting):
        monkeypatch.setattr(module, "pushes_wait", lambda _dialect: True)
    found = leaks(Dialect(push_when_full="refuse"))
    assert {"waiting pushes", "waiting pushes, random", "complete: pushes given up"} <= found


# Where pushes wait, all of it is asked for.


@pytest.mark.thorough
@pytest.mark.parametrize("dialect", WAITING[5::41], ids=str)
def test_the_plan_fires_every_rule_there(dialect: Dialect) -> None:
    models, fired = CachedModels(), 0
    for request in requests(plan(dialect, *ALL)):
        fired |= models.of(dialect, request.limits).expect(request.program).rules
    assert [*rules_in(reachable_rules(dialect, cancels=True) & ~fired)] == []
    assert {Rule.PUSH_9, Rule.PULL_14, Rule.CANCEL_PUSH_1} <= {*rules_in(fired)}


def test_nobody_gives_up_a_push_who_does_not_offer_it() -> None:
    suites = plan(WAIT, "get", "limits", "together")
    assert not any(map(gives_pushes_up, suites))


@pytest.mark.parametrize("dialect", one_in(2, WAITING[::9]), ids=str)
def test_each_abstraction_tells_its_states_apart(dialect: Dialect) -> None:
    model = CachedModel(dialect)
    kinds = {each for has in ((), ALL) for each in abstractions_with_pushes(dialect, has)}
    assert len(kinds) == 6
    for abstraction in kinds:
        suite = CompleteSuite(abstraction, model, 0)
        assert suite.exists, abstraction.name
        assert any(
            Rule.PUSH_9 in rules_in(model.expect(program).rules) or abstraction.limits is not None
            for program in suite.programs()
        )


def test_a_cancel_in_a_complete_suite_names_a_push_that_waits() -> None:
    (given_up,) = (
        each for each in abstractions_with_pushes(WAIT, ALL) if each.name == "pushes given up"
    )
    model = CachedModel(WAIT, given_up.limits)
    programs = [*CompleteSuite(given_up, CachedModel(WAIT), 0).programs()]
    cancels = [
        (op.push, link.rule)
        for program in programs
        for op, link in zip(ops_of(program), model.expect(program).links, strict=True)
        if isinstance(op, CancelPush)
    ]
    assert {rule for push, rule in cancels if not push} == {Rule.CANCEL_PUSH_2}
    assert {rule for push, rule in cancels if push} == {Rule.CANCEL_PUSH_1}
    assert {2, 3} <= {push for push, _ in cancels}


# What is done together is asked for only where all that are right answer alike.


@pytest.mark.parametrize(
    ("together", "may"),
    [
        ('["push",1,"Ag=="],["pull",1]', True),
        ('["pull",1],["push",1,"Ag=="]', True),
        ('["close",1],["push",1,"Ag=="]', True),
        ('["cancel_push",1],["is_queue_full",1]', True),
        ('["cancel_push",1],["cancel_push",2]', True),
        ('["cancel_push",1],["pull",1]', False),
        ('["pull",1],["cancel_push",1]', False),
        ('["pull",1],["cancel_push",2]', True),
        ('["close",1],["cancel_push",1]', False),
        ('["push",1,"Ag=="],["cancel_push",1]', False),
        ('["push",1,"Ag=="],["cancel_push",3]', False),
        ('["push",1,"Ag=="],["pull",1],["cancel_pull",1]', False),
    ],
)
def test_which_ops_may_be_done_together(together: str, may: bool) -> None:
    """On a stream of two chunks, on which two pushes wait."""
    before = '["create"],["push",1,"YQ=="],["push",1,"Yg=="],["push",1,"AA=="],["push",1,"AQ=="]'
    program = parse_turns(f'[{before},["together",{together}]]')
    assert may_be_asked(CachedModel(WAIT, TWO_CHUNKS), program) is may


# What is found.


def test_a_registry_in_which_pushes_wait_conforms() -> None:
    verdict = check(partial(opened, registry()), WAIT, planner=waiting_only)
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert [each.complete for each in verdict.certificates] == [True] * 4


def test_the_registry_of_this_package_conforms() -> None:
    def made() -> InProcessImplementation:
        return InProcessImplementation(partial(own_registry, WAIT), "ours", "1", cancels=True)

    verdict = check(made, WAIT, planner=waiting_only)
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert verdict.tally.rules[Rule.CANCEL_PUSH_1] > 100


def test_its_dialect_is_recognised() -> None:
    verdict = check_any(partial(opened, registry()), planner=waiting_only)
    assert verdict.dialect == WAIT
    assert verdict.deviations == ()


def test_in_another_dialect_a_push_that_waits_is_told_in_words() -> None:
    program = f"[{ASKED}]"
    with pytest.raises(AssertionError, match=r"returns true +the push waits") as told:
        assert_conforms(registry(), limits=TWO_CHUNKS, programs=[program])
    assert "answers as push_when_full=wait asks" in str(told.value)


@pytest.mark.parametrize("fault", one_in(6, IN_PYTHON), ids=lambda fault: fault.name)
def test_the_plan_catches(fault: Fault) -> None:
    assert first_shown(opened(registry(fault))) is not None


def test_nothing_is_caught_where_all_is_right() -> None:
    assert first_shown(opened(registry())) is None


TOLD = ("let_in_and_not_sent", "close_lets_them_in", "giving_up_takes_the_oldest")
"""Of which the rest is on the page; see `python -m tests.oracle.waiting_page`."""


ELSEWHERE = Fault(
    "a_pull_lets_in_elsewhere",
    "PULL_2 PULL_14",
    "            stream.admit()\n",
    "            stream.admit()\n"
    "            for other in self.streams.values():\n"
    "                if other is not stream and other.offers:\n"
    "                    offer = other.offers.popleft()\n"
    "                    other.queue.append(offer.chunk)\n"
    "                    offer.room.set_result(None)\n",
)


@pytest.mark.parametrize(
    "fault",
    [*(each for each in IN_PYTHON if each.name in TOLD), ELSEWHERE],
    ids=lambda fault: fault.name,
)
def test_the_rule_is_named(fault: Fault) -> None:
    verdict = check(partial(opened, registry(fault)), WAIT, planner=waiting_only)
    assert verdict.deviations[0].rule in fault.causes
