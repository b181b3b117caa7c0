"""Tells whether ops done together have one right answer, whichever awaiter runs first.

If an awaiter is a task, it notices a cancel only when it runs: after the ops done together, and in
its turn. So no program is asked for in which the answer depends on when a cancel is noticed, on
which of several is noticed first (`_is_steady`), or on which of several awaiters runs first
(`_settles_in_one_order`). A push that is a task waits once all is quiet, and notices a cancel when
it runs: before the ops that are done together with it, or after them (`_pushes_alike`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations
from typing import Final, TypeAlias

from streamstate.model import (
    CancelPull,
    CancelPush,
    Effect,
    Op,
    Pull,
    PullId,
    Push,
    Rejected,
    Resolved,
    Rule,
    State,
    advance,
)
from streamstate.oracle.programs.cached_model import CachedModel
from streamstate.oracle.programs.graph import Node
from streamstate.oracle.programs.program import symbol
from streamstate.wire import Json, Together, Turn, answer, answer_together, is_array


def is_asked_for(model: CachedModel, program: Sequence[Turn]) -> bool:
    """Whether each of the program's togethers is telling where it comes."""
    return _holds_of_each_together(model, program, is_telling)


def may_be_asked(model: CachedModel, program: Sequence[Turn]) -> bool:
    """Whether each of the program's togethers has one right answer, whenever its cancels are
    noticed."""
    return _holds_of_each_together(model, program, is_answered_in_one_way)


_Holds: TypeAlias = Callable[[CachedModel, Node, Together], bool]


def _holds_of_each_together(model: CachedModel, program: Sequence[Turn], holds: _Holds) -> bool:
    if not any(isinstance(turn, Together) for turn in program):
        return True
    model = model.faultless  # what may be asked does not depend on what somebody does wrongly
    node = model.root
    for turn in program:
        if isinstance(turn, Together) and not holds(model, node, turn):
            return False
        node = model.link(node, symbol(turn)).target
    return True


def is_telling(model: CachedModel, node: Node, together: Together) -> bool:
    """Whether the together has an effect in that state that its ops one by one do not have, and the
    same one whenever its cancels are noticed. Cancels without an effect are asked for where they
    come too late."""
    state = model.state(node)
    if not any(isinstance(op, CancelPull) for op in together.ops):
        return is_answered_in_one_way(model, node, together)
    _, rules = answer_together(state, together.ops)
    cancelled = zip(together.ops, rules, strict=True)
    idle = all(rule is Rule.CANCEL_PULL_9 for op, rule in cancelled if isinstance(op, CancelPull))
    if idle and not _comes_too_late(state, together.ops):
        return False
    return is_answered_in_one_way(model, node, together)


def _comes_too_late(state: State, ops: Sequence[Op]) -> bool:
    """Whether the ops are few, and their last or only cancel gives up a pull that has settled
    before, or that is placed and settled among them."""
    *before, last = ops
    if len(ops) == 2:
        return any(isinstance(op, CancelPull) and op.pull < state.next_pull for op in ops)
    placed = range(state.next_pull, state.next_pull + sum(isinstance(op, Pull) for op in before))
    return len(ops) <= _FEW and isinstance(last, CancelPull) and last.pull in placed


_FEW: Final = 3


def is_answered_in_one_way(model: CachedModel, node: Node, together: Together) -> bool:
    """Whether all right implementations answer the together alike in that state."""
    state, link = model.state(node), model.link(node, symbol(together))
    if not _pushes_alike(state, together.ops):
        return False
    _, settled = _shown(together.ops, link.json)
    if not _settles_in_one_order(state, together.ops, settled):
        return False
    return _is_steady(state, together.ops, link.json, model.state(link.target))


def _pushes_alike(state: State, ops: Sequence[Op]) -> bool:
    """Whether no push begins to wait among ops some of which are cancels, and each cancel of a push
    does the same before and after all others. O(cancels · ops)."""
    if not any(isinstance(op, CancelPull | CancelPush) for op in ops):
        return True
    expected, _ = answer_together(state, ops)
    told = expected.returned
    returned = told if is_array(told) else []
    if any(isinstance(op, Push) and each is None for op, each in zip(ops, returned, strict=True)):
        return False
    return all(
        _told(state, ops, order) == (expected.state, expected.settled, [*returned])
        for order in _orders_of_pushes(ops)
    ) and all(op.push < state.next_push for op in ops if isinstance(op, CancelPush))


def _orders_of_pushes(ops: Sequence[Op]) -> Iterator[tuple[int, ...]]:
    """The places of the ops, with those of one cancel of a push first, or last."""
    places = tuple(range(len(ops)))
    for at, op in enumerate(ops):
        if isinstance(op, CancelPush):
            others = places[:at] + places[at + 1 :]
            yield (at, *others)
            yield (*others, at)


def _told(
    state: State, ops: Sequence[Op], order: Sequence[int]
) -> tuple[State, Sequence[Json], Sequence[Json]]:
    """What is left, what settles and what each op returns, where they are done in that order."""
    answered, _ = answer_together(state, [ops[at] for at in order])
    returned: dict[int, Json] = {}
    if is_array(answered.returned):
        returned.update(zip(order, answered.returned, strict=True))
    return answered.state, answered.settled, [returned[at] for at in sorted(returned)]


def _settles_in_one_order(state: State, ops: Sequence[Op], settled: Json) -> bool:
    """Whether awaiters notice in the order in which their pulls settle: those that wait already do,
    and those that only then begin to await notice in the order of the calls. Not both kinds
    together; nor one that waits with one that is answered at once, since a promise of a promise
    takes its time."""
    pulls = [item[0] for item in settled if is_array(item)] if is_array(settled) else []
    numbers = [pull for pull in pulls if isinstance(pull, int)]
    begun = [pull < state.next_pull for pull in numbers]
    if all(begun) or len(numbers) == 1:
        return True
    if any(begun) or numbers != sorted(numbers):
        return False
    at_once = _answered_at_once(state, ops)
    return len({pull in at_once for pull in numbers}) == 1


def _answered_at_once(state: State, ops: Sequence[Op]) -> frozenset[int]:
    """The pulls among `ops` that settle when they are called."""
    found: set[int] = set()
    for op in ops:
        number, step = state.next_pull, advance(state, op)
        if isinstance(op, Pull) and _settles(step.effects, number):
            found.add(number)
        state = step.state
    return frozenset(found)


def _settles(effects: Sequence[Effect], pull: PullId) -> bool:
    return any(isinstance(each, Resolved | Rejected) and each.pull == pull for each in effects)


def _is_steady(state: State, ops: Sequence[Op], expected: Json, after: State) -> bool:
    """Whether the answer and the state after it stay the same, whichever of the cancels are noticed
    only at the end, and in whatever order. O(orders)."""
    wanted = _shown(ops, expected)
    for later in _orders([at for at, op in enumerate(ops) if isinstance(op, CancelPull)]):
        rest = [op for at, op in enumerate(ops) if at not in later]
        moved = (*rest, *(ops[at] for at in later))
        answered = answer(state, Together(moved))
        if answered.state != after or _shown(moved, answered.json) != wanted:
            return False
    return True


def _orders(cancels: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Which cancels come at the end, and in which order. If there are many, only the orders that
    tell most."""
    if len(cancels) > _MOST_PERMUTED:
        yield tuple(cancels)
        yield tuple(reversed(cancels))
        yield from ((each,) for each in cancels)
        return
    for count in range(1, len(cancels) + 1):
        for chosen in combinations(cancels, count):
            yield from permutations(chosen)


_MOST_PERMUTED: Final = 3


def _shown(ops: Sequence[Op], answered: Json) -> tuple[list[Json], Json]:
    """What the ops other than cancels returned, and the settlements."""
    match answered:
        case [returned, settled] if is_array(returned):
            told = zip(ops, returned, strict=True)
            return [value for op, value in told if not isinstance(op, CancelPull)], settled
        case _:
            raise ValueError(f"{answered!r} is no answer")
