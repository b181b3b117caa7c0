"""What one stream can come to, and by which rules: a small graph, made by asking the model.

A stream is taken for its shape, as in the complete suites, and has few chunks and few pulls that
wait. All that a rule can come after shows within these bounds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Op, pushes_wait
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Node
from streamstate.oracle.programs.program import symbol
from streamstate.oracle.suites.building import CLEAR, CREATE, FULL, ONE, TWO, Ops
from streamstate.oracle.suites.complete.abstraction import stream_shape

_MOST_CHUNKS: Final = 4
_MOST_WAITING: Final = 4
_MOST_OFFERED: Final = 2
_SMALL: Final = b"a"
_UNMADE: Final = "not made yet"


class Step(NamedTuple):
    """What is done to stream 1: the rule that the last of the ops takes, as a set, and the shape
    that it leads to. The ops before that one are on another stream."""

    rule: int
    ops: Ops
    target: object


Walk: TypeAlias = tuple[Step, ...]
"""Steps, each from where the one before leads to."""


class RuleGraph(NamedTuple):
    """The steps from each shape that stream 1 can have, and a shortest walk there."""

    steps: dict[object, tuple[Step, ...]]
    access: dict[object, Walk]

    def walks_of_three(self) -> Iterator[tuple[object, Walk]]:
        """Walks of three steps that take all rules there are, each with the shape that it begins
        at: of walks whose first two steps take the same rules to the same shape, those of one."""
        begun: set[object] = set()
        for shape, steps in self.steps.items():
            for first in steps:
                for second in self.steps[first.target]:
                    both = (first.rule, second.rule, second.target)
                    if both not in begun:
                        begun.add(both)
                        for third in self.steps[second.target]:
                            yield shape, (first, second, third)


def rule_graph(model: CachedModel, *, get: bool) -> RuleGraph:
    """The graph of the model's dialect. O(shapes · ops) model steps."""
    graph = RuleGraph({}, {_UNMADE: ()})
    choices = partial(_choices, get=get, waits=pushes_wait(model.dialect))
    to_visit: deque[tuple[object, Node]] = deque([(_UNMADE, model.root)])
    while to_visit:
        shape, node = to_visit.popleft()
        stepped = [_step(model, node, ops) for ops in choices(shape)]
        small = [(step, reached) for step, reached in stepped if _is_small(step.target)]
        graph.steps[shape] = tuple(step for step, _ in small)
        for step, reached in small:
            if step.target not in graph.access:
                graph.access[step.target] = (*graph.access[shape], step)
                to_visit.append((step.target, reached))
    return graph


def _step(model: CachedModel, node: Node, ops: Ops) -> tuple[Step, Node]:
    *before, last = map(symbol, ops)
    for each in before:
        node = model.link(node, each).target
    link = model.link(node, last)
    return Step(link.bit, ops, _shape(link.target)), link.target


def _choices(shape: object, *, get: bool, waits: bool) -> Iterator[Ops]:
    """What can be done to a stream of that shape, the smaller things first. `waits` says whether a
    push waits for room."""
    looks: tuple[Op, ...] = (ONE.get,) if get else ()
    each = (ONE.push(_SMALL), ONE.pull, ONE.close, ONE.error(), ONE.is_full, *looks, ONE.delete)
    yield from ((op,) for op in each)
    if shape == _UNMADE:
        yield (CREATE,)
    elif shape is not None:
        yield (CLEAR,)
        yield (CREATE, TWO.pull, CLEAR)
        if waits:
            yield (CREATE, TWO.push(FULL), TWO.push(_SMALL), CLEAR)
    yield (ONE.push(FULL),)


def _shape(node: Node) -> object:
    if node.next_stream == 1:
        return _UNMADE
    return next((stream_shape(stream) for number, stream in node.streams if number == 1), None)


def _is_small(shape: object) -> bool:
    match shape:
        case int(waiting):
            return waiting <= _MOST_WAITING
        case (_, tuple(offered), tuple(sizes)):
            few = len(offered) <= _MOST_OFFERED and len(sizes) <= _MOST_CHUNKS
            return few and max(each.count(len(FULL)) for each in (offered, sizes)) <= 1
        case (_, tuple(sizes)):
            return len(sizes) <= _MOST_CHUNKS and sizes.count(len(FULL)) <= 1
        case _:
            return True
