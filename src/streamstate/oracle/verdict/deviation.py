"""The ways in which answers differ, and a deviation: one cause of such differences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from streamstate.model import Limits, Rule
from streamstate.wire import Json, Turn


@unique
class Kind(Enum):
    """How an answer differs; the value says it for a report."""

    RETURNED = "returned something else"
    THREW = "threw"
    VIEW = "showed something else"
    MISSING = "a pull did not settle"
    LATE = "a pull settled late"
    EXTRA = "a pull settled that should not have"
    OUTCOME = "a pull settled in another way"
    ORDER = "pulls settled in another order"
    FAILED = "the adapter failed"


@dataclass(frozen=True, slots=True)
class Difference:
    """Answer number `at` (from 0) is not what was expected. `detail` tells causes of one kind
    apart. If the adapter failed, `at` is the last op, since a failure says nothing about the
    others. `observed` is the answer as it came, however long (see `abridged`)."""

    at: int
    kind: Kind
    detail: str
    expected: Json
    observed: Json


@dataclass(frozen=True, slots=True)
class Deviation:
    """One cause for which an implementation does not conform.

    `rule` is the one to blame, `seen_at` the rule of the op whose answer differs. `programs` counts
    the programs of the plan that deviated for this cause; `others` are the rules of merged groups.
    `repeatable` is false if the program, run alone, did not show the difference again. `shortest`
    says that every shorter program over the alphabet of `shortest` was run, `minimal` that nothing
    can be left out of it; a very long program may be neither. `or_else` has other rules that may be
    to blame as well, `same_at` those at which the implementation makes the same mistake. `why` is a
    sentence on what it probably does wrong, empty if nothing is known. `own_view` is what the
    implementation itself shows there, if it does. `traceback` has the lines on where an op threw,
    for an implementation in this process.
    """

    rule: Rule
    seen_at: Rule
    program: tuple[Turn, ...]
    limits: Limits | None
    difference: Difference
    programs: int
    repeatable: bool = True
    others: tuple[Rule, ...] = ()
    shortest: bool = False
    minimal: bool = True
    or_else: tuple[Rule, ...] = ()
    same_at: tuple[Rule, ...] = ()
    why: str = ""
    own_view: OwnView | None = None
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnView:
    """What `get` should show of a stream right after the op, and what it does show: views in wire
    form, None for a stream that does not exist."""

    stream: int
    expected: Json
    observed: Json


ALPHABET_SAYS: Final = (
    "create, clear, and on streams 1 and 2: push of one byte or of none, pull, close, error,"
    " is_queue_full, delete, and get if it is offered"
)
