"""The meaning of everything: `step(state, op) -> (state, effects)`, pure and total.

Here an op finds its stream, or the stream of its pull, and the whole registry's bookkeeping is
done: numbers, the table of streams, the chunks that were handed and not yet seen. What happens to
the stream is `stream.react`, and what it means is `transition.delta`.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias, assert_never

from streamstate.model.control import Event
from streamstate.model.effects import Effect, Returned
from streamstate.model.ops import (
    CancelPull,
    CancelPush,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Seen,
)
from streamstate.model.reaction import NOTHING, Reaction, Subject
from streamstate.model.rules import Rule
from streamstate.model.state import Handed, PushesWaiting, State, Waiting, view_of
from streamstate.model.stream import react
from streamstate.model.transition import clear_rule
from streamstate.model.values import PullId, PushId, StreamId

# A global is found several times faster than an enum's member.
# fmt: off
(
    _CREATE, _GET, _PUSH, _PULL, _CLOSE, _ERROR, _IS_QUEUE_FULL, _DELETE, _CANCEL_WAITING,
    _CANCEL_HANDED, _CANCEL_OTHER, _SEEN_HANDED, _SEEN_OTHER, _CANCEL_WAITING_PUSH,
    _CANCEL_OTHER_PUSH,
) = Event
# fmt: on


class Step(NamedTuple):
    """One step: the rule that applied, the state after it, and its effects in order."""

    rule: Rule
    state: State
    effects: tuple[Effect, ...]


def step(state: State, op: Op) -> tuple[State, tuple[Effect, ...]]:
    """The state after `op`, and what the op did to the outside, in order.

    Total: there is no op that a state does not accept. Raises nothing. O(streams + chunks of the
    stream), for the copying of tuples.
    """
    _, after, effects = _taken(state, op)
    return after, effects


def explain(state: State, op: Op) -> Rule:
    """The rule that `step` applies to `op` in `state`."""
    return _taken(state, op)[0]


def advance(state: State, op: Op) -> Step:
    """`step` and `explain` at once."""
    return Step(*_taken(state, op))


_Taken: TypeAlias = tuple[Rule, State, tuple[Effect, ...]]
"""What a `Step` has, as a plain tuple, which is cheaper to make."""


def _taken(state: State, op: Op) -> _Taken:
    match op:  # those that come most often first
        case Push():
            return _on_stream(state, op.stream, _PUSH, Subject(0, op.chunk, push=state.next_push))
        case Pull():
            return _on_stream(state, op.stream, _PULL, Subject(state.next_pull), pulls=1)
        case Seen():
            return _seen(state, op.pull)
        case IsQueueFull():
            return _on_stream(state, op.stream, _IS_QUEUE_FULL)
        case Create():
            return _create(state)
        case Close():
            return _on_stream(state, op.stream, _CLOSE)
        case Error():
            return _on_stream(state, op.stream, _ERROR, Subject(error=op.value))
        case Delete():
            return _on_stream(state, op.stream, _DELETE)
        case Clear():
            return _clear(state)
        case CancelPull():
            return _cancel_pull(state, op.pull)
        case CancelPush():
            return _cancel_push(state, op.push)
        case Get():
            reaction = _react(state, op.stream, _GET)
            return reaction.rule, state, (Returned(view_of(reaction.stream)),)
        case _:
            assert_never(op)


def _react(state: State, number: StreamId, event: Event, subject: Subject = NOTHING) -> Reaction:
    return react(state.dialect, state.limits, number, state.find(number), event, subject)


def _on_stream(
    state: State,
    number: StreamId,
    event: Event,
    subject: Subject = NOTHING,
    *,
    streams: int = 0,
    pulls: int = 0,
    held: tuple[Handed, ...] | None = None,
) -> _Taken:
    """What `event` does to stream `number`. So many more streams and pulls are numbered, and the
    pushes that begin to wait; of the chunks that were handed, `held` stay so (None: all)."""
    stream = state.find(number)
    reaction = react(state.dialect, state.limits, number, stream, event, subject)
    changed = reaction.stream is not stream
    if changed or pulls or held is not None:
        state = State(
            state.dialect,
            state.limits,
            state.next_stream + streams,
            state.next_pull + pulls,
            state.streams_with(number, reaction.stream) if changed else state.streams,
            (state.handed if held is None else held) + reaction.handed,
            state.next_push + reaction.begun,
        )
    return reaction.rule, state, reaction.effects


def _create(state: State) -> _Taken:
    number = state.next_stream
    rule, created, _ = _on_stream(state, number, _CREATE, streams=1)
    return rule, created, (Returned(number),)


def _clear(state: State) -> _Taken:
    rule = clear_rule(
        any(isinstance(stream, Waiting) for _, stream in state.streams),
        any(isinstance(stream, PushesWaiting) for _, stream in state.streams),
    )
    effects: list[Effect] = []
    for number, _ in state.streams:
        effects += _react(state, number, _DELETE).effects
    emptied = State(
        state.dialect,
        state.limits,
        state.next_stream,
        state.next_pull,
        (),
        state.handed,
        state.next_push,
    )
    return rule, emptied, tuple(effects)


def _cancel_pull(state: State, pull: PullId) -> _Taken:
    for handed in state.handed:
        if handed.pull == pull:
            held, subject = _others(state, pull), Subject(pull, handed.chunk, handed.place)
            return _on_stream(state, handed.stream, _CANCEL_HANDED, subject, held=held)
    for number, stream in state.streams:
        if isinstance(stream, Waiting) and pull in (stream.first, *stream.others):
            return _on_stream(state, number, _CANCEL_WAITING, Subject(pull))
    return _on_stream(state, 0, _CANCEL_OTHER)


def _cancel_push(state: State, push: PushId) -> _Taken:
    for number, stream in state.streams:
        if isinstance(stream, PushesWaiting) and any(
            offered.push == push for offered in (stream.first, *stream.others)
        ):
            return _on_stream(state, number, _CANCEL_WAITING_PUSH, Subject(push=push))
    return _on_stream(state, 0, _CANCEL_OTHER_PUSH)


def _seen(state: State, pull: PullId) -> _Taken:
    for handed in state.handed:
        if handed.pull == pull:
            return _on_stream(state, handed.stream, _SEEN_HANDED, held=_others(state, pull))
    return _on_stream(state, 0, _SEEN_OTHER)


def _others(state: State, pull: PullId) -> tuple[Handed, ...]:
    """The chunks that were handed to other pulls."""
    return tuple([handed for handed in state.handed if handed.pull != pull])
