"""The page's interpreter of the table does what the model does, and a wrong one is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from random import Random
from typing import Final, NamedTuple

import pytest

from streamstate.model import (
    OF_THE_TABLE,
    Abandoned,
    Accepted,
    Action,
    Chunk,
    Effect,
    Op,
    Push,
    Rejected,
    Resolved,
    Returned,
    State,
    TurnedAway,
    Unblocked,
    advance,
)
from streamstate.model.state import (
    Failed,
    Idle,
    PushesWaiting,
    Queue,
    Stream,
    Waiting,
    control_of,
)
from streamstate.wire import (
    Json,
    encode_bytes,
    encode_limits,
    encode_program,
    parse_program,
)
from streamstate.wire.answers import encode_reason, encode_view
from tests.explorer.browser import Browser
from tests.strategies import TINY, UNBUFFERED, random_program, random_start

RANDOM: Final = 400
"""Programs that are drawn."""


class Case(NamedTuple):
    """A program to run from a start."""

    start: State
    program: tuple[Op, ...]


@cache
def cases(number: int) -> tuple[Case, ...]:
    """So many, with any dialects and limits; error values as they are on the wire, and chunks
    small, as all of them are told at each step."""
    return tuple(islice(_cases(Random(17)), number))


def _cases(random: Random) -> Iterator[Case]:
    while True:
        pushes = random.random() < 0.4
        drawn = random_program(random, random.randint(5, 60), pushes=pushes)
        small = [Push(op.stream, op.chunk[:4]) if isinstance(op, Push) else op for op in drawn]
        start = random_start(random, pushes=pushes)
        limits = random.choice(TINY)
        if pushes and limits == TINY[0]:
            limits = UNBUFFERED[0]
        yield Case(replace(start, limits=limits), parse_program(encode_program(small)))


def told_of(effect: Effect) -> Mapping[str, Json]:
    match effect:
        case Resolved(pull, Chunk(chunk)):
            return {"pull": pull, "as": "value", "chunk": encode_bytes(chunk)}
        case Resolved(pull):
            return {"pull": pull, "as": "done"}
        case Rejected(pull, reason):
            return {"pull": pull, "as": "error", "message": encode_reason(reason)}
        case Abandoned(pull):
            return {"pull": pull, "as": "abandoned"}
        case Accepted(push):
            return {"push": push, "as": "accepted"}
        case TurnedAway(push, reason):
            return {"push": push, "as": "turned_away", "message": encode_reason(reason)}
        case Unblocked(stream):
            return {"stream": stream, "as": "unblocked"}
        case Returned():
            raise AssertionError("comes first and once")


def stream_of(state: State, number: int, stream: Stream) -> list[Json]:
    """Its situation, accepted pushes, pulls that wait, chunks with their places, error, and pushes
    that wait."""
    at = control_of(stream, state.limits).name
    match stream:
        case Waiting(accepted, first, others):
            return [number, at, accepted, [first, *others], [], None, []]
        case PushesWaiting(accepted, queue, offered, more):
            pushes: list[Json] = [[one.push, encode_bytes(one.chunk)] for one in (offered, *more)]
            return [number, at, accepted, [], _chunks_of(accepted, queue), None, pushes]
        case Idle(accepted, status, queue):
            error = str(status.value) if isinstance(status, Failed) else None
            return [number, at, accepted, [], _chunks_of(accepted, queue), error, []]


def _chunks_of(accepted: int, queue: Queue) -> list[Json]:
    back: list[Json] = [[each.place, encode_bytes(each.chunk)] for each in queue.given_back]
    first = accepted - len(queue.fresh) + 1
    fresh: list[Json] = [[first + n, encode_bytes(chunk)] for n, chunk in enumerate(queue.fresh)]
    return [*back, *fresh]


def modelled(case: Case) -> Iterator[Json]:
    """What each step comes to in the model."""
    state = case.start
    for op in case.program:
        rule, state, effects = advance(state, op)
        returned: Json = None
        if effects and isinstance(effects[0], Returned):
            value, *_ = (each.value for each in effects[:1] if isinstance(each, Returned))
            returned = value if value is None or isinstance(value, int) else encode_view(value)
            effects = effects[1:]
        yield [
            rule.name,
            returned,
            [told_of(effect) for effect in effects],
            [stream_of(state, number, stream) for number, stream in state.streams],
            [[h.pull, h.stream, h.place, encode_bytes(h.chunk)] for h in state.handed],
            [state.next_stream, state.next_pull, state.next_push],
        ]


INTERPRET: Final = """((cases) => cases.map(({dialect, limits, program}) => {
  const name = ({number, phase, accepted, pulls, queue, error, pushes}, state) => [number,
    data.situations[machine.situation(state, {phase, queue})].name, accepted, pulls,
    queue.map(({place, chunk}) => [place, chunk]), error,
    pushes.map(({push, chunk}) => [push, chunk])];
  let state = machine.initial(reader.dialect(dialect), limits);
  const steps = [];
  try {
    for (const op of program) {
      const step = machine.step(state, op);
      state = step.state;
      steps.push([step.rule, step.returned, step.told, state.streams.map((s) => name(s, state)),
        state.handed.map(({pull, stream, place, chunk}) => [pull, stream, place, chunk]),
        [state.nextStream, state.nextPull, state.nextPush]]);
    }
  } catch (error) { steps.push(String(error)); }
  return steps;
}))(%s)"""


def interpreted(page: Browser, several: Sequence[Case]) -> list[list[Json]]:
    """What each step of each case comes to on the page."""
    asked = [
        {
            "dialect": str(case.start.dialect),
            "limits": encode_limits(case.start.limits),
            "program": encode_program(case.program),
        }
        for case in several
    ]
    answered: list[list[Json]] = page.ask(INTERPRET % json.dumps(asked))
    return answered


def differing(page: Browser, several: Sequence[Case]) -> list[Case]:
    """The cases in which the page does not do what the model does."""
    found = interpreted(page, several)
    meant = json.loads(json.dumps(meaning(several)))
    return [case for case, one, other in zip(several, found, meant, strict=True) if one != other]


@cache
def meaning(several: Sequence[Case]) -> list[list[Json]]:
    """What each step of each case comes to in the model."""
    return [list(modelled(case)) for case in several]


@pytest.mark.needs_chromium
def test_random_programs_do_on_the_page_what_they_do_in_the_model(page: Browser) -> None:
    several = cases(RANDOM)
    assert len({case.start.dialect for case in several}) > 120
    assert differing(page, several) == []
    fired = {step[0] for case in several for step in modelled(case)}  # type: ignore[index]
    assert len(fired) == len(OF_THE_TABLE)


WRONG: Final = {
    "a chunk is put in front": "ACTIONS.APPEND = ({ stream, subject }) => { stream.accepted += 1;"
    " stream.queue.unshift({ place: stream.accepted, chunk: subject.chunk }); }",
    "the newest chunk is handed": "ACTIONS.HAND_QUEUED = (doing) =>"
    " hand(doing, doing.subject.pull, doing.stream.queue.pop())",
    "the newest pull is served": "ACTIONS.HAND_PUSHED = (doing) => { doing.stream.accepted += 1;"
    " hand(doing, doing.stream.pulls.pop(), { place: doing.stream.accepted,"
    " chunk: doing.subject.chunk }); }",
    "a chunk comes back last": "ACTIONS.GIVE_BACK = (doing) => { letGo(doing);"
    " doing.stream.queue.push({ place: doing.subject.place, chunk: doing.subject.chunk }); }",
    "pulls end newest first": "ACTIONS.FINISH_WAITING = ({ stream, tell }) => {"
    ' for (const pull of stream.pulls.splice(0).reverse()) tell({ pull, as: "done" }); }',
    "a chunk handed on is still held by the first": "ACTIONS.HAND_ON = (doing) =>"
    " hand(doing, doing.stream.pulls.shift(), doing.subject)",
    "a queue is full only beyond its bytes": "levelOf = (limits, chunks, size) =>"
    " chunks === 0 ? 0 : size > limits.high_water_mark || chunks >= limits.max_queue_chunks ?"
    " 2 : 1",
    "an empty chunk is nothing": "levelOf = (limits, chunks, size) =>"
    " size === 0 ? 0 : size >= limits.high_water_mark || chunks >= limits.max_queue_chunks ?"
    " 2 : 1",
    "a pull leaves the queue as full as it was": "CHUNKS_MORE.PULL = 0",
}
"""What is easy to get wrong."""


@pytest.mark.needs_chromium
@pytest.mark.parametrize("wrong", [f"{action.name} = () => {{}}" for action in Action])
def test_an_action_that_is_not_done_is_noticed(page: Browser, wrong: str) -> None:
    page.ask(f"ACTIONS.{wrong}")
    assert differing(page, cases(120)) != []


@pytest.mark.needs_chromium
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_is_done_wrongly_is_noticed(page: Browser, wrong: str) -> None:
    page.ask(wrong)
    every = cases(960)
    assert any(differing(page, every[at : at + 120]) for at in range(0, 960, 120))


@pytest.mark.needs_chromium
def test_the_page_knows_every_action(page: Browser) -> None:
    assert page.ask("Object.keys(ACTIONS)") == [action.name for action in Action]
