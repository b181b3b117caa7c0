"""Turns what a live service may put into an op into what the wire can have."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Effect,
    Error,
    Errored,
    Get,
    Idle,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Rejected,
    Returned,
    Seen,
    State,
    Stream,
    TurnedAway,
    View,
)
from streamstate.model.state import Failed
from streamstate.wire import MAX_ID, message_of

UNKNOWN: Final = 0
"""A number that no stream ever has."""


def message(error_value: object) -> str:
    """The text of an error value, even of one whose `str` raises."""
    try:
        return message_of(error_value)
    except Exception:
        return f"a {type(error_value).__name__} that cannot be shown"


def tame(op: Op) -> Op:
    """The same op with a stream number and an error value that the wire can have.

    Raises `OverflowError` for a pull or push beyond the largest number of the wire.
    """
    match op:
        case Push() | Pull() | Close() | IsQueueFull() | Delete() | Get():
            return op if _is_plain(op.stream) else replace(op, stream=_number(op.stream))
        case Error(stream, value):
            return Error(_number(stream), message(value))
        case CancelPull(number) | Seen(number) | CancelPush(number):
            if number > MAX_ID:
                what = "push" if isinstance(op, CancelPush) else "pull"
                raise OverflowError(
                    f"{what} {number} is beyond {MAX_ID}, the last that can be written"
                )
            return op
        case Create() | Clear():
            return op
        case _:
            assert_never(op)


def _is_plain(stream: object) -> bool:
    return type(stream) is int and 0 <= stream <= MAX_ID


def _number(stream: object) -> int:
    """The number of a stream, which a caller may have given as anything. What equals a number finds
    its stream and has its hash, which is the number itself."""
    number = hash(stream)
    return number if 0 < number <= MAX_ID and stream == number else UNKNOWN


def tame_state(state: State) -> State:
    """The state with error values as their messages."""
    streams = tuple((number, _tame_stream(stream)) for number, stream in state.streams)
    return replace(state, streams=streams)


def _tame_stream(stream: Stream) -> Stream:
    match stream:
        case Idle(accepted, Failed(value, closed), queue):
            return Idle(accepted, Failed(message(value), closed), queue)
        case _:
            return stream


def tame_effects(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """The effects with error values as their messages."""
    return tuple(map(_tame_effect, effects))


def _tame_effect(effect: Effect) -> Effect:
    match effect:
        case Rejected(pull, Errored(value)):
            return Rejected(pull, Errored(message(value)))
        case TurnedAway(push, Errored(value)):
            return TurnedAway(push, Errored(message(value)))
        case Returned(View(errored=True) as view):
            shown = replace(view, error_value=message(view.error_value))
            return Returned(shown)
        case _:
            return effect
