"""A call as the search sees it: how it may change the model, and whether an answer fits."""

from __future__ import annotations

from math import inf
from typing import Final

from streamstate.histories.events import (
    Answered,
    Brought,
    Call,
    Cancelled,
    Pending,
    Time,
)
from streamstate.model import (
    Accepted,
    Chunk,
    Done,
    Get,
    IsQueueFull,
    Pull,
    Push,
    Rejected,
    Resolved,
    StreamId,
    TurnedAway,
    View,
)
from streamstate.wire import agrees, encode_reason, encode_view, is_object

_NOWHERE: Final[dict[int, int]] = {}


class Work:
    """A call, and what the search looks up again and again.

    Of the calls that are in progress at one time each has a `bit` of its own. A push is `due` by
    the time at which its chunk was brought to a pull, and then by its rank in that, as far as it is
    known; no pull brought it before `earliest` or after `latest`; `shown` is where which view shows
    it. A pull that brought a chunk is due as its push is, which is its `partner`.
    """

    __slots__ = (
        "bit",
        "call",
        "due",
        "earliest",
        "given_up",
        "is_pull",
        "is_push",
        "latest",
        "looks",
        "may_wait",
        "number",
        "optional",
        "partner",
        "shown",
        "stream",
    )

    def __init__(self, call: Call) -> None:
        op = call.op
        self.call = call
        self.number = call.number
        self.bit = 0
        self.is_pull = isinstance(op, Pull)
        self.is_push = isinstance(op, Push)
        self.may_wait = isinstance(op, (Pull, Push))
        self.stream: StreamId | None = getattr(op, "stream", None)
        self.optional = isinstance(call.outcome, Pending)
        self.given_up = self.is_pull and isinstance(call.outcome, Cancelled)
        self.looks = _looks(call)
        self.partner: Work | None = None
        self.due: Time = inf
        self.shown: dict[int, int] = _NOWHERE
        self.earliest: Time = -inf
        self.latest: Time = inf

    @property
    def may_cancel(self) -> bool:
        """Whether it is a pull that was given up, or may have been."""
        return self.given_up or (self.is_pull and self.optional)

    def returns(self, value: StreamId | bool | View | None) -> bool:
        """Whether the call may have returned this. O(size)."""
        match self.call.outcome:
            case Answered(answer):
                if isinstance(value, View):
                    size = answer.get("queue_size") if is_object(answer) else value.queue_size
                    return size == value.queue_size and agrees(encode_view(value), answer)
                return type(value) is type(answer) and value == answer
            case _:
                return True

    def settles(self, effect: Resolved | Rejected | Accepted | TurnedAway) -> bool:
        """Whether the call, a pull or a push that waited, may have settled in this way. O(size)."""
        match self.call.outcome, effect:
            case Answered(answer), Accepted():
                return answer is True
            case Answered(["turned_away", message]), TurnedAway(_, reason):
                return message == encode_reason(reason)
            case Brought(chunk), Resolved(_, Chunk(value)):
                return chunk == value
            case Brought(), _:
                return False
            case Answered(["done"]), Resolved(_, Done()):
                return True
            case Answered(["error", message]), Rejected(_, reason):
                return message == encode_reason(reason)
            case Answered(), _:
                return False
            case _:
                return True

    def must_precede(self, later: Work) -> bool:
        """Whether this push was accepted before that one, because its chunk came out before, or was
        shown before it."""
        if self.latest < later.earliest and self.stream == later.stream:
            return True
        shown = later.shown
        return any(view in shown and place < shown[view] for view, place in self.shown.items())


def _looks(call: Call) -> bool:
    """Whether it changes nothing, in whatever state: the rows of the table say so of what only
    looks, and of a push that was not accepted."""
    match call.op, call.outcome:
        case ((Get() | IsQueueFull()), Answered()):
            return True
        case Push(), Answered(answer):
            return answer is False
        case _:
            return False
