"""What cannot be seen, and why: of these faults the page says so by name."""

from __future__ import annotations

from typing import Final

_CANCELS: Final = "it takes a pull that is given up, which the plan has none of"
_WRITERS: Final = "only who waits for room to write is concerned, and no op of the wire does"

NOT_ASKED: Final = {
    "cancelled_wait_goes_on": _CANCELS,
    "one_cancel_ends_all_waits": _CANCELS,
    "chunk_to_hand_on_is_lost": _CANCELS,
    "given_back_chunk_is_lost": _CANCELS,
    "chunk_to_hold_is_lost": _CANCELS,
    "chunk_to_drain_is_lost": _CANCELS,
    "chunk_to_drop_comes_back": _CANCELS,
    "chunk_brings_its_stream_back": _CANCELS,
    "late_cancel_settles_again": _CANCELS,
    "given_back_chunk_goes_last": _CANCELS,
    "given_back_chunk_is_not_counted": _CANCELS,
    "given_back_chunk_goes_first": _CANCELS,
    "cancelled_wait_is_not_left": _CANCELS,
    "cancel_swallows_the_chunk": _CANCELS,
    "cancel_does_nothing": _CANCELS,
    "drop_is_not_noticed": _CANCELS,
    "blocked_writers_are_forgotten": _WRITERS,
    "unblocked_is_not_told": _WRITERS,
}
"""Faults of tests.broken that no program without cancels can show, with or without get."""

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
    "step/get_shows_the_unknown": _VIEW,
    "step/get_counts_chunks_for_bytes": _VIEW,
}
"""Faults that no answer without get can show."""
