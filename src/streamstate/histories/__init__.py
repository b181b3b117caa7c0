"""Histories of overlapping calls, checked for linearizability against the model.

    from streamstate.histories import check, read_history

    with open("history.jsonl", "rb") as file:
        print(check(read_history(file)))

`events` has the terms. Theory of operation: a history is taken apart into `objects`; of each, the
`search` looks for an order in which the model gives every answer that was given, and cuts it where
it can (`linearize`); what has no such order is cut to its shortest `prefix` and drawn (`picture`,
`drawing`, `page`). All steps are the model's (`configuration`). `recording` writes histories of the
registry down.
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
