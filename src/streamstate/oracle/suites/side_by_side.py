"""Every two rules that two ops right after each other can take on two streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Final, NamedTuple

from streamstate.model import Clear, Op
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.editing import put_on
from streamstate.oracle.programs.program import Program, Symbol, program_of
from streamstate.oracle.suites.building import ONE, TWO, On
from streamstate.oracle.suites.rule_graph import RuleGraph, Step

_MOST: Final = 60
"""Ops of a program, at most."""


def side_by_side_programs(
    model: CachedModel, made: Callable[[], RuleGraph], *, get: bool
) -> Iterator[Program]:
    """All programs of this suite but those of one stream, in a fixed order. `made` makes the graph,
    once that is needed; `get` says whether they may look into streams."""
    graph = made()
    walk = _Walk(model, set(_on_one_stream(graph)), get=get)
    ways = [*_ways(graph).values()]
    for first, second in product(ways, ways):
        pair = (first.step.rule, second.step.rule)
        if pair not in walk.taken and not isinstance(first.op, Clear):
            program = walk.from_(program_of(_beside(first, second)))
            if pair in walk.taken:
                yield program


def _on_one_stream(graph: RuleGraph) -> Iterator[tuple[int, int]]:
    """Those that programs of one stream take."""
    for steps in graph.steps.values():
        for first in steps:
            after = graph.steps[first.target]
            yield from ((first.rule, second.rule) for second in after if len(second.ops) == 1)


class _Way(NamedTuple):
    """A way to have a stream take a rule: what leads there, and the step."""

    before: tuple[Op, ...]
    step: Step

    @property
    def op(self) -> Op:
        return self.step.ops[0]


def _ways(graph: RuleGraph) -> dict[int, _Way]:
    """A shortest one for each rule, all its ops on one stream."""
    found: dict[int, _Way] = {}
    for shape, steps in graph.steps.items():
        before = tuple(op for step in graph.access[shape] for op in step.ops)
        for step in steps:
            if len(step.ops) == 1:
                found.setdefault(step.rule, _Way(before, step))
    return found


def _beside(first: _Way, second: _Way) -> Iterator[Op]:
    """One step on each of two streams, the second on that which is made first, if it is made."""
    mine, other = (2, 1) if second.before else (1, 2)
    yield from (put_on(op, other) for op in second.before)
    yield from (put_on(op, mine) for op in (*first.before, first.op))
    yield put_on(second.op, other)


class _Walk:
    """Programs that take what none has taken yet. `taken` are the pairs of rules."""

    def __init__(self, model: CachedModel, taken: set[tuple[int, int]], *, get: bool) -> None:
        self._model: Final = model
        self._choices: Final = program_of(_choices((ONE, TWO), get=get))
        self.taken: Final = taken

    def from_(self, begun: Iterable[Symbol]) -> Program:
        """A program that begins so, and goes on as long as the next op takes a new pair."""
        program: list[Symbol] = []
        node, last = self._model.root, 0
        following = iter(begun)
        while len(program) < _MOST:
            each = next(following, None)
            if each is None:
                new = (
                    other
                    for other in self._choices
                    if (last, self._model.link(node, other).bit) not in self.taken
                )
                each = next(new, None)
            if each is None:
                break
            link = self._model.link(node, each)
            self.taken.add((last, link.bit))
            node, last = link.target, link.bit
            program.append(each)
        return tuple(program)


def _choices(streams: Iterable[On], *, get: bool) -> Iterator[Op]:
    for on in streams:
        yield from (on.push(b"a"), on.pull, on.close, on.error(), on.is_full, on.delete)
        if get:
            yield on.get
