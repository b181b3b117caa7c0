"""What happens to a stream, in words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from streamstate.model import Event

EVENTS: Final[Mapping[Event, tuple[str, str]]] = MappingProxyType(
    {
        Event.CREATE: ("create", "Always of a new number, so of a stream that is ABSENT."),
        Event.GET: (
            "get",
            "It returns a view of the queue, its size, the flags, the error value, and whether a"
            " pull waits; nothing where the stream is ABSENT.",
        ),
        Event.PUSH: (
            "push",
            "It returns whether the chunk was accepted; where it waits, nothing.",
        ),
        Event.PULL: ("pull", "It takes the next number, and settles at once or waits."),
        Event.CLOSE: ("close", "No more data will come."),
        Event.ERROR: (
            "error",
            "It brings an error value, which the registry never looks into. ERROR_4 and ERROR_5 do"
            " the same: they differ in what a later pull gets (PULL_7, PULL_8).",
        ),
        Event.IS_QUEUE_FULL: ("is_queue_full", "It returns whether a limit is reached."),
        Event.DELETE: ("delete", "The number of the stream is never used again."),
        Event.CANCEL_WAITING: (
            "cancel_pull of a pull that waits",
            "The stream is WAITING, as that pull waits on it.",
        ),
        Event.CANCEL_HANDED: (
            "cancel_pull of a pull that was handed a chunk nobody has seen",
            "A chunk is put back whatever the limits. CANCEL_PULL_5 and CANCEL_PULL_6 do the same:"
            " they differ in what a later pull gets (PULL_7, PULL_8).",
        ),
        Event.CANCEL_OTHER: (
            "cancel_pull of any other pull",
            "It settled without a chunk, its chunk was seen, it was given up before, or it was"
            " never made.",
        ),
        Event.SEEN_HANDED: (
            "seen of a pull that was handed a chunk nobody has seen",
            "The chunk is its awaiter's from then on, whatever becomes of the stream.",
        ),
        Event.SEEN_OTHER: ("seen of any other pull", "There is no chunk to look at."),
        Event.CANCEL_WAITING_PUSH: (
            "cancel_push of a push that waits",
            "The stream is PUSHES_WAITING or CLOSING, as that push waits on it.",
        ),
        Event.CANCEL_OTHER_PUSH: (
            "cancel_push of any other push",
            "It was accepted, turned away or given up before, or it never waited.",
        ),
    }
)
"""What happens to a stream: its name in words, and what is to be known of it everywhere."""
