"""Complete suites on registries that run, and the certificate that they end in."""

from __future__ import annotations

from functools import cache, partial

import pytest

from streamstate import Limits, StreamStateRegistry
from streamstate.model import REFERENCE
from streamstate.oracle.adapters.inprocess import Factory, InProcessImplementation
from streamstate.oracle.campaign.driving import Campaign
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.suites.complete import CompleteSuite, abstractions
from streamstate.oracle.suites.plan import Suite, default_plan, requests
from streamstate.oracle.verdict.certificate import Certificate
from streamstate.oracle.verdict.tally import Tally
from tests.oracle.broken_registries import (
    CloseForgets,
    CloseSaysTrue,
    DeleteRaises,
    FullTooLate,
    ReusesNumbers,
)

EVERYTHING = frozenset({"get", "limits"})


def driven(factory: Factory, *names: str) -> tuple[Tally, list[Suite]]:
    """What those complete suites find, without extra states."""
    machines = CachedModels()
    machine = machines.of(REFERENCE)
    chosen = [
        Suite(each.name, each.says, suite.programs(), each.limits, suite)
        for each in abstractions(EVERYTHING)
        if each.name in names
        for suite in [CompleteSuite(each, machine, 0)]
    ]
    assert len(chosen) == len(names)
    implementation = InProcessImplementation(factory, "registry", "1")
    try:
        tally = Campaign(implementation, REFERENCE, machines).drive(requests(chosen))
    finally:
        implementation.close()
    return tally, chosen


def good(limits: Limits) -> StreamStateRegistry:
    return StreamStateRegistry(limits=limits)


def test_a_good_registry_earns_its_certificates() -> None:
    tally, chosen = driven(good, "overlapping pulls", "small limits", "one stream, shown")
    assert tally.deviating == 0
    certificates = [
        each.complete.certificate(tally.families[each.name]) for each in chosen if each.complete
    ]
    assert all(each.complete for each in certificates)
    assert len(certificates) == len(chosen)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (CloseForgets, "overlapping pulls"),
        (CloseSaysTrue, "one stream after another"),
        (DeleteRaises, "three streams"),
        (FullTooLate, "small limits"),
        (ReusesNumbers, "three streams"),
    ],
)
def test_a_broken_registry_fails_a_suite(kind: type[StreamStateRegistry], name: str) -> None:
    tally, _ = driven(lambda limits: kind(limits=limits), name)
    assert tally.deviating > 0


class SixtyFifthChunk(StreamStateRegistry):
    """Loses the 65th chunk pushed to a stream."""

    def push(self, stream: int, chunk: object) -> bool:
        view = self.get(stream)
        if view is not None and len(view.queue) == 64:
            return True
        return super().push(stream, chunk)  # type: ignore[arg-type]


def test_a_fault_in_a_blind_spot_passes_the_suite_and_not_the_long_programs() -> None:
    def make(limits: Limits) -> StreamStateRegistry:
        return SixtyFifthChunk(limits=limits)

    tally, _ = driven(make, "counts at the limit", "overlapping pulls")
    assert tally.deviating == 0
    machines = CachedModels()
    implementation = InProcessImplementation(make, "registry", "1")
    planned = default_plan(machines.of(REFERENCE), EVERYTHING)
    structured = [suite for suite in planned if suite.name == "structured"]
    tally = Campaign(implementation, REFERENCE, machines).drive(requests(structured))
    implementation.close()
    assert tally.deviating > 0


@cache
def certificates(
    ran: float = 1.0, capabilities: frozenset[str] = frozenset()
) -> tuple[Certificate, ...]:
    machine = CachedModel(REFERENCE)
    made = []
    for abstraction in abstractions(capabilities):
        suite = CompleteSuite(abstraction, machine, 0)
        made.append(suite.certificate(int(len(suite.words) * ran)))
    return tuple(made)


def test_a_certificate_says_what_is_shown_and_what_is_not() -> None:
    (certificate,) = [each for each in certificates() if each.name == "two streams"]
    assert certificate.complete
    assert certificate.claim() == (
        "Equivalent to reference for every deterministic, resettable implementation with at most"
        " 49 states in this abstraction."
    )
    assert certificate.bound == "49"
    assert certificate.to_json() == {
        "abstraction": "two streams",
        "says": "two streams with up to one chunk or one pull that waits each",
        "dialect": "reference",
        "limits": None,
        "states": 49,
        "extra_states": 0,
        "inputs": [
            *("push(-1, 1 byte)", "pull(-1)", "close(-1)", "error(-1)", "delete(-1)"),
            *("push(-2, 1 byte)", "pull(-2)", "close(-2)", "error(-2)", "delete(-2)"),
        ],
        "programs": 1014,
        "ran": 1014,
        "complete": True,
        "claim": certificate.claim(),
        "blind_spot": "Faults that need a third stream, or a second chunk.",
    }


def test_a_part_of_a_suite_shows_nothing() -> None:
    for certificate in certificates(ran=0.5):
        assert not certificate.complete
        assert certificate.claim().startswith("Nothing is claimed: ")


def test_more_extra_states_are_more_programs_and_a_stronger_claim() -> None:
    plan = partial(default_plan, CachedModel(REFERENCE), set[str]())
    made = [
        {suite.name: suite.complete for suite in plan(extra_states=extra) if suite.complete}
        for extra in (0, 1)
    ]
    assert made[0].keys() == made[1].keys()
    assert [each.extra_states for each in made[1].values()] == [2, 1, 1, 1, 1, 1]
    small, large = (each["complete: bytes at the limit"] for each in made)
    assert small is not None
    assert large is not None
    assert len(small.words) < len(large.words)
    assert "at most 17 states" in large.certificate(len(large.words)).claim()
