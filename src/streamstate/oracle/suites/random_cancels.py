"""Long random programs that give up pulls, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from streamstate.model import CancelPull, Get, Op, Pull, PullId, State
from streamstate.model.invariants import waiting_pulls
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Node
from streamstate.oracle.programs.program import Program, Symbol, symbol
from streamstate.oracle.suites.races import is_telling
from streamstate.oracle.suites.random_walks import random_walks
from streamstate.wire import Together, Turn

_CANCELS: Final = 0.4
_PLACED: Final = 0.75
_ANY_PULL: Final = 0.1
_MOST_TOGETHER: Final = 4
_HOW_MANY: Final = (1, 1, 1, 2)


def random_cancels(model: CachedModel, seed: int, count: int, *, get: bool) -> Iterator[Program]:
    """`count` programs; `get` says whether they may look into streams."""
    random = Random(f"cancels {seed}")
    for walk in random_walks(seed, count, get=get):
        yield tuple(_with_cancels(model, random, [each.op for each in walk]))


def _with_cancels(model: CachedModel, random: Random, walk: Sequence[Turn]) -> Iterator[Symbol]:
    node, at = model.root, 0
    while at < len(walk):
        turns: tuple[Turn, ...] = (walk[at],)
        taken = 1
        if random.random() < _CANCELS:
            taken = random.randrange(_MOST_TOGETHER)
            ops = [each for each in walk[at : at + taken] if not isinstance(each, Together)]
            turns = _given_up(model, node, ops, random)
        at += taken
        for turn in turns:
            each = symbol(turn)
            yield each
            node = model.link(node, each).target


def _given_up(
    model: CachedModel, node: Node, ops: Sequence[Op], random: Random
) -> tuple[Turn, ...]:
    """The ops with a cancel or two among them: together, where that may be asked, or in turn."""
    state = model.state(node)
    mixed: list[Op] = list(ops)
    if state.streams and random.random() < _PLACED:
        stream, _ = random.choice(state.streams)
        mixed.insert(0, Pull(stream))
    pulls = _worth_a_cancel(state, mixed)
    if random.random() < _ANY_PULL:
        pulls = range(1, state.next_pull + 2)
    elif not pulls:
        return tuple(ops)
    placed = tuple(mixed)
    cancels = [CancelPull(random.choice(pulls)) for _ in range(random.choice(_HOW_MANY))]
    for cancel in cancels:
        mixed.insert(random.randint(0, len(mixed)), cancel)
    if len(mixed) > 1 and not any(isinstance(op, Get) for op in mixed):
        together = Together(tuple(mixed))
        if is_telling(model, node, together):
            return (together,)
    return (*placed, *cancels)


def _worth_a_cancel(state: State, ops: Sequence[Op]) -> Sequence[PullId]:
    """The pulls that wait, and those that the ops place."""
    placed = sum(isinstance(op, Pull) for op in ops)
    waiting = (pull for _, stream in state.streams for pull in waiting_pulls(stream))
    return (*waiting, *range(state.next_pull, state.next_pull + placed))
