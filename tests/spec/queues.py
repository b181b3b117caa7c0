"""What the actions do to data, the extracted specification against the model.

The specification tries every op on every queue of up to four chunks, whichever of them were given
back, and on every number of waiting pulls up to three, and prints the data before and after. The
model is put into the same state and has to do the same. That every such queue was there, and that
every action was done, is counted here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Any, Final, NamedTuple, TypeAlias

from streamstate.model import (
    Action,
    Dialect,
    Handed,
    Idle,
    Limits,
    Offered,
    Op,
    PushesWaiting,
    Rule,
    State,
    Step,
    Stream,
    Unblocked,
    Waiting,
    advance,
    level_of,
    tabulate,
)
from streamstate.model.state import CLOSED, OPEN, Failed, Placed, Queue, Status
from streamstate.wire import decode_bytes, parse_op
from tests.spec.extracted import DifferenceError
from tests.spec.show import show_effects, show_state

LIMITS: Final = Limits(high_water_mark=8, max_queue_chunks=4)

UNBUFFERED: Final = Limits(high_water_mark=0, max_queue_chunks=4)

MOST_ACCEPTED, MOST_QUEUED, MOST_WAITING = 6, 4, 3

Advance: TypeAlias = Callable[[State, Op], Step]


class Shape(NamedTuple):
    """How many chunks a stream accepted, the places of the queued ones that were given back, how
    many of the queued ones were never taken, how many pulls wait, and how many pushes."""

    accepted: int
    given_back: tuple[int, ...]
    fresh: int
    waiting: int
    pushes: int = 0


def every_shape() -> set[Shape]:
    """The shapes that are to be compared."""
    waiting = {
        Shape(accepted, (), 0, pulls)
        for accepted in range(MOST_QUEUED + 1)
        for pulls in range(1, MOST_WAITING + 1)
    }
    queues = {
        Shape(accepted, places, fresh, 0)
        for accepted in range(MOST_ACCEPTED + 1)
        for fresh in range(min(accepted, MOST_QUEUED) + 1)
        for count in range(MOST_QUEUED - fresh + 1)
        for places in combinations(range(1, accepted - fresh + 1), count)
    }
    crowded = {
        shape._replace(pushes=pushes)
        for shape in queues
        for pushes in range(1, MOST_WAITING + 1)
        if is_full(shape, LIMITS)
    }
    unbuffered = {
        shape._replace(pushes=pushes)
        for shape in queues
        for pushes in range(1, MOST_WAITING + 1)
        if is_full(shape, UNBUFFERED)
    }
    return waiting | queues | crowded | unbuffered


def is_full(shape: Shape, limits: Limits) -> bool:
    """Whether a queue of that shape has reached a limit: the chunk in place n has n - 1 bytes."""
    first = shape.accepted - shape.fresh + 1
    places = [*shape.given_back, *range(first, shape.accepted + 1)]
    size = sum(place - 1 for place in places)
    return level_of(limits, len(places), size).full


def shape_of(stream: Stream) -> Shape:
    match stream:
        case Waiting(accepted, _, others):
            return Shape(accepted, (), 0, 1 + len(others))
        case PushesWaiting(accepted, queue, _, others, closed):
            idle = Idle(accepted, CLOSED if closed else OPEN, queue)
            return shape_of(idle)._replace(pushes=1 + len(others))
        case Idle(accepted, _, queue):
            places = tuple(placed.place for placed in queue.given_back)
            return Shape(accepted, places, len(queue.fresh), 0)


@dataclass(slots=True)
class Census:
    """What was compared."""

    transitions: int = 0
    actions: Counter[Action] = field(default_factory=Counter)
    shapes: set[Shape] = field(default_factory=set)

    def add(self, other: Census) -> None:
        self.transitions += other.transitions
        self.actions += other.actions
        self.shapes |= other.shapes

    def report(self) -> tuple[bool, str]:
        """Whether every action was done and every shape was there, and what to print."""
        never = [action.name for action in Action if not self.actions[action]]
        if never:
            return False, f"actions that were never done: {never}"
        missing = sorted(every_shape() - self.shapes)
        if missing:
            return False, f"shapes of data that were never there: {missing}"
        shapes = f"{len(self.shapes)} shapes of data"
        return True, f"{len(Action)} actions on {shapes}, {self.transitions:,} transitions"


class Line(NamedTuple):
    """One line of the specification: a transition, all in its JSON."""

    before: str
    op: str
    rule: str
    effects: str
    after: str


def compare_queues(
    lines: Iterable[str], dialect: Dialect, limits: Limits = LIMITS, advance: Advance = advance
) -> Census:
    """Do what every line says was done. Raises `DifferenceError` where it comes out otherwise."""
    census = Census()
    rules: Counter[Rule] = Counter()
    ops: dict[str, Op] = {}
    before, state = "", State(dialect, limits)
    for line in lines:
        told = Line(*line.split("\t"))
        if told.before != before:
            before, state = told.before, read_state(told.before, dialect, limits)
            census.shapes.update(shape_of(stream) for _, stream in state.streams)
        if told.op not in ops:
            ops[told.op] = parse_op(json.loads(told.op))
        rule, after, effects = advance(state, ops[told.op])
        done = Line(before, told.op, rule.name, show_effects(effects), show_state(after))
        if done != told:
            raise DifferenceError(difference(told, done, dialect))
        rules[rule] += 1
        census.actions[Action.UNBLOCK] += any(isinstance(one, Unblocked) for one in effects)
    census.transitions = rules.total()
    for rule, actions in actions_of(dialect).items():
        census.actions.update(dict.fromkeys(actions, rules[rule]))
    return census


def difference(told: Line, done: Line, dialect: Dialect) -> str:
    return (
        f"in {dialect}, {told.op} on the state\n  {told.before}\n"
        f"the specification takes {told.rule}, with the effects and the state after\n"
        f"  {told.effects}\n  {told.after}\n"
        f"and the model takes {done.rule}, with\n  {done.effects}\n  {done.after}"
    )


def actions_of(dialect: Dialect) -> dict[Rule, set[Action]]:
    """The actions of each rule, but for the word to writers, which depends on the situation."""
    found: dict[Rule, set[Action]] = {}
    for row in tabulate(dialect):
        for transition in chain.from_iterable(chain.from_iterable(row)):
            actions = found.setdefault(transition.rule, set())
            actions.update(action for action in transition.actions if action is not Action.UNBLOCK)
    return found


def read_state(text: str, dialect: Dialect, limits: Limits) -> State:
    """The state that `show_state` shows so, the error values being strings."""
    next_stream, next_pull, next_push, streams, handed = json.loads(text)
    return State(
        dialect,
        limits,
        next_stream,
        next_pull,
        tuple((number, _stream(fields)) for number, *fields in streams),
        tuple(
            Handed(pull, stream, place, decode_bytes(chunk))
            for pull, stream, place, chunk in handed
        ),
        next_push,
    )


def _stream(fields: list[Any]) -> Stream:
    match fields:
        case [accepted, [first, *others]]:
            return Waiting(accepted, first, tuple(others))
        case [accepted, ["pushes" | "closing" as tag, *pushes], given_back, fresh, size]:
            queue = _queue(given_back, fresh, size)
            first, *others = (Offered(push, decode_bytes(chunk)) for push, chunk in pushes)
            return PushesWaiting(accepted, queue, first, tuple(others), tag == "closing")
        case [accepted, status, given_back, fresh, size]:
            return Idle(accepted, _status(status), _queue(given_back, fresh, size))
        case _:
            raise ValueError(f"not a stream as it is shown: {fields}")


def _queue(given_back: list[Any], fresh: list[Any], size: int) -> Queue:
    placed = tuple(Placed(place, decode_bytes(chunk)) for place, chunk in given_back)
    return Queue(placed, tuple(map(decode_bytes, fresh)), size)


def _status(shown: list[Any]) -> Status:
    match shown:
        case ["open"]:
            return OPEN
        case ["closed"]:
            return CLOSED
        case ["failed", value, closed]:
            return Failed(value, closed)
        case _:
            raise ValueError(f"not a status as it is shown: {shown}")
