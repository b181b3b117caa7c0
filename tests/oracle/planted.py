"""Implementations that make one mistake on top of the model, without a line of code for each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from streamstate.model import (
    REFERENCE,
    Idle,
    Limits,
    Op,
    Push,
    Rejected,
    Resolved,
    Rule,
    State,
    Step,
    advance,
    initial,
)
from streamstate.model.state import Queue
from streamstate.oracle.adapters.implementation import Hello, Request
from streamstate.oracle.campaign.runner import Finding, Runner
from streamstate.oracle.diagnosis.hypotheses.application import (
    LOST,
    NOBODY,
    SOME_ERROR,
    SOME_NUMBER,
    SOMETHING,
    Application,
    Change,
)
from streamstate.oracle.diagnosis.hypotheses.evidence import ordinary_programs, run_all
from streamstate.oracle.diagnosis.hypotheses.fitting import Runs
from streamstate.oracle.diagnosis.hypotheses.guards import ALWAYS, Guard
from streamstate.oracle.diagnosis.hypotheses.operators import CHANGES
from streamstate.oracle.diagnosis.hypotheses.queues import as_counted
from streamstate.oracle.diagnosis.minimisation import shrink
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.oracle.programs.program import Program, Symbol, program_of
from streamstate.oracle.suites.plan import Suite
from streamstate.wire import Turn, answer, compact, encode_bytes

_MACHINES: Final = CachedModels()

_SPOKEN: Final = {
    compact(LOST): '"undefined"',
    compact(SOME_ERROR): '"oops"',
    compact(encode_bytes(SOMETHING)): '"c3BvaWx0"',
    compact(SOME_NUMBER): "4096",
}
"""What an implementation would say where a supposed mistake has a mark for anything wrong."""


class _Node(NamedTuple):
    """What some ops lead to: programs begin alike, so each beginning is done once."""

    state: State
    reached: dict[Symbol, tuple[str, _Node]]


class _Started(dict[Limits | None, _Node]):
    """A fresh registry for each pair of limits."""

    def __missing__(self, limits: Limits | None) -> _Node:
        self[limits] = _Node(initial(REFERENCE, limits), {})
        return self[limits]


class Planted:
    """Answers as the model does, but for one mistake at some rules."""

    def __init__(
        self,
        change: Change,
        rules: Collection[Rule],
        guard: Guard = ALWAYS,
        capabilities: Collection[str] = ("get", "limits"),
    ) -> None:
        self.hello: Final = Hello(change.says, "1", "none", frozenset(capabilities), exact=True)
        self._change: Final = change
        self._rules: Final = frozenset(rules)
        self._guard: Final = guard
        self._started: Final = _Started()

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        for request in requests:
            node = self._started[request.limits]
            said: list[str] = []
            for each in request.program:
                text, node = node.reached.get(each) or self._go_on(node, each)
                said.append(text)
            yield f'{{"seq":{request.seq},"trace":[{",".join(said)}],"late":[]}}'.encode()

    def _go_on(self, node: _Node, each: Symbol) -> tuple[str, _Node]:
        answered = answer(node.state, each.op, self._advance)
        after = _Node(answered.state, {})
        node.reached[each] = _spoken(answered.text), after
        return node.reached[each]

    def close(self) -> None:
        """There is nothing to end."""

    def _advance(self, state: State, op: Op) -> Step:
        step = advance(state, op)
        application = Application(state, op, step)
        if step.rule in self._rules and self._guard.holds(application):
            step = self._change.made(application)
        step = as_counted(state, op, step)
        return step._replace(effects=tuple(e for e in step.effects if not _is_of_nobody(e)))


def _is_of_nobody(effect: object) -> bool:
    return isinstance(effect, Resolved | Rejected) and effect.pull == NOBODY


def _spoken(text: str) -> str:
    for mark, words in _SPOKEN.items():
        text = text.replace(mark, words)
    return text


@cache
def change_that(says: str) -> Change:
    """The supposed mistake of those words."""
    (change,) = (each for each in CHANGES if each.says == says)
    return change


def changing_chunks(pushed: Callable[[bytes], bytes]) -> Change:
    """A mistake that no search looks for: the registry makes another chunk of what is pushed."""

    def made(application: Application) -> Step:
        op = application.op
        if not isinstance(op, Push):
            return application.step
        return advance(application.before, replace(op, chunk=pushed(op.chunk)))

    return Change("makes another chunk of what is pushed", made)


AS_TEXT: Final = changing_chunks(lambda chunk: chunk.decode(errors="replace").encode())
SHORTENED: Final = changing_chunks(lambda chunk: chunk[:-1])


def _reversed(application: Application) -> Step:
    step, state = application.step, application.step.state
    for number, stream in state.streams:
        if isinstance(stream, Idle):
            chunks = stream.queue.chunks()[::-1]
            turned = replace(stream, queue=Queue((), chunks, stream.queue.size))
            state = replace(state, streams=state.streams_with(number, turned))
    return step._replace(state=state)


REVERSED: Final = Change("reverses every queue", _reversed)
"""Another one."""


def runner_with(planted: Planted) -> Runner:
    """For trying programs on it."""
    return Runner(lambda: planted, REFERENCE, _MACHINES)


def machine() -> CachedModel:
    """The model that planted mistakes are found against."""
    return _MACHINES.of(REFERENCE)


def finding_of(runner: Runner, *ops: Turn) -> Finding:
    """How a program deviates that does."""
    finding = runner.try_one(program_of(ops), None)
    assert finding is not None
    return finding


@cache
def some_programs(*, get: bool) -> tuple[Program, ...]:
    """Some of those that are run to tell mistakes apart: enough for most."""
    return ordinary_programs(get=get)[::3]


def some_planned(
    _machine: CachedModel, capabilities: Collection[str], _seed: int
) -> Iterator[Suite]:
    """A plan of those programs."""
    programs = some_programs(get="get" in capabilities)
    yield Suite("some", "what mistakes are told apart by", iter(programs))


def runs_of(runner: Runner) -> Runs:
    """What it answers to those programs."""
    programs = some_programs(get=runner.shows_get())
    return Runs(machine(), run_all(runner, programs, None))


def shortest_finding(runner: Runner) -> Finding:
    """The shortest of those programs that deviates, and made shorter."""
    programs = some_programs(get=runner.shows_get())
    found = (each for each in runner.try_all(programs, None) if each is not None)
    return shrink(runner, min(found, key=lambda each: len(each.program)))
