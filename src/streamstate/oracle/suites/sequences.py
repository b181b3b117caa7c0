"""Every three rules that can come right after each other on one stream.

Found by search on the model: the stream is led wherever the next rule makes three that there were
not yet, and where nothing near does, a new program begins with three that are missing. What all
short programs of one stream take (`suites.short`) is not done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, count
from typing import Final

from streamstate.model import Get, Push
from streamstate.oracle.suites.building import Ops, marked
from streamstate.oracle.suites.rule_graph import RuleGraph, Step, Walk

_SHORT: Final = 2
"""Ops that lead to a stream whose next three are in some short program."""


def sequence_programs(made: Callable[[], RuleGraph]) -> Iterator[Ops]:
    """All programs of this suite, in a fixed order. `made` makes the graph, once that is needed."""
    graph = made()
    walks = tuple(graph.walks_of_three())
    taken = {_rules(walk) for shape, walk in walks if _is_short(graph, shape, walk)}
    for shape, walk in walks:
        if _rules(walk) not in taken:
            led = _led_on(graph, (*graph.access[shape], *walk), taken)
            ops = chain.from_iterable(step.ops for step in led)
            yield tuple(map(marked, ops, count(1)))


_Rules = tuple[int, ...]


def _rules(walk: Walk) -> _Rules:
    return tuple([step.rule for step in walk])


def _is_short(graph: RuleGraph, shape: object, walk: Walk) -> bool:
    """Whether a short program takes it."""
    before = graph.access[shape]
    return len(before) <= _SHORT and all(map(_is_in_short_ones, (*before, *walk)))


def _is_in_short_ones(step: Step) -> bool:
    match step.ops:
        case (Get(),):
            return False
        case (Push(_, chunk),):
            return len(chunk) == 1
        case _:
            return len(step.ops) == 1


def _led_on(graph: RuleGraph, walk: Walk, taken: set[_Rules]) -> Walk:
    """The walk, and on as long as there is something new near. Notes what it takes."""
    taken.update(_rules(walk[at - 3 : at]) for at in range(3, len(walk) + 1))
    while (step := _new(graph, walk, taken)) is not None:
        walk = (*walk, step)
        taken.add(_rules(walk[-3:]))
    return walk


def _new(graph: RuleGraph, walk: Walk, taken: set[_Rules]) -> Step | None:
    """A step that makes three new ones, or after which another does."""
    *_, before, last = walk
    steps = graph.steps[last.target]
    for step in steps:
        if (before.rule, last.rule, step.rule) not in taken:
            return step
    for step in steps:
        for after in graph.steps[step.target]:
            if (last.rule, step.rule, after.rule) not in taken:
                return step
    return None
