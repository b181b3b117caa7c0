"""A history: the calls that threads made, each with the times of its invocation and its response.

The terms are those of the field. A call is *pending* if it never responded: it may have taken
effect or not. Of two calls one *precedes* the other if it responded before the other was invoked;
else they overlap, and so they do where a response and an invocation have the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final, TypeAlias

from streamstate.model import Op, Pull, State
from streamstate.wire import Json

Time: TypeAlias = int | float
"""A reading of a clock that all threads have in common."""

NEVER: Final = inf
"""When a pending call responds."""


@dataclass(frozen=True, slots=True)
class Answered:
    """It responded with this, in wire form: the result of an op, or how a pull settled."""

    answer: Json


@dataclass(frozen=True, slots=True)
class Brought:
    """A pull that responded with a chunk."""

    chunk: bytes


@dataclass(frozen=True, slots=True)
class Unasked:
    """It responded, but nobody wrote down the answer, as when a caller only sends an op."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Its caller gave it up before it responded, by a time-out, say. A pull may have waited until
    then; any other op had no effect that anybody could see, also a push that waited."""


@dataclass(frozen=True, slots=True)
class Pending:
    """It had not responded when the history ended."""


Outcome: TypeAlias = Answered | Brought | Unasked | Cancelled | Pending

UNASKED: Final = Unasked()
CANCELLED: Final = Cancelled()
PENDING: Final = Pending()


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `number`, from 1 on, tells calls apart; in a file it is that of the line."""

    number: int
    thread: str
    op: Op
    invoked: Time
    responded: Time
    outcome: Outcome

    @property
    def happened(self) -> bool:
        """Whether it can have had an effect."""
        return not isinstance(self.outcome, Cancelled) or isinstance(self.op, Pull)

    def precedes(self, other: Call) -> bool:
        """Whether it responded before the other was invoked."""
        return self.responded < other.invoked


@dataclass(frozen=True, slots=True)
class History:
    """All calls that threads made on one registry, which was in the state `start` before, with no
    pull waiting."""

    start: State
    calls: Sequence[Call]
