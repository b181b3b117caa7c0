"""What cannot be seen, and why: of these faults the page says so by name."""

from __future__ import annotations

from typing import Final

_WRITERS: Final = "only who waits for room to write is concerned, and no op of the wire does"

NOT_ASKED: Final = {
    "blocked_writers_are_forgotten": _WRITERS,
    "unblocked_is_not_told": _WRITERS,
    "drop_is_not_noticed": "it takes an awaiter that is dropped and collected, not cancelled",
    "late_cancel_settles_again": "a future settles once, and it has",
    "one_chunk_is_queued_twice": "the one chunk is `bbb`, and no program pushes that",
}
"""Faults of tests.broken that no program can show, with get or without."""

_KEPT: Final = "the chunks are wrong where nobody pulls any more, and the situation is right"
_VIEW: Final = "what get makes of a stream is wrong, and the stream is right"

ONLY_IN_VIEWS: Final = {
    "javascript/view_never_shows_a_waiting_pull": _VIEW,
    "javascript/view_shows_newest_first": _VIEW,
    "javascript/view_takes_the_queue": "looking does the harm, and nobody looks",
    "javascript/view_counts_chunks": _VIEW,
    "javascript/view_of_unknown_is_empty": _VIEW,
    "javascript/error_reopens": (
        "an errored stream answers every op alike, whether it counts as closed or not"
    ),
    "table/error_keeps_what_it_should_drop": _KEPT,
    "table/error_after_close_keeps_what_it_should_drop": _KEPT,
    "table/chunk_to_hold_is_lost": _KEPT,
    "table/chunk_to_drop_comes_back": _KEPT,
    "step/get_shows_the_unknown": _VIEW,
    "step/get_counts_chunks_for_bytes": _VIEW,
    "shell/dropped_chunks_are_counted": _KEPT,
}
"""Faults that no answer without get can show."""
