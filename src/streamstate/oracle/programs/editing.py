"""Programs with something left out or changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from streamstate.model import CancelPull, CancelPush, Clear, Create, Op, Pull, Seen
from streamstate.wire import Together, Turn

Ops: TypeAlias = tuple[Turn, ...]


def without(ops: Ops, start: int, end: int) -> Ops:
    """The program without the turns from `start` to `end`; a cancel of a later pull still cancels
    it."""
    first = 1 + sum(map(_pulls, ops[:start]))
    gone = sum(map(_pulls, ops[start:end]))
    rest = (*ops[:start], *ops[end:])
    return (
        tuple(each_changed(turn, lambda op: _cancel_moved(op, first, gone)) for turn in rest)
        if gone
        else rest
    )


def _pulls(turn: Turn) -> int:
    """How many pull numbers the turn takes."""
    return sum(isinstance(op, Pull) for op in inner_ops(turn))


def _cancel_moved(op: Op, first: int, gone: int) -> Op:
    """The op if `gone` pulls from the number `first` on are gone."""
    if isinstance(op, CancelPull) and op.pull >= first + gone:
        return CancelPull(op.pull - gone)
    return op


def inner_ops(turn: Turn) -> tuple[Op, ...]:
    """The ops of the turn, done together or alone."""
    return turn.ops if isinstance(turn, Together) else (turn,)


def each_changed(turn: Turn, change: Callable[[Op], Op]) -> Turn:
    """The turn with every op changed."""
    return Together(tuple(map(change, turn.ops))) if isinstance(turn, Together) else change(turn)


def stream_of(op: Turn) -> int | None:
    """The number of the stream that an op names; None if it names none or several."""
    match op:
        case Create() | Clear() | CancelPull() | Seen() | CancelPush() | Together():
            return None
        case _:
            return op.stream


def put_on(op: Op, stream: int) -> Op:
    """The same op on another stream."""
    match op:
        case Create() | Clear() | CancelPull() | Seen() | CancelPush():
            return op
        case _:
            return replace(op, stream=stream)


def moved_up(turn: Turn, gone: int, streams: int = 1) -> Turn:
    """The turn if so many streams from that number on are gone, and later ones have moved up."""
    return each_changed(turn, lambda op: _op_moved_up(op, gone, streams))


def _op_moved_up(op: Op, gone: int, streams: int) -> Op:
    stream = stream_of(op)
    return op if stream is None or stream <= gone else put_on(op, max(gone, stream - streams))
