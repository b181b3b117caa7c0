"""In which way answers differ from what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

from streamstate.wire import Json


@unique
class Kind(Enum):
    """In which way an answer differs; the value says it for a report."""

    RETURNED = "returned something else"
    THREW = "threw"
    VIEW = "showed something else"
    MISSING = "a pull did not settle"
    LATE = "a pull settled late"
    EXTRA = "a pull settled that should not"
    OUTCOME = "a pull settled in another way"
    ORDER = "pulls settled in another order"
    FAILED = "the adapter failed"


@dataclass(frozen=True, slots=True)
class Difference:
    """Answer number `at` (from 0) is not what was expected. `detail` tells causes apart that are
    of one kind; `at` is the last op where the adapter failed, as it says nothing of the others.
    `observed` is as it was answered, however long (see `abridged`)."""

    at: int
    kind: Kind
    detail: str
    expected: Json
    observed: Json
