"""What goes along with a recording keeps nothing of what is over."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import replace
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

import pytest

from streamstate import Limits
from streamstate.model import (
    REFERENCE,
    CancelPull,
    Create,
    Delete,
    Error,
    Handed,
    Op,
    Pull,
    Push,
    Seen,
    State,
    Step,
    advance,
    initial,
    view,
)
from streamstate.model.invariants import waiting_pulls, waiting_pushes
from streamstate.oracle.recordings import follower
from streamstate.oracle.recordings.follower import Follower
from streamstate.wire import compact, encode_effects, encode_op

SMALL = Limits(3, 2)


def rounds(number: int) -> Iterator[tuple[Op, ...]]:
    """Streams that come and go: of each round three stay for the next."""
    for at in range(number):
        stream, pull = at + 1, 4 * at + 1
        yield (
            *(Create(), Pull(stream), Push(stream, b"x" * 50), Seen(pull)),
            *(Push(stream, b"yy"), Pull(stream), CancelPull(pull + 1), Pull(stream)),
            *(Seen(pull + 2), Pull(stream), CancelPull(pull + 3), Error(stream, f"no {at}")),
            *(() if at < 3 else (Delete(stream - 3),)),
        )


def objects_after(number: int) -> tuple[int, int]:
    """How many objects a follower reaches after so many rounds, and how much it holds."""
    state = initial(REFERENCE, SMALL)
    follower = Follower(state)
    for line, op in enumerate((op for each in rounds(number) for op in each), start=1):
        _, state, effects = advance(state, op)
        returned, settled = json.loads(compact(encode_effects(effects)))
        value = {"op": encode_op(op), "returned": returned, "settled": settled}
        assert follower.follow(line, value) is None
    return reached(follower), held(follower.state)


def held(state: State) -> int:
    """How many streams, chunks, waiting pulls and waiting pushes are in it."""
    waiting = sum(len(waiting_pulls(each)) + len(waiting_pushes(each)) for _, each in state.streams)
    queues = [shown.queue for number, _ in state.streams if (shown := view(state, number))]
    return len(state.streams) + waiting + sum(map(len, queues)) + len(state.handed)


def reached(root: object) -> int:
    code = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
    seen = {id(root): root}
    waiting = [root]
    while waiting:
        for other in gc.get_referents(waiting.pop()):
            if id(other) not in seen and not isinstance(other, code):
                seen[id(other)] = other
                waiting.append(other)
    return sum(not isinstance(each, int) for each in seen.values())  # Python shares small ones


def test_memory_depends_on_what_lives_and_not_on_what_was() -> None:
    objects, held = objects_after(20)
    assert objects_after(400) == (objects, held)
    assert held == 3
    assert objects_after(2)[0] < objects


def test_follower_that_keeps_history_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def advance_and_keep(state: State, op: Op) -> Step:
        kept = Handed(-len(state.handed), 0, 1, bytes(9))
        return advance(replace(state, handed=(*state.handed, kept)), op)

    monkeypatch.setattr(follower, "advance", advance_and_keep)
    for before, after in zip(objects_after(20), objects_after(40), strict=True):
        assert before < after
