"""Pulls given up: what an adapter that offers `cancel` is asked, and who loses chunks is caught."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache, reduce
from operator import or_
from pathlib import Path

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.model import (
    NAMED,
    REFERENCE,
    Action,
    CancelPull,
    Close,
    Create,
    Dialect,
    Get,
    IsQueueFull,
    Pull,
    Push,
    Rule,
)
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.adapters.inprocess import Factory, InProcessImplementation
from streamstate.oracle.campaign.runner import Runner
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.programs.rulesets import reachable_rules, rules_in
from streamstate.oracle.suites.plan import RANDOM_WITH_CANCELS, Suite, default_plan, only
from streamstate.oracle.suites.races import is_asked_for, may_be_asked
from streamstate.oracle.suites.random_cancels import random_cancels
from streamstate.oracle.verdict.deviation import Kind
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.registry import BytesLike, actions, core
from streamstate.registry.outside import Outside
from streamstate.registry.record import Record, Waiter
from streamstate.registry.situations import situations
from streamstate.wire import Together
from tests.broken import shells
from tests.broken.patches import do_right, instead_of
from tests.thorough import one_in

CANCELS = frozenset(rule for rule in Rule if rule.name.startswith("CANCEL_PULL"))
A = Push(1, b"a")
LOSSY = str(Path(__file__).with_name("lossy_adapter.py"))


@cache
def programs(dialect: Dialect, *capabilities: str) -> tuple[Program, ...]:
    planned = default_plan(CachedModel(dialect), capabilities)
    return tuple(p for suite in planned if suite.name == "cancelling" for p in suite.programs)


def opener(factory: Factory, name: str) -> Opener:
    return lambda: InProcessImplementation(factory, name, "1", cancels=True)


WATCHED = program_of((Create(), A, Together((Pull(1), CancelPull(1))), Get(1), Pull(1)))


def some(machine: CachedModel, capabilities: Collection[str], _seed: int) -> Iterator[Suite]:
    """Half of those with a shape and a few of the others; one that looks, if that is offered."""
    made = programs(machine.dialect, "cancel")
    watched = (WATCHED,) if "get" in capabilities else ()
    yield Suite("some", "", iter((*made[:200:2], *made[200::17], *watched)))


def checked(dialect: Dialect) -> Verdict:
    def make(limits: Limits) -> StreamStateRegistry:
        return StreamStateRegistry(dialect=dialect, limits=limits)

    return check(opener(make, "registry"), dialect, planner=some)


def test_nobody_is_asked_who_does_not_offer_it() -> None:
    assert programs(REFERENCE, "get", "limits") == ()
    assert 2_000 < len(programs(REFERENCE, "cancel")) < 4_000
    without = [suite.name for suite in default_plan(CachedModel(REFERENCE), {"get", "limits"})]
    names = [
        suite.name for suite in default_plan(CachedModel(REFERENCE), {"get", "limits", "cancel"})
    ]
    assert [name for name in names if name not in without] == ["cancelling", "random cancels"]


@pytest.mark.parametrize(
    "dialect", one_in(2, [REFERENCE, NAMED["isolate"], NAMED["whatwg"]]), ids=str
)
def test_the_registry_conforms_when_its_tasks_are_cancelled(dialect: Dialect) -> None:
    verdict = checked(dialect)
    assert (verdict.outcome, verdict.deviations) == ("conforms", ())
    assert verdict.tally.programs > 200


@pytest.mark.parametrize(
    "dialect", one_in(2, [REFERENCE, NAMED["isolate"], NAMED["whatwg"]]), ids=str
)
def test_every_rule_of_cancels_that_can_fire_does(dialect: Dialect) -> None:
    to_fire = reachable_rules(dialect, cancels=True) & ~reachable_rules(dialect)
    assert Rule.CANCEL_PULL_4 in set(rules_in(to_fire)) <= CANCELS
    machine = CachedModel(dialect)
    fired = (machine.expect(program).rules for program in programs(dialect, "cancel"))
    assert list(rules_in(to_fire & ~reduce(or_, fired))) == []


FAULTS = {fault.name: fault for fault in (*shells.SHELL_FAULTS, *shells.LOOP_FAULTS)}
LET_GO = shells.ShellFault(
    "given_back_chunk_is_let_go", instead_of(Action.GIVE_BACK, shells.leave_nothing), 0
)
NOT_HANDED_ON = shells.ShellFault(
    "chunk_is_not_handed_on", instead_of(Action.HAND_ON, shells.leave_nothing), 0, "whatwg"
)


def give_back_to_the_twentieth(outside: Outside, record: Record, giver: Waiter) -> None:
    if giver.pull > 20:
        shells.leave_nothing(outside, record, giver)
    else:
        do_right(Action.GIVE_BACK, outside, record, giver)


def hand_on_as_new(outside: Outside, record: Record, giver: Waiter) -> None:
    waiter = record.pop_waiter()
    record.accepted += 1
    waiter.place = record.accepted
    actions.settle(outside, waiter, actions._taken_from(giver))


PLACE_LOST = shells.ShellFault(
    "place_of_a_chunk_handed_on_is_lost", instead_of(Action.HAND_ON, hand_on_as_new), 0
)

LATE = shells.ShellFault(
    "chunk_of_a_late_pull_is_let_go", instead_of(Action.GIVE_BACK, give_back_to_the_twentieth), 0
)


@contextmanager
def planted(fault: shells.ShellFault) -> Iterator[None]:
    """Registries made in here have the fault. What is compiled of them is kept apart, so that it
    goes with the fault: a sound registry made later, in another test, would have it otherwise."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(core, "situations", cache(situations.__wrapped__))
        fault.patch(monkeypatch)
        yield


@pytest.mark.needs_pure
@pytest.mark.parametrize(
    ("fault", "broken"),
    one_in(
        3,
        [
            (FAULTS["given_back_chunk_goes_last"], {"CANCEL_PULL_4"}),
            (FAULTS["given_back_chunk_is_not_counted"], {"CANCEL_PULL_4"}),
            (FAULTS["cancel_swallows_the_chunk"], {"CANCEL_PULL_3", "CANCEL_PULL_4"}),
            (FAULTS["cancelled_wait_is_not_left"], {"CANCEL_PULL_1"}),
            (LET_GO, {"CANCEL_PULL_4"}),
            (NOT_HANDED_ON, {"CANCEL_PULL_3"}),
        ],
    ),
    ids=lambda value: getattr(value, "name", None),
)
def test_a_registry_that_is_wrong_about_cancels_is_caught(
    fault: shells.ShellFault, broken: set[str]
) -> None:
    with planted(fault):
        verdict = checked(Dialect.parse(fault.dialect))
    assert verdict.outcome == "deviates"
    named = {deviation.rule.name for deviation in verdict.deviations}
    assert named & broken
    assert named <= {rule.name for rule in CANCELS}


def some_of_all(
    machine: CachedModel, _capabilities: Collection[str], _seed: int
) -> Iterator[Suite]:
    yield Suite("some", "", iter(programs(machine.dialect, "cancel")[::3]))


@pytest.mark.thorough
@pytest.mark.needs_pure
def test_a_chunk_that_is_handed_on_and_given_back_is_in_its_place() -> None:
    registry = opener(lambda limits: StreamStateRegistry(limits=limits), "registry")
    with planted(PLACE_LOST):
        assert rules_shown(registry, programs(REFERENCE, "cancel")) == {Rule.PULL_2}
        named = check(registry, REFERENCE, planner=some_of_all).deviations[0]
    assert {Rule.CANCEL_PULL_3, Rule.CANCEL_PULL_4} & {named.rule, *named.or_else}


def test_cancels_that_come_too_late_are_asked_for_in_the_smallest_togethers() -> None:
    machine = CachedModel(REFERENCE)
    late = Together((Pull(1), Close(1), CancelPull(1)))
    assert is_asked_for(machine, (Create(), late))
    assert is_asked_for(machine, (Create(), Pull(1), Together((Close(1), CancelPull(1)))))
    assert program_of((Create(), late))[1] in {
        each for program in programs(REFERENCE, "cancel") for each in program
    }
    for idle in ((Pull(1), Close(1), Close(1), CancelPull(1)), (Pull(1), Close(1), CancelPull(7))):
        assert not is_asked_for(machine, (Create(), Together(idle)))
        assert may_be_asked(machine, (Create(), Together(idle)))


def test_what_depends_on_when_a_cancel_is_noticed_may_not_be_asked() -> None:
    full = (*(Push(1, b""),) * 16, IsQueueFull(1))
    machine = CachedModel(REFERENCE)
    assert may_be_asked(machine, (Create(), Pull(1), CancelPull(1), *full))
    assert not may_be_asked(machine, (Create(), Pull(1), Together((CancelPull(1), *full))))


def test_a_cancel_that_is_noticed_late_is_not_blamed_in_the_place_of_another() -> None:
    """Its rule, where the model does the cancel in its turn, is not at fault: the push comes first
    where the awaiter is a task, and its chunk is to be handed on."""
    asked = only(program_of((Create(), Pull(1), Together((CancelPull(1), A, Pull(1))))))
    with planted(NOT_HANDED_ON):
        verdict = check(
            opener(lambda limits: StreamStateRegistry(limits=limits), "registry"),
            REFERENCE,
            planner=asked,
        )
    (deviation,) = verdict.deviations
    assert deviation.rule is Rule.CANCEL_PULL_3
    last = Together((Push(1, b""), Pull(1), CancelPull(1)))
    assert deviation.program == (Create(), Pull(1), last)


def rules_shown(asked: Opener, programs: Sequence[Program]) -> set[Rule]:
    """The rules at which those programs deviate."""
    runner = Runner(asked, REFERENCE, CachedModels())
    try:
        findings = runner.try_all(programs, None)
    finally:
        runner.close()
    return {finding.rule for finding in findings if finding is not None}


@pytest.mark.thorough
def test_random_programs_see_what_goes_wrong_with_cancels_late() -> None:
    registry = opener(lambda limits: StreamStateRegistry(limits=limits), "registry")
    random = tuple(random_cancels(CachedModel(REFERENCE), 1, RANDOM_WITH_CANCELS, get=True))
    with planted(LATE):
        assert rules_shown(registry, programs(REFERENCE, "get", "cancel")) == set()
        # A task notices its cancel only when it runs, and the next pull misses what was let go, in
        # a turn of its own or in that of the cancel.
        at_cancels = {Rule.CANCEL_PULL_4, Rule.CANCEL_PULL_9}
        assert rules_shown(registry, random) - at_cancels == {Rule.PULL_2}
    assert rules_shown(registry, random) == set()


def test_random_programs_with_cancels_are_those_of_their_seed() -> None:
    made = [list(random_cancels(CachedModel(REFERENCE), seed, 40, get=True)) for seed in (1, 2, 1)]
    assert made[0] == made[2] != made[1]


HANDED_ON = program_of((Create(), Pull(1), Pull(1), Together((A, CancelPull(1)))))


def test_a_planted_fault_is_not_found_in_sound_registries() -> None:
    dialect = NAMED["whatwg"]
    sound = opener(lambda limits: StreamStateRegistry(dialect, limits), "registry")
    words = []
    for fault in (None, NOT_HANDED_ON, None):
        with nullcontext() if fault is None else planted(fault):
            words.append(check(sound, dialect, planner=only(HANDED_ON)).outcome)
    assert words == ["conforms", "deviates", "conforms"]


class Cancelling(StreamStateRegistry):
    """Its push raises what a cancelled task is told."""

    def push(self, stream: int, chunk: BytesLike) -> bool:
        super().push(stream, chunk)
        raise asyncio.CancelledError


def test_an_op_that_raises_as_if_it_were_cancelled_deviates() -> None:
    asked = opener(lambda limits: Cancelling(limits=limits), "cancelling")
    verdict = check(asked, REFERENCE, planner=only(program_of((Create(), A, Pull(1)))))
    assert verdict.deviations[0].difference.kind is Kind.THREW


def test_CANCEL_PULL_4_a_chunk_lost_behind_the_wire_is_told_by_pulls_alone() -> None:
    command = (sys.executable, LOSSY)
    verdict = check(lambda: ChildImplementation(command, 10), REFERENCE, planner=some)
    assert verdict.outcome == "deviates"
    first, *_ = verdict.deviations
    assert first.rule in {Rule.CANCEL_PULL_3, Rule.CANCEL_PULL_4}
    assert Rule.CANCEL_PULL_4 in {first.rule, *first.others}
