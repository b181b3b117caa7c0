"""Long random programs in which pushes wait, the same for the same seed.

They are random walks on streams that are full soon: by limits of two chunks, where an adapter
offers limits, else by as many chunks as the usual limits take, which come first. Into these are put
cancels of pushes, and ops that are done together, as far as `races` lets them be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from random import Random
from typing import Final

from streamstate.model import MAX_QUEUE_CHUNKS, CancelPush, Get, Op
from streamstate.model.invariants import waiting_pushes
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Node
from streamstate.oracle.programs.program import Program, Symbol, program_of, symbol
from streamstate.oracle.suites.building import ONE
from streamstate.oracle.suites.races import is_answered_in_one_way
from streamstate.oracle.suites.random_walks import random_walks
from streamstate.wire import Together, Turn

_CANCELS: Final = 0.2
_ANY_PUSH: Final = 0.2
_TOGETHER: Final = 0.2
_MOST_TOGETHER: Final = 3

_FILLING: Final = program_of(ONE.push(bytes([1, 0, n])) for n in range(MAX_QUEUE_CHUNKS))


def random_pushes(
    model: CachedModel, seed: int, count: int, capabilities: Collection[str]
) -> Iterator[Program]:
    """`count` programs for registries with the limits of `model`."""
    random = Random(f"pushes {seed}")
    many = model.limits.max_queue_chunks == MAX_QUEUE_CHUNKS
    for create, *rest in random_walks(seed, count, get="get" in capabilities):
        filled = _FILLING if many and random.random() < _FILLED else ()
        walk = [each.op for each in (create, *filled, *rest)]
        yield tuple(_mixed(model, random, walk, capabilities))


_FILLED: Final = 0.8


def _mixed(
    model: CachedModel, random: Random, walk: Sequence[Turn], capabilities: Collection[str]
) -> Iterator[Symbol]:
    """The walk with cancels of pushes in it, and some of its ops done together."""
    node, at = model.root, 0
    while at < len(walk):
        turn, taken = walk[at], 1
        if "cancel_push" in capabilities and random.random() < _CANCELS:
            yield (cancel := symbol(_cancel(model, node, random)))
            node = model.link(node, cancel).target
        if "together" in capabilities and random.random() < _TOGETHER:
            several = walk[at : at + random.randint(2, _MOST_TOGETHER)]
            ops = tuple(each for each in several if not isinstance(each, Together | Get))
            if len(ops) == len(several) > 1 and is_answered_in_one_way(model, node, Together(ops)):
                turn, taken = Together(ops), len(ops)
        yield (each := symbol(turn))
        node = model.link(node, each).target
        at += taken


def _cancel(model: CachedModel, node: Node, random: Random) -> Op:
    """Of a push that waits, now and then of any other."""
    state = model.state(node)
    waiting = [each.push for _, stream in state.streams for each in waiting_pushes(stream)]
    if waiting and random.random() >= _ANY_PUSH:
        return CancelPush(random.choice(waiting))
    return CancelPush(random.randrange(state.next_push + 2))
