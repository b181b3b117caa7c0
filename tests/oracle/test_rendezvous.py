"""Limits of zero: their complete suites, which right registries pass and broken ones do not."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from streamstate.cli.own_registry import own_registry
from streamstate.model import REFERENCE, Dialect, Limits, Rule, lattice
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Implementation, Opener
from streamstate.oracle.adapters.inprocess import Driven, InProcessImplementation
from streamstate.oracle.checking import check
from streamstate.oracle.suites.complete.waiting import UNBUFFERED, abstractions_with_pushes
from streamstate.oracle.verdict.verdict import Verdict
from streamstate.registry import StreamStateRegistry
from streamstate.testing.driver import FactoryDriver
from tests.oracle.rendezvous_faults import IN_JAVASCRIPT, IN_PYTHON
from tests.oracle.test_waiting_starters import laid_out
from tests.oracle.waiting_faults import Fault
from tests.oracle.waiting_groups import unbuffered_only
from tests.oracle.waiting_registries import WAIT, registry

REFUSE = Dialect(push_when_full="refuse")


def asked(opener: Opener, dialect: Dialect = WAIT) -> Verdict:
    return check(opener, dialect, planner=unbuffered_only)


def in_process(fault: Fault | None = None) -> Implementation:
    driver = FactoryDriver(registry(fault), cancels=True)
    return Driven(driver, driver.name, "1", driver.capabilities - {"cancel"})


def test_the_small_registry_conforms_with_a_limit_of_zero() -> None:
    verdict = asked(partial(in_process))
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert verdict.tally.programs > 500
    assert verdict.tally.rules[Rule.PULL_15] > 100


def test_the_asyncio_registry_conforms_where_it_refuses_with_a_limit_of_zero() -> None:
    made = partial(StreamStateRegistry, REFUSE)
    verdict = asked(partial(InProcessImplementation, made, "streamstate", "1"), REFUSE)
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert verdict.tally.rules[Rule.PUSH_7] > 5


def test_the_asyncio_registry_conforms_where_pushes_wait_with_a_limit_of_zero() -> None:
    def made(limits: Limits) -> object:
        return own_registry(WAIT, limits)

    verdict = asked(partial(InProcessImplementation, made, "streamstate", "1", cancels=True))
    assert (verdict.deviations, verdict.tally.broken) == ((), None)
    assert verdict.tally.rules[Rule.PULL_15] > 100


def test_an_adapter_is_asked_only_where_it_offers_a_limit_of_zero() -> None:
    for dialect in (REFERENCE, REFUSE, WAIT):
        found = [
            each
            for has in ({"limits"}, {"limits", "cancel_push"})
            for each in abstractions_with_pushes(dialect, has)
        ]
        assert UNBUFFERED not in {each.limits for each in found}


def test_there_is_a_suite_wherever_a_full_queue_does_not_accept() -> None:
    for dialect in lattice():
        found = abstractions_with_pushes(dialect, {"limits", "unbuffered"})
        zero = [each for each in found if each.limits == UNBUFFERED]
        assert len(zero) == (dialect.push_when_full != "accept")


@pytest.mark.thorough
@pytest.mark.parametrize("fault", IN_PYTHON, ids=lambda fault: fault.name)
def test_a_broken_rendezvous_is_told_by_its_rule(fault: Fault) -> None:
    first, *_ = asked(partial(in_process, fault)).deviations
    assert first.rule in fault.causes


@pytest.mark.thorough
@pytest.mark.parametrize("fault", IN_JAVASCRIPT, ids=lambda fault: fault.name)
def test_a_broken_rendezvous_in_javascript_is_told_by_its_rule(
    fault: Fault, tmp_path: Path
) -> None:
    command = laid_out(tmp_path, "javascript", fault)
    first, *_ = asked(partial(ChildImplementation, command)).deviations
    assert first.rule in fault.causes
