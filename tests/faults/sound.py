"""The other side: correct implementations, none of which may be refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from streamstate.model import NAMED, REFERENCE, Dialect, lattice, pushes_wait
from streamstate.oracle.adapters.child import ChildImplementation
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.checking import check
from streamstate.oracle.suites.plan import Planner, default_plan
from streamstate.testing import Convention
from tests.faults.asyncio_registry import registry
from tests.faults.edited import EDITED, Edited, sound
from tests.faults.fault import Group, Mode
from tests.faults.harness import read
from tests.faults.javascript import variant
from tests.faults.rows import Accepted
from tests.testing import coroutines, simple

_EVERY: Final = 16

_AT_ONCE: Final = tuple(dialect for dialect in lattice() if not pushes_wait(dialect))
"""In which a push has its answer at once. Pushes that wait have a page of their own."""

DIALECTS: Final = tuple(dict.fromkeys((*NAMED.values(), *_AT_ONCE[_EVERY // 2 :: _EVERY])))
"""Those with a name, and others from all over these."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A correct implementation: `group` says whose faults it is without."""

    name: str
    group: Group
    dialect: Dialect = REFERENCE

    @property
    def key(self) -> str:
        """Its name among all."""
        return f"{self.name}, {self.dialect}"


_SIMPLE: Final = "small registry in Python, sync"
_CANCELLED: Final = "asyncio registry, its tasks cancelled"
_COROUTINES: Final = "small registry in Python, async"


def sound_implementations() -> dict[str, Sound]:
    """All of them by key, in the order of the page."""
    return {each.key: each for each in _all()}


def _all() -> Iterator[Sound]:
    for dialect in DIALECTS:
        yield Sound("registry in JavaScript", Group.JAVASCRIPT, dialect)
    for dialect in DIALECTS:
        yield Sound("asyncio registry", Group.TABLE, dialect)
    for dialect in DIALECTS:
        yield Sound(_CANCELLED, Group.TABLE, dialect)
    yield Sound(_SIMPLE, Group.HARNESS)
    yield Sound(_COROUTINES, Group.HARNESS)
    for edited in EDITED:
        yield Sound(f"starter for {edited.group.language}", edited.group)


def _opener(each: Sound) -> Opener:
    if each.group is Group.JAVASCRIPT:
        command = variant(each.dialect)
        return lambda: ChildImplementation(command)
    if each.group is Group.TABLE:
        return registry(each.dialect, cancels=each.name == _CANCELLED)
    if each.name == _SIMPLE:
        return read(simple.SimpleRegistry, Convention(), Mode.GET)
    if each.name == _COROUTINES:
        return read(coroutines.AsyncRegistry, coroutines.CONVENTION, Mode.GET)
    built = sound(_edited(each.group).starter)
    return lambda: ChildImplementation(built)


def _edited(group: Group) -> Edited:
    (edited,) = (edited for edited in EDITED if edited.group is group)
    return edited


def accepted(each: Sound, planner: Planner = default_plan) -> Accepted:
    """Put it before the oracle."""
    verdict = check(_opener(each), each.dialect, planner=planner)
    if verdict.tally.broken is not None:
        raise ValueError(f"{each.key}: {verdict.tally.broken.message}")
    tally = verdict.tally
    return Accepted(
        each.group.language,
        str(each.dialect),
        tally.programs,
        tally.ops,
        sum(times > 0 for times in tally.rules.values()),
        tally.deviating,
    )
