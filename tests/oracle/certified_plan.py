"""A plan that is through in a moment and has whole complete suites, and registries to run it on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Final

from streamstate import StreamStateRegistry
from streamstate.model import REFERENCE, Close, Create, Pull, Push
from streamstate.oracle.checking import check
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import program_of
from streamstate.oracle.suites.complete import CompleteSuite, abstractions
from streamstate.oracle.suites.plan import Suite
from streamstate.oracle.verdict.verdict import WHOLE, Shard, Verdict
from tests.oracle.broken_registries import (
    CloseForgets,
    DeleteRaises,
    FullTooLate,
    Moody,
    ReusesNumbers,
    opener_of,
)

BY_HAND = ((Create(), Pull(1), Close(1)), (Push(1, b""),), (Create(), Pull(1), Pull(1)))

WHOLE_SUITES = ("small limits", "overlapping pulls", "one stream after another")

REGISTRIES: Final = {
    kind.__name__: kind
    for kind in (
        *(StreamStateRegistry, CloseForgets, DeleteRaises, FullTooLate, Moody, ReusesNumbers),
    )
}
SOUND: Final = "StreamStateRegistry"


def certified_plan(
    machine: CachedModel, capabilities: Collection[str], _seed: int
) -> Iterator[Suite]:
    """Three programs by hand, and three complete suites without extra states: 300 programs."""
    yield Suite("by hand", "programs that many faults show at", map(program_of, BY_HAND))
    for abstraction in abstractions(capabilities):
        if abstraction.name in WHOLE_SUITES:
            complete = CompleteSuite(abstraction, machine, 0)
            name = f"complete: {abstraction.name}"
            yield Suite(name, abstraction.says, complete.programs(), abstraction.limits, complete)


@cache
def checked(name: str, shard: Shard = WHOLE) -> Verdict:
    """The verdict on one of `REGISTRIES`. Takes a third of a second, and one more to diagnose."""
    opener = opener_of(REGISTRIES[name])
    return check(opener, REFERENCE, planner=certified_plan, shard=shard)
