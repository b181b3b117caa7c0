"""What goes along with a recording says what the model says, and keeps nothing of what is over."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamstate import Dialect, Limits
from streamstate.model import (
    REFERENCE,
    Action,
    CancelPull,
    Create,
    Delete,
    Error,
    Get,
    Op,
    Pull,
    Push,
    Seen,
    advance,
    initial,
    lattice,
)
from streamstate.oracle.recordings import ledger
from streamstate.oracle.recordings.follower import Follower
from streamstate.oracle.recordings.replay import Replay
from streamstate.testing.strategies import programs
from streamstate.wire import compact, encode_effects, encode_op

SMALL = Limits(3, 2)


@pytest.fixture
def _compiled_anew() -> Iterator[None]:
    ledger.compiled.cache_clear()
    yield
    ledger.compiled.cache_clear()


@given(st.data(), st.sampled_from(lattice()))
@settings(max_examples=120)
def test_replay_says_what_the_model_says(data: st.DataObject, dialect: Dialect) -> None:
    program = data.draw(programs(dialect=dialect, limits=SMALL, max_ops=60, cancels=True))
    compare_with_the_model(dialect, program, data.draw(st.integers(0, len(program))))


def compare_with_the_model(dialect: Dialect, program: tuple[Op, ...], reload_at: int = -1) -> None:
    """Op by op, and what each stream shows at the end; before the op at `reload_at` the streams
    are loaded anew from the model's state."""
    state = initial(dialect, SMALL)
    replay = Replay(state)
    for number, op in enumerate(program):
        if number == reload_at:
            replay.resume(state)
        rule, state, effects = advance(state, op)
        assert [rule, *encode_effects(effects)] == list(replay.do(op)), op
    for number, _ in state.streams:
        effects = advance(state, Get(number)).effects
        assert encode_effects(effects) == list(replay.do(Get(number)))[1:]


GIVEN_BACK = (
    *(Create(), Push(1, b"a"), Push(1, b"b"), Pull(1), Pull(1)),
    *(CancelPull(2), CancelPull(1), Pull(1), Pull(1), Seen(3), Delete(1)),
)


@pytest.mark.needs_pure
@pytest.mark.parametrize("action", [Action.GIVE_BACK, Action.APPEND, Action.HAND_QUEUED])
@pytest.mark.usefixtures("_compiled_anew")
def test_replay_that_does_an_action_wrongly_would_be_noticed(
    action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_with_the_model(REFERENCE, GIVEN_BACK)
    ledger.compiled.cache_clear()
    monkeypatch.setattr(ledger, "_DO", {**ledger._DO, action: ledger._DO[Action.UNBLOCK]})
    with pytest.raises(AssertionError):
        compare_with_the_model(REFERENCE, GIVEN_BACK)


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
    """How many objects a follower reaches after so many rounds, and how much it says it holds."""
    state = initial(REFERENCE, SMALL)
    follower = Follower(state)
    for line, op in enumerate((op for each in rounds(number) for op in each), start=1):
        _, state, effects = advance(state, op)
        returned, settled = json.loads(compact(encode_effects(effects)))
        value = {"op": encode_op(op), "returned": returned, "settled": settled}
        assert follower.follow(line, value) is None
    return reached(follower), follower.held()


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
    do = Replay.do

    def do_and_keep(self: Replay, op: Op) -> object:
        handed = self._ledger.handed
        handed[-len(handed) - 1] = (0, (0, bytes(9)))
        return do(self, op)

    monkeypatch.setattr(Replay, "do", do_and_keep)
    for before, after in zip(objects_after(20), objects_after(40), strict=True):
        assert before < after
