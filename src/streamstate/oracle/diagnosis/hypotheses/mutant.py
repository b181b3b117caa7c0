"""The model with several mistakes: what a registry answers that makes these and no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from streamstate.model import Op, State, Step, advance
from streamstate.oracle.diagnosis.hypotheses.application import Application
from streamstate.oracle.diagnosis.hypotheses.guesses import is_guessed
from streamstate.oracle.diagnosis.hypotheses.hypothesis import Hypothesis
from streamstate.oracle.diagnosis.hypotheses.walking import counts_bytes, is_nobody_waiting
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Expected, Link, Node
from streamstate.oracle.programs.program import Program, Symbol
from streamstate.oracle.programs.rulesets import bits_of
from streamstate.wire import Advance
from streamstate.wire.answers import answer_by


class _Way(Node):
    """A state that programs have led to. `node` is the model's node of the same state, if there is
    one; `held` is the state if there is none, and None once nobody can tell it any more."""

    __slots__ = ("held", "node")

    def __init__(self, node: Node | None, held: State | None) -> None:
        super().__init__(0, 0, 0, ())
        self.node: Final = node
        self.held: Final = held


class Mutant(CachedModel):
    """A machine that differs from another one by some mistakes. It expects as many answers of a
    program as can be told: after a mistake that says only *wrong*, nothing is known. Where it makes
    no mistake, it goes the way of the other machine."""

    def __init__(self, model: CachedModel, made: Sequence[Hypothesis]) -> None:
        self._model: Final = model
        super().__init__(model.dialect, model.limits)
        self._made: Final = tuple(made)
        self._bits: Final = bits_of(rule for each in made for rule in each.rules)
        self._ways: Final[dict[Node, _Way]] = {}

    @property
    def faultless(self) -> CachedModel:
        """The machine without the mistakes."""
        return self._model

    def _begun(self) -> Node:
        return _Way(self._model.root, None)

    def expect(self, program: Program) -> Expected:
        """The answers that can be told. O(length) if the machine has met the program before."""
        node = self.root
        links: list[Link] = []
        for each in program:
            link = node.links.get(each) or self.link(node, each)
            node = link.target
            if not self.tells(node):
                break
            links.append(link)
        return Expected.of(links)

    def link(self, node: Node, symbol: Symbol) -> Link:
        """The step of `symbol` after all that came before."""
        known = node.links.get(symbol)
        if known is None:
            known = node.links[symbol] = self._link_anew(_way(node), symbol)
        return known

    def _link_anew(self, way: _Way, symbol: Symbol) -> Link:
        if way.node is not None and not counts_bytes(symbol.op):
            link = self._model.link(way.node, symbol)
            if not link.bit & self._bits:
                return link._replace(target=self._shared(link.target))
        guesses: list[Hypothesis] = []
        advancing = self._advancing(guesses.append)
        answered, taken = answer_by(advancing, self.state(way), symbol.op)
        if guesses or is_guessed(answered.json):
            return Link.of(answered, taken, _Way(None, None))
        return Link.of(answered, taken, self._after(answered.state))

    def _after(self, state: State) -> _Way:
        node = None if is_nobody_waiting(state) else self._model.node_of(state)
        return _Way(None, state) if node is None else self._shared(node)

    def _shared(self, node: Node) -> _Way:
        """The one way that stands for all that lead to that node of the model."""
        way = self._ways.get(node)
        if way is None:
            way = self._ways[node] = _Way(node, None)
        return way

    def state(self, node: Node) -> State:
        """The state reached. Raises `ValueError` if nobody can tell it."""
        way = _way(node)
        if way.node is not None:
            return self._model.state(way.node)
        if way.held is None:
            raise ValueError("nobody can tell this state")
        return way.held

    def tells(self, node: Node) -> bool:
        """Whether the outcome of the mistakes is known."""
        way = _way(node)
        return way.node is not None or way.held is not None

    def node_of(self, state: State) -> Node | None:
        """The node of a state; None if the model has none."""
        if is_nobody_waiting(state):
            return None
        node = self._model.node_of(state)
        return None if node is None else self._shared(node)

    def advancing(self, _node: Node) -> Advance:
        """The function that does one op, with all mistakes that say what they do."""
        return self._advancing(lambda _guess: None)

    def _advancing(self, guess: Callable[[Hypothesis], object]) -> Advance:
        done: Advance = advance
        for each in self._made:
            if each.change is None:
                done = partial(_guessing, each, guess, done)
            else:
                done = partial(each.advance, done)
        return done


def _guessing(
    mutant: Hypothesis,
    guess: Callable[[Hypothesis], object],
    done: Advance,
    state: State,
    op: Op,
) -> Step:
    step = done(state, op)
    if step.rule in mutant.rules and mutant.guard.holds(Application(state, op, step)):
        guess(mutant)
    return step


def _way(node: Node) -> _Way:
    assert isinstance(node, _Way)
    return node
