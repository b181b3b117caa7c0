"""Linearizability by its definition: every order is tried, on the whole registry, with every look
of its own. For histories of a few calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from streamstate.histories.events import (
    Answered,
    Brought,
    Call,
    Cancelled,
    History,
    Pending,
)
from streamstate.model import (
    Accepted,
    CancelPull,
    CancelPush,
    Chunk,
    Done,
    Op,
    Pull,
    Push,
    Rejected,
    Resolved,
    Returned,
    Seen,
    State,
    TurnedAway,
    View,
    step,
)
from streamstate.wire import Json, encode_bytes, encode_reason, encode_view


class Place(NamedTuple):
    """Somewhere in an order: what has happened, and what each call has got."""

    state: State
    pulls: tuple[int, ...]
    """Which call made each pull, in the order of their numbers."""
    pushes: tuple[int, ...]
    """The same of the pushes that have to wait."""
    moved: frozenset[int]
    answers: frozenset[tuple[int, str]]
    over: frozenset[int]
    """The calls that need nothing more."""


def linearizable(history: History) -> bool:
    """Whether there is an order."""
    calls = {
        call.number: call
        for call in history.calls
        if call.happened or isinstance(call.op, Push)  # which may have waited
    }
    seen: set[Place] = set()
    todo = [Place(history.start, (), (), frozenset(), frozenset(), frozenset())]
    while todo:
        place = todo.pop()
        if place in seen:
            continue
        seen.add(place)
        if all(_finished(place, call) for call in calls.values()):
            return True
        todo += _next(place, calls)
    return False


def _finished(place: Place, call: Call) -> bool:
    if isinstance(call.outcome, Pending):
        return True
    if isinstance(call.outcome, Cancelled) and call.number not in place.moved:
        return True
    return call.number in place.over


def _next(place: Place, calls: dict[int, Call]) -> Iterator[Place]:
    for call in calls.values():
        before = [other for other in calls.values() if other.responded < call.invoked]
        after = [other for other in calls.values() if call.responded < other.invoked]
        if not all(_finished(place, other) for other in before):
            continue
        if any(other.number in place.moved for other in after):
            continue
        for moved in _moves(place, call):
            if _right(moved, calls):
                yield moved


def _moves(place: Place, call: Call) -> Iterator[Place]:
    number = call.number
    given_up = isinstance(call.outcome, Cancelled | Pending)
    if number not in place.moved:
        pulls = (*place.pulls, number) if isinstance(call.op, Pull) else place.pulls
        over = place.over if isinstance(call.op, Pull) else place.over | {number}
        moved = place.moved | {number}
        placed = _done(place._replace(pulls=pulls, over=over, moved=moved), call.op, number)
        if placed.state.next_push != place.state.next_push:
            pushes = (*place.pushes, number)
            placed = placed._replace(pushes=pushes, over=placed.over - {number})
        yield placed
    elif isinstance(call.op, Pull) and number not in place.over:
        pull = place.pulls.index(number) + 1
        over = place.over | {number}
        if given_up:
            yield _done(place._replace(over=over), CancelPull(pull), number)
        elif any(about == number for about, _ in place.answers):
            yield _done(place._replace(over=over), Seen(pull), number)
    elif number not in place.over and given_up:
        push = place.pushes.index(number) + 1
        cancelled = _done(place._replace(over=place.over | {number}), CancelPush(push), number)
        yield cancelled._replace(answers=place.answers)


def _done(place: Place, op: Op, number: int) -> Place:
    state, effects = step(place.state, op)
    answers, over = set(place.answers), place.over
    for effect in effects:
        match effect:
            case Returned(value):
                answers.add(
                    (number, repr(encode_view(value) if isinstance(value, View) else value))
                )
            case Resolved(pull, Chunk(chunk)):
                answers.add((place.pulls[pull - 1], repr(["value", encode_bytes(chunk)])))
            case Resolved(pull, Done()):
                answers.add((place.pulls[pull - 1], repr(["done"])))
            case Rejected(pull, reason):
                answers.add((place.pulls[pull - 1], repr(["error", encode_reason(reason)])))
            case Accepted(push):
                answers.add((place.pushes[push - 1], repr(True)))
                over |= {place.pushes[push - 1]}
            case TurnedAway(push, reason):
                told = repr(["turned_away", encode_reason(reason)])
                answers.add((place.pushes[push - 1], told))
                over |= {place.pushes[push - 1]}
            case _:
                pass
    return place._replace(state=state, answers=frozenset(answers), over=over)


def _right(place: Place, calls: dict[int, Call]) -> bool:
    return all(_fits(calls[number], answer) for number, answer in place.answers)


def _fits(call: Call, answer: str) -> bool:
    if isinstance(call.op, Push) and isinstance(call.outcome, Cancelled):
        return answer != repr(True)
    return _said(call) in (None, answer)


def _said(call: Call) -> str | None:
    match call.outcome:
        case Answered(answer):
            return repr(answer)
        case Brought(chunk):
            said: Json = ["value", encode_bytes(chunk)]
            return repr(said)
        case _:
            return None
