"""Histories of overlapping calls, checked for linearizability against the model.

    from streamstate.histories import check, read_history

    with open("history.jsonl", "rb") as file:
        print(check(read_history(file)))

`events` has the terms. Theory of operation: `objects` takes a history apart into objects. For each,
`search` looks for an order in which the model gives every answer of the history; `linearize` cuts
the history where it can. If there is no such order, `prefix` finds the shortest prefix without one,
and `picture`, `drawing` and `page` draw it. All steps are the model's (`configuration`).
`recording` writes down histories of the registry.
"""

from streamstate.histories.check import Linearizable, NotLinearizable, Unknown, Verdict, check
from streamstate.histories.events import (
    Answered,
    Brought,
    Call,
    Cancelled,
    History,
    Pending,
    Unasked,
)
from streamstate.histories.reading import read_history
from streamstate.histories.recording import RecordedRegistry, record_history

__all__ = [
    "Answered",
    "Brought",
    "Call",
    "Cancelled",
    "History",
    "Linearizable",
    "NotLinearizable",
    "Pending",
    "RecordedRegistry",
    "Unasked",
    "Unknown",
    "Verdict",
    "check",
    "read_history",
    "record_history",
]
