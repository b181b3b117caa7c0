"""States and effects as the extracted specification prints them."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from streamstate.model import (
    Abandoned,
    Accepted,
    Chunk,
    Done,
    Effect,
    Errored,
    Handed,
    Idle,
    PushesWaiting,
    PushReason,
    Reason,
    Rejected,
    Resolved,
    Returned,
    State,
    Stream,
    StreamId,
    TurnedAway,
    Unblocked,
    View,
    Waiting,
)
from streamstate.model.state import Closed, Failed, Open, Queue, Status
from streamstate.wire import Json, compact, encode_bytes, encode_reason, encode_view, message_of

Items: TypeAlias = list[Json]


def show_state(state: State) -> str:
    """A whole state, in the specification's order of fields."""
    streams: Items = [_stream(number, stream) for number, stream in state.streams]
    handed: Items = [_handed(one) for one in state.handed]
    return compact([state.next_stream, state.next_pull, state.next_push, streams, handed])


def _stream(number: StreamId, stream: Stream) -> Items:
    match stream:
        case Waiting(accepted, first, others):
            return [number, accepted, [first, *others]]
        case PushesWaiting(accepted, queue, offered, more, closed):
            pushes: Items = [[each.push, encode_bytes(each.chunk)] for each in (offered, *more)]
            tag = "closing" if closed else "pushes"
            return [number, accepted, [tag, *pushes], *_queue(queue)]
        case Idle(accepted, status, queue):
            return [number, accepted, _status(status), *_queue(queue)]
        case _:
            assert_never(stream)


def _status(status: Status) -> Items:
    match status:
        case Open():
            return ["open"]
        case Closed():
            return ["closed"]
        case Failed(value, closed):
            return ["failed", message_of(value), closed]
        case _:
            assert_never(status)


def _queue(queue: Queue) -> Items:
    given_back: Items = [[placed.place, encode_bytes(placed.chunk)] for placed in queue.given_back]
    return [given_back, [encode_bytes(chunk) for chunk in queue.fresh], queue.size]


def _handed(handed: Handed) -> Items:
    return [handed.pull, handed.stream, handed.place, encode_bytes(handed.chunk)]


def show_effects(effects: tuple[Effect, ...]) -> str:
    """The effects of one op, in order."""
    match effects:  # what most ops come to needs no encoder
        case ():
            return "[]"
        case (Returned(True),):
            return '[["returned",true]]'
        case (Returned(False),):
            return '[["returned",false]]'
        case _:
            return compact([_effect(effect) for effect in effects])


def _effect(effect: Effect) -> Items:
    match effect:
        case Returned(value):
            return ["returned", encode_view(value) if isinstance(value, View) else value]
        case Resolved(pull, Chunk(chunk)):
            return ["resolved", [pull, "value", encode_bytes(chunk)]]
        case Resolved(pull, Done()):
            return ["resolved", [pull, "done"]]
        case Rejected(pull, reason):
            return ["rejected", pull, *_reason(reason)]
        case Abandoned(pull):
            return ["abandoned", pull]
        case Accepted(push):
            return ["accepted", push]
        case TurnedAway(push, reason):
            return ["turned_away", push, *_reason(reason)]
        case Unblocked(stream):
            return ["unblocked", stream]
        case _:
            raise AssertionError(f"not an effect: {effect}")


def _reason(reason: Reason | PushReason) -> Items:
    if isinstance(reason, Errored):
        return ["errored", message_of(reason.value)]
    return [encode_reason(reason)]
