"""Histories written by hand, a call in each line."""

from __future__ import annotations

from typing import Any

from streamstate.histories.events import (
    CANCELLED,
    NEVER,
    PENDING,
    UNASKED,
    Answered,
    Brought,
    Call,
    History,
    Outcome,
)
from streamstate.model import REFERENCE, Dialect, Limits, Op, initial

CREATED = 0, 1
"""When streams are made, where nobody cares."""

_OUTCOMES: dict[str, Outcome] = {"cancelled": CANCELLED, "unasked": UNASKED, "pending": PENDING}


def written(
    *lines: tuple[str, int, int | None, Op, Any],
    dialect: Dialect = REFERENCE,
    limits: Limits | None = None,
) -> History:
    """Thread, invocation, response (None: never), op, and what it answered: bytes that a pull
    brought, a tuple of how else it settled, a word for what is no answer, or what was returned."""
    calls = [
        Call(
            number, thread, op, invoked, NEVER if responded is None else responded, _outcome(answer)
        )
        for number, (thread, invoked, responded, op, answer) in enumerate(lines, start=1)
    ]
    return History(initial(dialect, limits), calls)


def _outcome(answer: Any) -> Outcome:
    match answer:
        case bytes():
            return Brought(answer)
        case tuple():
            return Answered(list(answer))
        case str():
            return _OUTCOMES[answer]
        case _:
            return Answered(answer)
