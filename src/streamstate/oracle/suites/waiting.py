"""The suites of dialects in which pushes wait, and those with a limit of zero: beside those of all
dialects, nothing elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from streamstate.model import Control, Dialect, Event, Level, Limits, pushes_wait, tabulate
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.program import Program, program_of
from streamstate.oracle.suites.complete.abstraction import Abstraction
from streamstate.oracle.suites.complete.waiting import (
    TWO_CHUNKS,
    unbuffered_abstractions,
    waiting_abstractions,
)
from streamstate.oracle.suites.random_pushes import random_pushes
from streamstate.oracle.suites.waiting_pushes import (
    burst_programs,
    shaped_programs,
    short_programs,
)

_RANDOM: Final = 500


class Kind(NamedTuple):
    """Programs of one kind, and what is said of them."""

    name: str
    says: str
    programs: Iterator[Program]
    limits: Limits | None = None


def waiting_suites(model: CachedModel, capabilities: Collection[str], seed: int) -> Iterator[Kind]:
    """Those with a shape, then those at random; nothing where no push waits."""
    if not pushes_wait(model.dialect):
        return
    says = "all programs of three ops on a full stream, where pushes wait"
    yield Kind("waiting pushes, short", says, short_programs(capabilities))
    says = "pushes of every size that wait, many of them, on several streams, and given up"
    shaped = sorted(shaped_programs(capabilities), key=len)
    yield Kind("waiting pushes", says, map(program_of, shaped))
    if "together" in capabilities:
        says = "two and three ops together on a full stream"
        yield Kind("waiting pushes, bursts", says, burst_programs(model, capabilities))
    limits = TWO_CHUNKS if "limits" in capabilities else None
    says = f"random programs of seed {seed} in which pushes wait"
    walks = random_pushes(CachedModel(model.dialect, limits), seed, _RANDOM, capabilities)
    yield Kind("waiting pushes, random", says, walks, limits)


def abstractions_with_pushes(
    model: CachedModel, capabilities: Collection[str]
) -> tuple[Abstraction, ...]:
    """The abstractions in which pushes wait, and those with a limit of zero; nothing where a full
    queue accepts."""
    if pushes_wait(model.dialect):
        unbuffered = unbuffered_abstractions(capabilities, waits=True)
        return (*waiting_abstractions(capabilities), *unbuffered)
    return unbuffered_abstractions(capabilities, waits=False) if _refuses(model.dialect) else ()


def _refuses(dialect: Dialect) -> bool:
    """Whether a full queue refuses a push."""
    entry = tabulate(dialect)[Event.PUSH][Control.OPEN_FULL][Level.FULL][False]
    return entry.returned is False
