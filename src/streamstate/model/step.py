"""The meaning of everything: `step(state, op) -> (state, effects)`, pure and total.

Here an op finds its stream, or the stream of its pull, and the whole registry's bookkeeping is
done: numbers, the table of streams, the chunks that were handed and not yet seen. What happens to
the stream is `stream.react`, and what it means is `transition.delta`.
"""

from __future__ import annotations

from typing import Final, NamedTuple, assert_never

from streamstate.model.control import Event
from streamstate.model.effects import Effect, Returned
from streamstate.model.ops import (
    CancelPull,
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
from streamstate.model.rules import Rule
from streamstate.model.state import Handed, State, Waiting, view
from streamstate.model.stream import NOTHING, Reaction, Subject, react, waits_on
from streamstate.model.transition import clear_rule
from streamstate.model.values import PullId, StreamId


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
    taken = advance(state, op)
    return taken.state, taken.effects


def explain(state: State, op: Op) -> Rule:
    """The rule that `step` applies to `op` in `state`."""
    return advance(state, op).rule


def advance(state: State, op: Op) -> Step:
    """`step` and `explain` at once."""
    match op:
        case Push():
            return _on_stream(state, op.stream, Event.PUSH, Subject(chunk=op.chunk))
        case Pull():
            return _pull(state, op.stream)
        case Seen():
            return _seen(state, op.pull)
        case IsQueueFull():
            return _on_stream(state, op.stream, Event.IS_QUEUE_FULL)
        case Create():
            return _create(state)
        case Close():
            return _on_stream(state, op.stream, Event.CLOSE)
        case Error():
            return _on_stream(state, op.stream, Event.ERROR, Subject(error=op.value))
        case Delete():
            return _on_stream(state, op.stream, Event.DELETE)
        case Clear():
            return _clear(state)
        case CancelPull():
            return _cancel_pull(state, op.pull)
        case Get():
            rule = _react(state, op.stream, Event.GET).rule
            return Step(rule, state, (Returned(view(state, op.stream)),))
        case _:
            assert_never(op)


def _react(state: State, number: StreamId, event: Event, subject: Subject = NOTHING) -> Reaction:
    return react(state.dialect, state.limits, number, state.find(number), event, subject)


def _on_stream(state: State, number: StreamId, event: Event, subject: Subject = NOTHING) -> Step:
    stream = state.find(number)
    reaction = react(state.dialect, state.limits, number, stream, event, subject)
    if reaction.stream is not stream or reaction.handed:
        state = _after(state, number, reaction)
    return Step(reaction.rule, state, _effects(reaction))


def _effects(reaction: Reaction) -> tuple[Effect, ...]:
    if reaction.returned is None:
        return reaction.effects
    return (_RETURNED[reaction.returned], *reaction.effects)


_RETURNED: Final = (Returned(False), Returned(True))


def _after(state: State, number: StreamId, reaction: Reaction, pulls: int = 0) -> State:
    """The state with stream `number` as the reaction left it, and `pulls` more pulls numbered."""
    return State(
        state.dialect,
        state.limits,
        state.next_stream,
        state.next_pull + pulls,
        state.streams_with(number, reaction.stream),
        state.handed + reaction.handed,
    )


def _create(state: State) -> Step:
    number = state.next_stream
    reaction = _react(state, number, Event.CREATE)
    numbered = State(
        state.dialect, state.limits, number + 1, state.next_pull, state.streams, state.handed
    )
    return Step(reaction.rule, _after(numbered, number, reaction), (Returned(number),))


def _pull(state: State, number: StreamId) -> Step:
    reaction = _react(state, number, Event.PULL, Subject(pull=state.next_pull))
    return Step(reaction.rule, _after(state, number, reaction, pulls=1), _effects(reaction))


def _clear(state: State) -> Step:
    rule = clear_rule(any(isinstance(stream, Waiting) for _, stream in state.streams))
    effects: list[Effect] = []
    for number, _ in state.streams:
        effects += _react(state, number, Event.DELETE).effects
    emptied = State(
        state.dialect, state.limits, state.next_stream, state.next_pull, (), state.handed
    )
    return Step(rule, emptied, tuple(effects))


def _cancel_pull(state: State, pull: PullId) -> Step:
    for handed in state.handed:
        if handed.pull == pull:
            subject = Subject(pull, handed.chunk, handed.place)
            released = _without_handed(state, handed)
            return _on_stream(released, handed.stream, Event.CANCEL_HANDED, subject)
    for number, stream in state.streams:
        if waits_on(stream, pull):
            return _on_stream(state, number, Event.CANCEL_WAITING, Subject(pull))
    return _on_stream(state, 0, Event.CANCEL_OTHER)


def _seen(state: State, pull: PullId) -> Step:
    for handed in state.handed:
        if handed.pull == pull:
            reaction = _react(state, handed.stream, Event.SEEN_HANDED)
            return Step(reaction.rule, _without_handed(state, handed), ())
    return _on_stream(state, 0, Event.SEEN_OTHER)


def _without_handed(state: State, gone: Handed) -> State:
    handed = tuple(other for other in state.handed if other is not gone)
    return State(
        state.dialect, state.limits, state.next_stream, state.next_pull, state.streams, handed
    )
