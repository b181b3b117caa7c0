"""The broken registries in which pushes wait, in groups: those of a group are asked the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from streamstate.model import Dialect
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.suites.complete import CompleteSuite
from streamstate.oracle.suites.complete.waiting import UNBUFFERED, abstractions_with_pushes
from streamstate.oracle.suites.plan import Planner, Suite
from tests.oracle import closing_faults, rendezvous_faults, waiting_faults
from tests.oracle.waiting_faults import Fault
from tests.oracle.waiting_registries import THROUGH, WAIT, waiting_only


def unbuffered_only(
    model: CachedModel, capabilities: Collection[str], _seed: int
) -> Iterator[Suite]:
    """The complete suites with a limit of zero, whether they are offered or not."""
    for each in abstractions_with_pushes(model.dialect, {*capabilities, "unbuffered"}):
        if each.limits == UNBUFFERED:
            complete = CompleteSuite(each, model, each.extra_states)
            yield Suite(
                f"complete: {each.name}", each.says, complete.programs(), UNBUFFERED, complete
            )


def closing_too(model: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Suite]:
    """The suites in which pushes wait, but for the largest two, then those with a limit of zero."""
    yield from waiting_only(model, capabilities, seed)
    yield from unbuffered_only(model, capabilities, seed)


class Group(NamedTuple):
    """Broken registries by language, the dialect in which they are asked, and the suites, which
    `says` describes. `ways` make the registry of each language one of the dialect."""

    title: str
    says: str
    dialect: Dialect
    planner: Planner
    faults: tuple[tuple[str, tuple[Fault, ...]], ...]
    ways: Mapping[str, Fault] = MappingProxyType({})


GROUPS: Final = (
    Group(
        "Queues with limits",
        "The oracle runs the suites in which pushes wait, but for the two largest.",
        WAIT,
        waiting_only,
        (
            ("Python", waiting_faults.IN_PYTHON),
            ("JavaScript", waiting_faults.IN_JAVASCRIPT),
        ),
    ),
    Group(
        "A limit of zero",
        "The oracle runs the complete suites with a limit of zero.",
        WAIT,
        unbuffered_only,
        (
            ("Python", rendezvous_faults.IN_PYTHON),
            ("JavaScript", rendezvous_faults.IN_JAVASCRIPT),
        ),
    ),
    Group(
        "Pushes that wait through a close",
        "The oracle runs the suites in which pushes wait, but for the two largest, and those with"
        " a limit of zero.",
        THROUGH,
        closing_too,
        (
            ("Python", closing_faults.IN_PYTHON),
            ("JavaScript", closing_faults.IN_JAVASCRIPT),
        ),
        MappingProxyType(
            {
                "Python": closing_faults.THROUGH_IN_PYTHON,
                "JavaScript": closing_faults.THROUGH_IN_JAVASCRIPT,
            }
        ),
    ),
)


class Planted(NamedTuple):
    """A fault in its place."""

    group: Group
    language: str
    fault: Fault

    @property
    def faults(self) -> tuple[Fault | None, ...]:
        """All that is to be planted, the fault last."""
        return self.group.ways.get(self.language), self.fault


def planted_faults() -> Iterator[Planted]:
    """All, in the order of the page."""
    for group in GROUPS:
        for language, faults in group.faults:
            yield from (Planted(group, language, fault) for fault in faults)
