"""Models that differ from the specification in one thing, one for each kind of difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from streamstate.model import (
    Effect,
    Idle,
    Op,
    Rejected,
    Resolved,
    Returned,
    Rule,
    State,
    Step,
    Stream,
    Unblocked,
    Waiting,
    advance,
)
from streamstate.model.state import Failed, Queue
from streamstate.model.values import DELETED

Change: TypeAlias = Callable[[Step], Step]

QUEUEING: Final = "isolate+overlapping_pull=queue"


@dataclass(frozen=True, slots=True)
class BrokenModel:
    """The model with `change` made to what it does. The comparison has to say that at `rule` the
    `what` is another."""

    name: str
    change: Change
    rule: Rule
    what: str
    dialect: str = "reference"

    def advance(self, state: State, op: Op) -> Step:
        return self.change(advance(state, op))


def at(rule: Rule, change: Change) -> Change:
    return lambda taken: change(taken) if taken.rule is rule else taken


def taking(rule: Rule) -> Change:
    return lambda taken: taken._replace(rule=rule)


def returning(value: int) -> Change:
    return to_each_effect(lambda one: Returned(value) if isinstance(one, Returned) else one)


def to_each_effect(change: Callable[[Effect], Effect]) -> Change:
    return lambda taken: taken._replace(effects=tuple(change(one) for one in taken.effects))


def without(kind: type[Effect]) -> Change:
    def change(taken: Step) -> Step:
        return taken._replace(effects=tuple(e for e in taken.effects if not isinstance(e, kind)))

    return change


def backwards(taken: Step) -> Step:
    return taken._replace(effects=taken.effects[::-1])


def deleted(effect: Effect) -> Effect:
    return Rejected(effect.pull, DELETED) if isinstance(effect, Resolved) else effect


def of_the_next_pull(effect: Effect) -> Effect:
    return replace(effect, pull=effect.pull + 1) if isinstance(effect, Resolved) else effect


def to_the_state(change: Callable[[State], State]) -> Change:
    return lambda taken: taken._replace(state=change(taken.state))


def counting_back(state: State) -> State:
    return replace(state, next_pull=state.next_pull - 1)


def holding_nothing(state: State) -> State:
    return replace(state, handed=())


def to_each_stream(change: Callable[[Stream], Stream]) -> Change:
    def changed(state: State) -> State:
        streams = tuple((number, change(stream)) for number, stream in state.streams)
        return replace(state, streams=streams)

    return to_the_state(changed)


def to_each_queue(change: Callable[[Queue], Queue]) -> Change:
    return to_each_stream(
        lambda one: replace(one, queue=change(one.queue)) if isinstance(one, Idle) else one
    )


def newest_first(queue: Queue) -> Queue:
    return replace(queue, fresh=queue.fresh[::-1])


def uncounted(queue: Queue) -> Queue:
    return replace(queue, size=0)


def given_back_last(queue: Queue) -> Queue:
    return replace(queue, given_back=queue.given_back[::-1])


def given_back_elsewhere(queue: Queue) -> Queue:
    moved = tuple(replace(one, place=one.place + 1) for one in queue.given_back)
    return replace(queue, given_back=moved)


def failed_otherwise(stream: Stream) -> Stream:
    match stream:
        case Idle(_, Failed(_, closed)):
            return replace(stream, status=Failed("z", closed))
        case _:
            return stream


def waiting_newest_first(stream: Stream) -> Stream:
    match stream:
        case Waiting(accepted, first, others):
            newest, *older = (first, *others)[::-1]
            return Waiting(accepted, newest, tuple(older))
        case _:
            return stream


BROKEN_MODELS: Final = (
    BrokenModel("another rule", at(Rule.CLOSE_4, taking(Rule.CLOSE_1)), Rule.CLOSE_4, "rule"),
    BrokenModel("another value returned", at(Rule.PUSH_2, returning(True)), Rule.PUSH_2, "effects"),
    BrokenModel("1 returned for true", at(Rule.PUSH_5, returning(1)), Rule.PUSH_5, "effects"),
    BrokenModel(
        "a settlement missing",
        at(Rule.DELETE_3, without(Rejected)),
        Rule.DELETE_3,
        "effects",
    ),
    BrokenModel(
        "settled newest first",
        at(Rule.CLOSE_2, backwards),
        Rule.CLOSE_2,
        "effects",
        QUEUEING,
    ),
    BrokenModel(
        "another outcome",
        at(Rule.CLOSE_2, to_each_effect(deleted)),
        Rule.CLOSE_2,
        "effects",
    ),
    BrokenModel(
        "another pull settled",
        at(Rule.PULL_2, to_each_effect(of_the_next_pull)),
        Rule.PULL_2,
        "effects",
    ),
    BrokenModel("writers not told", without(Unblocked), Rule.PULL_2, "effects"),
    BrokenModel("writers told first", at(Rule.PULL_2, backwards), Rule.PULL_2, "effects"),
    BrokenModel("queued newest first", to_each_queue(newest_first), Rule.PUSH_5, "state"),
    BrokenModel("bytes not counted", to_each_queue(uncounted), Rule.PUSH_5, "state"),
    BrokenModel("another error value", to_each_stream(failed_otherwise), Rule.ERROR_3, "state"),
    BrokenModel(
        "given back in another order",
        to_each_queue(given_back_last),
        Rule.CANCEL_PULL_4,
        "state",
    ),
    BrokenModel(
        "given back to another place",
        to_each_queue(given_back_elsewhere),
        Rule.CANCEL_PULL_4,
        "state",
    ),
    BrokenModel("handed and forgotten", to_the_state(holding_nothing), Rule.PULL_2, "state"),
    BrokenModel(
        "waiting newest first",
        to_each_stream(waiting_newest_first),
        Rule.PULL_12,
        "state",
        QUEUEING,
    ),
    BrokenModel(
        "a pull's number used again",
        at(Rule.PULL_1, to_the_state(counting_back)),
        Rule.PULL_1,
        "state",
    ),
)
