"""What the answers of a history reveal about the order of pushes.

This uses two theorems of the specification (`spec/rocq`). A stream is first in, first out as long
as no pull is cancelled (`first_in_first_out`): so where all chunks differ and the pull that brought
one chunk precedes the pull that brought another, the pushes took effect in that order, or the
history has no linearization. And the queue that a `get` shows is always in the order of pushes
(`queues_are_in_order`). This spares the search orders that would fail only later. It decides
nothing else: every step is the model's.

A chunk that a cancelled pull held comes out late. So a chunk that came out while such a pull, or
one that never responded, was in progress says nothing about those before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import inf
from typing import Final

from streamstate.histories.events import Answered, Brought, Time
from streamstate.histories.work import Work
from streamstate.model import Get, Idle, Push, State, StreamId
from streamstate.wire import decode_bytes, is_array

_Key = tuple[StreamId, bytes]
_TWICE: Final = None


def learn(works: Sequence[Work], start: State) -> None:
    """Note what is known on each push and on the pull that brought its chunk. O(n log n)."""
    pushes = _once((work for work in works if _may_be_accepted(work)), _queued(start))
    pulls = _once((work for work in works if isinstance(work.call.outcome, Brought)), ())
    held = _Held(work for work in works if work.may_cancel)
    for key, push in pushes.items():
        if push is None:
            continue
        if key not in pulls:
            push.earliest = inf if isinstance(push.call.outcome, Answered) else -inf
            continue
        pull = pulls[key]
        if pull is not None:
            push.earliest, push.due = pull.call.invoked, pull.call.responded
            pull.partner = push
            if not held.during(pull):
                push.latest = pull.call.responded
    known = {key: push for key, push in pushes.items() if push is not None}
    _hasten(list(known.values()))
    _put_in_order(known, _shown(works, known))
    for pull in pulls.values():
        if pull is not None and pull.partner is not None:
            pull.due = pull.partner.due


def _may_be_accepted(work: Work) -> bool:
    if not work.is_push:
        return False
    match work.call.outcome:
        case Answered(answer):
            return answer is True
        case _:
            return True


def _queued(start: State) -> Iterable[_Key]:
    for number, stream in start.streams:
        if isinstance(stream, Idle):
            yield from ((number, chunk) for chunk in stream.queue.chunks())


def _once(works: Iterable[Work], taken: Iterable[_Key]) -> dict[_Key, Work | None]:
    """By stream and chunk; `None` for a chunk that is there more than once."""
    found: dict[_Key, Work | None] = dict.fromkeys(taken, _TWICE)
    for work in works:
        op, outcome = work.call.op, work.call.outcome
        chunk = op.chunk if isinstance(op, Push) else getattr(outcome, "chunk", b"")
        key = work.stream or 0, chunk
        found[key] = _TWICE if key in found else work
    return found


def _hasten(pushes: list[Work]) -> None:
    """A push that precedes another is due no later than it. O(n log n)."""
    by_response = sorted(pushes, key=lambda push: push.call.responded)
    by_invocation = sorted(pushes, key=lambda push: push.call.invoked)
    soonest: dict[StreamId | None, Time] = {}
    while by_response:
        push = by_response.pop()
        while by_invocation and by_invocation[-1].call.invoked > push.call.responded:
            later = by_invocation.pop()
            soonest[later.stream] = min(later.due, soonest.get(later.stream, inf))
        push.due = min(push.due, soonest.get(push.stream, inf))


def _shown(works: Iterable[Work], known: Mapping[_Key, Work]) -> list[list[Work]]:
    """The pushes whose chunks each `get` shows, in the order in which it does; noted on each."""
    views: list[list[Work]] = []
    for work in works:
        match work.call.op, work.call.outcome:
            case Get(stream), Answered({"queue": queue}) if is_array(queue):
                chunks = [decode_bytes(chunk) for chunk in queue]
                view = [known[stream, chunk] for chunk in chunks if (stream, chunk) in known]
                for place, push in enumerate(view):
                    push.shown = {**push.shown, len(views): place}
                views.append(view)
            case _:
                pass
    return views


def _put_in_order(known: Mapping[_Key, Work], views: Iterable[Sequence[Work]]) -> None:
    """Have `due` rank the pushes: as before, but as the views show them. O(n log n + shown)."""
    after: dict[Work, list[Work]] = defaultdict(list)
    before: Counter[Work] = Counter()
    for view in views:
        for earlier, later in reversed(list(pairwise(view))):
            earlier.due = min(earlier.due, later.due)
            after[earlier].append(later)
            before[later] += 1
    ready = [_entry(push) for push in known.values() if not before[push]]
    heapify(ready)
    rank = 0
    while ready:
        *_, push = heappop(ready)
        push.due = rank = rank + 1
        for later in after[push]:
            before[later] -= 1
            if not before[later]:
                heappush(ready, _entry(later))


def _entry(push: Work) -> tuple[Time, Time, int, Work]:
    return push.due, push.call.responded, push.number, push


class _Held:
    """The times at which some pull may hold a chunk that it gives back."""

    def __init__(self, pulls: Iterable[Work]) -> None:
        self._starts: list[Time] = []
        self._ends: list[Time] = []
        for pull in sorted(pulls, key=lambda pull: pull.call.invoked):
            call = pull.call
            if self._ends and call.invoked <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], call.responded)
            else:
                self._starts.append(call.invoked)
                self._ends.append(call.responded)

    def during(self, pull: Work) -> bool:
        """Whether one of them overlaps this pull. O(log n)."""
        at = bisect_right(self._starts, pull.call.responded)
        return at > 0 and self._ends[at - 1] >= pull.call.invoked
