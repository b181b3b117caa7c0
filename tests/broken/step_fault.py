"""A fault of whole ops, and the changes that it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from streamstate.model import Effect, Op, Returned, Rule, State, Step, View, advance
from tests.broken.patches import Patch

Change: TypeAlias = Callable[[State, Op, Step], Step]
"""The state before, the op, and the step that is right → the step that is wrong."""


@dataclass(frozen=True, slots=True)
class StepFault:
    """Wherever `rule` applies, the model does what `change` makes of the step; `patch` makes the
    registry do so. `steps`: see `TableFault`."""

    name: str
    rule: Rule
    change: Change
    patch: Patch
    steps: int
    dialect: str = "reference"

    def advance(self, state: State, op: Op) -> Step:
        """`advance` of the broken model."""
        right = advance(state, op)
        return self.change(state, op, right) if right.rule is self.rule else right


def instead(ops_of: Callable[[State, Op], list[Op]]) -> Change:
    """The ops that `ops_of` says, one after the other, in the place of the one."""

    def change(state: State, op: Op, right: Step) -> Step:
        effects: list[Effect] = []
        for other in ops_of(state, op):
            taken = advance(state, other)
            state = taken.state
            effects += taken.effects
        return Step(right.rule, state, tuple(effects))

    return change


def showing(view_of: Callable[[View | None], View]) -> Change:
    """A get that returns what `view_of` makes of the view."""

    def change(_state: State, _op: Op, right: Step) -> Step:
        (returned,) = right.effects
        assert isinstance(returned, Returned)
        assert returned.value is None or isinstance(returned.value, View)
        return right._replace(effects=(Returned(view_of(returned.value)),))

    return change
