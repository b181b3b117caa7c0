"""Which call to try first. A bad guess costs only time: the search tries all in the end."""

from __future__ import annotations

from math import inf
from typing import Final, TypeAlias

from streamstate.histories.demands import Demand
from streamstate.histories.events import Answered, Brought, Time
from streamstate.histories.work import Work
from streamstate.model import Clear, Create, Delete, Get, Push
from streamstate.wire import STREAM_DELETED, Json, encode_bytes, is_array, is_object

_DELETED: Final = Answered(["error", STREAM_DELETED])

_Rank: TypeAlias = tuple[int, Time, Time]


def moves(demand: Demand, placed: int, complete: int) -> list[Work | None]:
    """The moves to try while `demand` is not met, the best guess last. A pull that was placed, and
    is listed again, is to be cancelled; None lets a pull that was given up not have waited."""
    wanted = demand.work
    found: list[Work | None] = [
        work
        for work in demand.open
        if not placed & work.bit or (work.may_cancel and not complete & work.bit)
    ]
    if len(found) > 1:
        ranks = _ranks(demand, placed)
        found.sort(key=ranks.__getitem__, reverse=True)
    if wanted.given_up and not placed & wanted.bit:
        found.append(None)
    return found


def _ranks(demand: Demand, placed: int) -> dict[Work | None, _Rank]:
    """The order in which to try calls: the lower, the sooner."""
    wanted = demand.work
    op = wanted.call.op
    if wanted.is_push and not placed & wanted.bit:
        return {each: _with_pushes(each, wanted, wanted.due) for each in demand.open}
    push = wanted.partner
    if push is not None and not placed & push.bit and push in demand.open:
        return {each: _with_pushes(each, wanted, push.due) for each in demand.open}
    if isinstance(op, Get) and isinstance(wanted.call.outcome, Answered):
        queued = _queued(wanted.call.outcome.answer)
        return {each: _with_view(each, wanted, queued, placed) for each in demand.open}
    if isinstance(op, (Delete, Clear)):
        return {each: _with_deleted(each, wanted) for each in demand.open}
    if isinstance(op, Create):
        return {each: _with_creates(each, wanted) for each in demand.open}
    return {each: _by_due(each, wanted) for each in demand.open}


def _with_pushes(work: Work, wanted: Work, due: Time) -> _Rank:
    """The pushes whose chunks come out first, then the wanted call."""
    if work.is_push and work.due <= due:
        return 0, work.due, work.call.responded
    return 1 if work is wanted else 2, work.due, work.call.responded


def _queued(view: Json) -> frozenset[str]:
    """The chunks that a view shows, in base64."""
    queue = view.get("queue") if is_object(view) else None
    return frozenset(map(str, queue)) if is_array(queue) else frozenset()


def _with_view(work: Work, wanted: Work, queued: frozenset[str], placed: int) -> _Rank:
    """The pushes whose chunks it shows, then the pulls whose chunks it shows no more."""
    op, outcome = work.call.op, work.call.outcome
    if isinstance(op, Push) and encode_bytes(op.chunk) in queued:
        return 0, work.due, work.call.responded
    if isinstance(outcome, Brought) and encode_bytes(outcome.chunk) not in queued:
        push = work.partner
        gone = push is None or not (push.bit and not placed & push.bit)
        return 1 if gone else 3, work.due, work.call.responded
    return 2 if work is wanted else 4, work.due, work.call.responded


def _with_deleted(work: Work, wanted: Work) -> _Rank:
    """A pull that was rejected because its stream went waited before."""
    if work.is_pull and work.call.outcome == _DELETED:
        return 0, work.call.responded, 0
    return 1 if work is wanted else 2, work.due, work.call.responded


def _with_creates(work: Work, wanted: Work) -> _Rank:
    """In the order of their numbers."""
    if isinstance(work.call.op, Create):
        return 0, getattr(work.call.outcome, "answer", inf), 0
    return 1 if work is wanted else 2, work.due, work.call.responded


def _by_due(work: Work, wanted: Work) -> _Rank:
    """The wanted call, then the pulls whose chunks come out first, then the others."""
    if work is wanted:
        return 0, 0, 0
    return 1 if work.is_pull and not work.may_cancel else 2, work.due, work.call.responded
