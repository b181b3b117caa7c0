"""The model with several mistakes: what a registry answers that makes these and no others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from streamstate.model import Op, State, Step, advance
from streamstate.oracle.diagnosis.hypotheses.guesses import is_guessed
from streamstate.oracle.diagnosis.hypotheses.hypothesis import (
    Hypothesis,
    There,
)
from streamstate.oracle.diagnosis.hypotheses.walking import counts_bytes, is_nobody_waiting
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Expected, Link, Node
from streamstate.oracle.programs.program import Program, Symbol
from streamstate.oracle.programs.rulesets import bits_of
from streamstate.wire import Advance
from streamstate.wire.answers import answer_by


class _Way(Node):
    """The state that programs with a common beginning have led to. `node` is the model's node of
    the same state, if there is one; `held` is the state if there is none, and None once nobody can
    tell it any more."""

    __slots__ = ("at", "before", "came", "held", "node")

    def __init__(
        self,
        node: Node | None,
        held: State | None,
        before: _Way | None = None,
        came: Symbol | None = None,
    ) -> None:
        super().__init__(0, 0, 0, ())
        self.node: Final = node
        self.held: Final = held
        self.before: Final = before
        self.came: Final = came
        self.at: Final[int] = 0 if before is None else before.at + 1

    def history(self) -> list[Link]:
        """The links that lead here. O(length)."""
        links: list[Link] = []
        way = self
        while way.before is not None and way.came is not None:
            links.append(way.before.links[way.came])
            way = way.before
        return links[::-1]


class Mutant(CachedModel):
    """A machine that differs from another one by some mistakes. It expects as many answers of a
    program as can be told: after a mistake that says only *wrong*, nothing is known. Where it makes
    no mistake, it goes the way of the other machine."""

    def __init__(self, model: CachedModel, made: Sequence[Hypothesis]) -> None:
        self._model: Final = model
        super().__init__(model.dialect, model.limits)
        self._made: Final = tuple(made)
        self._bits: Final = bits_of(rule for each in made for rule in each.rules)
        self._remembers: Final = any(each.remembers for each in made)
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
                return link._replace(target=self._way_to(link.target, way, symbol))
        guesses: list[Hypothesis] = []
        advancing = self._advancing(way, guesses.append)
        answered, taken = answer_by(advancing, self.state(way), symbol.op)
        after = self._after(way, symbol, answered.state)
        if guesses or is_guessed(answered.json):
            after = _Way(None, None, way, symbol)
        return Link.of(answered, taken, after)

    def _after(self, way: _Way, symbol: Symbol, state: State) -> _Way:
        node = None if is_nobody_waiting(state) else self._model.node_of(state)
        return _Way(None, state, way, symbol) if node is None else self._way_to(node, way, symbol)

    def _way_to(self, node: Node, before: _Way, symbol: Symbol) -> _Way:
        """The way to that node of the model. One way stands for all that lead there, if it does not
        matter which it is."""
        return _Way(node, None, before, symbol) if self._remembers else self._shared(node)

    def _shared(self, node: Node) -> _Way:
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
        """The node of a state; None if the state alone does not say enough."""
        if self._remembers or is_nobody_waiting(state):
            return None
        node = self._model.node_of(state)
        return None if node is None else self._shared(node)

    def advancing(self, node: Node) -> Advance:
        """Makes the function that does one op there, with all mistakes that say what they do."""
        return self._advancing(_way(node), lambda _guess: None)

    def _advancing(self, way: _Way, guess: Callable[[Hypothesis], object]) -> Advance:
        done: Advance = advance
        links = way.history() if self._remembers else []
        for each in self._made:
            there = each.there(links, way.at)
            if each.change is None:
                done = partial(_guessing, each, guess, there, done)
            else:
                done = partial(each.advance, there, done)
        return done


def _guessing(
    mutant: Hypothesis,
    guess: Callable[[Hypothesis], object],
    there: There,
    done: Advance,
    state: State,
    op: Op,
) -> Step:
    step = done(state, op)
    if step.rule in mutant.rules and mutant.guard.holds(there(state, op, step)):
        guess(mutant)
    return step


def _way(node: Node) -> _Way:
    assert isinstance(node, _Way)
    return node
