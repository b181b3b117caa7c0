"""Whether pushes among ops that are done together are answered in one way, whenever their callers
and those who give them up come to run.

A push that is a task waits once all is quiet, and notices a cancel when it runs: before the ops
that are done together with it, or after them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streamstate.model import CancelPull, CancelPush, Op, Push, State
from streamstate.wire import Json, answer_together, is_array


def pushes_alike(state: State, ops: Sequence[Op]) -> bool:
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
        for order in _orders(ops)
    ) and all(op.push < state.next_push for op in ops if isinstance(op, CancelPush))


def _orders(ops: Sequence[Op]) -> Iterator[tuple[int, ...]]:
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
