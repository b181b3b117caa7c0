"""Follows the model along a program, step by step."""

from __future__ import annotations

from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

from streamstate.model import IsQueueFull, Op, State, Step, Stream, Waiting
from streamstate.model.invariants import waiting_pushes
from streamstate.oracle.diagnosis.hypotheses.application import NOBODY, NOBODYS_PUSH
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Expected, Node
from streamstate.oracle.programs.program import Symbol
from streamstate.wire import Together, Turn, answer

Steps: TypeAlias = tuple[tuple[State, Op, Step], ...]

_KNOWN: Final[WeakKeyDictionary[CachedModel, dict[tuple[Node, Symbol], Steps]]] = (
    WeakKeyDictionary()
)
"""What each model was seen to do. It goes with the model, since no node keeps the model."""


def steps_of(model: CachedModel, node: Node, symbol: Symbol) -> Steps:
    """The steps of the model in one turn."""
    known = _KNOWN.setdefault(model, {})
    found = known.get((node, symbol))
    if found is None:
        found = known[node, symbol] = _steps_anew(model, node, symbol)
    return found


def _steps_anew(model: CachedModel, node: Node, symbol: Symbol) -> Steps:
    steps: list[tuple[State, Op, Step]] = []

    done = model.advancing(node)

    def watching(state: State, op: Op) -> Step:
        step = done(state, op)
        steps.append((state, op, step))
        return step

    answer(model.state(node), symbol.op, watching)
    return tuple(steps)


def state_before(model: CachedModel, expected: Expected, at: int) -> State:
    """The state before op `at`."""
    return model.state(node_before(model, expected, at))


def node_before(model: CachedModel, expected: Expected, at: int) -> Node:
    """The node before op `at`. O(1)."""
    return expected.links[at - 1].target if at else model.root


def is_nobody_waiting(state: State) -> bool:
    """Whether a pull or push waits that is settled for nobody: the model alone would tell of it."""
    return any(_is_nobody_on(stream) for _, stream in state.streams)


def _is_nobody_on(stream: Stream) -> bool:
    if isinstance(stream, Waiting):
        return NOBODY in (stream.first, *stream.others)
    return any(offered.push == NOBODYS_PUSH for offered in waiting_pushes(stream))


def counts_bytes(turn: Turn) -> bool:
    """Whether it looks at the counted size, which may be more than is there: only the model ignores
    that."""
    return isinstance(turn, IsQueueFull | Together)
