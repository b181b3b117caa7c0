"""Faults of pushes that wait: the real `react`, with one thing wrong in what it gives."""

from __future__ import annotations

from dataclasses import replace

from streamstate.model import Idle, PushesWaiting, Stream
from streamstate.model.reaction import Reaction, Subject
from tests.crosshair.faults import with_fault


def _newest_in_front(stream: Stream | None, _subject: Subject, reaction: Reaction) -> Reaction:
    after = reaction.stream
    assert isinstance(stream, PushesWaiting)
    assert isinstance(after, PushesWaiting)
    newest = after.others[-1]
    others = (after.first, *after.others[:-1])
    reaction.stream = replace(after, first=newest, others=others)
    return reaction


def _cancelled_is_sent(stream: Stream | None, _subject: Subject, reaction: Reaction) -> Reaction:
    """Where it was the last that waited."""
    after = reaction.stream
    if isinstance(stream, PushesWaiting) and isinstance(after, Idle):
        reaction.stream = replace(after, queue=after.queue.append(stream.first.chunk))
    return reaction


def _second_waits_on(stream: Stream | None, _subject: Subject, reaction: Reaction) -> Reaction:
    """Of two, the close forgets the second."""
    if isinstance(stream, PushesWaiting) and stream.others:
        reaction.effects = (*reaction.effects[:1], *reaction.effects[2:])
    return reaction


newest_in_front = with_fault(_newest_in_front)
cancelled_is_sent = with_fault(_cancelled_is_sent)
second_waits_on = with_fault(_second_waits_on)
