"""A linearization, told: what the model answers to each call in that order, and by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from streamstate.histories.events import Call
from streamstate.histories.linearize import Point
from streamstate.model import (
    CancelPull,
    Chunk,
    Create,
    Pull,
    Push,
    Resolved,
    Returned,
    Rule,
    Seen,
    State,
    Step,
    advance,
)
from streamstate.wire import Json, encode_effects, is_array

WAITS: Final[Json] = ["waits"]
"""Said of a pull or a push that has no answer yet."""


@dataclass(frozen=True, slots=True)
class Told:
    """`call` took effect by `rule`, or was cancelled by it. In the end the model's answer to it is
    `answer`."""

    call: Call
    rule: Rule
    answer: Json
    cancels: bool = False


def replay(start: State, points: Sequence[Point]) -> tuple[Told, ...]:
    """The model's answers in this order. Of the history's answers it uses only the numbers of
    streams. O(points)."""
    state = start
    rules: list[Rule] = []
    answers: dict[int, Json] = {}
    cancelled = frozenset(point.call.number for point in points if point.cancels)
    for point in points:
        taken = take_effect(state, point)
        state = taken.state
        rules.append(taken.rule)
        if not point.cancels:
            may_wait = isinstance(point.call.op, (Pull, Push))
            answers[point.call.number] = WAITS if may_wait else None
        _note(answers, point.call.number, taken)
        for effect in taken.effects:
            match effect:
                case Resolved(pull, Chunk()) if pull not in cancelled:
                    state = advance(state, Seen(pull)).state
                case _:
                    pass
    return tuple(
        Told(point.call, rule, answers[point.call.number], point.cancels)
        for point, rule in zip(points, rules, strict=True)
    )


def take_effect(state: State, point: Point) -> Step:
    """The step of the model at that point. A pull, or a push that waits, has the number of its
    call."""
    call = point.call
    match call.op:
        case Pull() if point.cancels:
            return advance(state, CancelPull(call.number))
        case Pull():
            state = replace(state, next_pull=call.number)
        case Push():
            state = replace(state, next_push=call.number)
        case Create():  # numbers in between went to creates that are checked apart
            number = getattr(call.outcome, "answer", state.next_stream)
            state = replace(state, next_stream=max(number, state.next_stream))
        case _:
            pass
    return advance(state, call.op)


def _note(answers: dict[int, Json], number: int, taken: Step) -> None:
    returned, settled = encode_effects(taken.effects)
    if any(isinstance(effect, Returned) for effect in taken.effects):
        answers[number] = returned
    assert is_array(settled)
    for item in settled:
        match item:
            case [int(pull), *answer]:
                answers[pull] = answer
            case ["push", int(push), "accepted"]:
                answers[push] = True
            case ["push", int(push), *answer]:
                answers[push] = answer
            case _:
                pass
