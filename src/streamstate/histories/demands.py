"""Where the search has to decide: at each response, with the calls in progress there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from streamstate.histories.events import Call
from streamstate.histories.work import Work

NARROW: Final = 1
"""A history may be cut where no more calls than this are in progress."""


class Demand(NamedTuple):
    """`work` responds: it has to have taken effect. `open` are the calls in progress just before,
    itself included, and `looking` those among them that change nothing. Where it is `narrow`,
    hardly a call is in progress just afterwards."""

    work: Work
    open: tuple[Work, ...]
    looking: tuple[Work, ...]
    narrow: bool


def works_of(calls: Iterable[Call]) -> list[Work]:
    """The calls that can have had an effect, in the order of their invocations."""
    return sorted(
        (Work(call) for call in calls if call.happened), key=lambda work: work.call.invoked
    )


def demands_of(works: Sequence[Work]) -> list[Demand]:
    """The demands of the responses, in order. `works` come in the order of invocations. Gives each
    work a bit. O(n · calls in progress)."""
    found: list[Demand] = []
    taken = 0
    opened = 0
    progress: dict[Work, None] = {}
    for work in sorted(
        (work for work in works if not work.optional), key=lambda work: work.call.responded
    ):
        while opened < len(works) and works[opened].call.invoked <= work.call.responded:
            new = works[opened]
            new.bit = ~taken & (taken + 1)  # the lowest that is free
            taken |= new.bit
            progress[new] = None
            opened += 1
        at_once = tuple(progress)
        looking = tuple([each for each in at_once if each.looks])
        del progress[work]
        taken &= ~work.bit
        found.append(Demand(work, at_once, looking, len(progress) <= NARROW))
    return found
