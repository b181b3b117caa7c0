"""Values, ops, effects, states: immutable, equal by value, hashable, and no contradictions."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest
from hypothesis import given

from streamstate import model
from streamstate.model import (
    BLOCKED,
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    REFERENCE,
    Chunk,
    Create,
    Dialect,
    Done,
    Error,
    Errored,
    Event,
    Handed,
    Idle,
    Level,
    Limits,
    Op,
    Push,
    PushesWaiting,
    Rejected,
    State,
    View,
    Waiting,
    Writability,
    initial,
    level_of,
    level_of_nothing,
    levels,
    step,
    writability,
)
from streamstate.model.control import Control
from streamstate.model.state import control_of
from tests.laws import record
from tests.strategies import programs, starts

DATA = [kind for kind in vars(model).values() if isinstance(kind, type) and is_dataclass(kind)]


@pytest.mark.parametrize("kind", DATA, ids=lambda kind: kind.__name__)
def test_data_is_frozen_and_slotted(kind: type) -> None:
    assert is_dataclass(kind)
    assert vars(kind)["__dataclass_params__"].frozen
    assert set(vars(kind)["__slots__"]) == {field.name for field in fields(kind)}


@pytest.mark.parametrize(
    ("value", "field"),
    [(Push(1, b"a"), "chunk"), (Limits(), "high_water_mark"), (initial(), "handed")],
)
def test_nothing_can_be_changed(value: object, field: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(value, field, getattr(value, field))


@given(starts, programs)
def test_equal_states_have_equal_hashes(start: State, program: tuple[Op, ...]) -> None:
    again = initial(start.dialect, start.limits)
    assert start == again
    one, other = record(step, start, program), record(step, again, program)
    assert one == other
    assert hash(one) == hash(other)
    assert [one] != [(*other, None)]


def test_states_with_different_data_differ() -> None:
    states = [initial(), initial(limits=Limits(1, 1)), *_states(Create(), Push(1, b""))]
    assert len(set(states)) == len(states)


def _states(*ops: Op) -> list[State]:
    return [happening.after for happening in record(step, initial(), ops)]


def test_error_values_are_opaque() -> None:
    """Not even compared or hashed by a step; only whoever compares states looks at them."""

    class Untouchable:
        def __eq__(self, other: object) -> bool:
            raise AssertionError("compared")

        __hash__ = None  # type: ignore[assignment]  # that is what unhashable means

    value = Untouchable()
    state, _ = step(step(initial(), Create())[0], Error(1, value))
    state, _ = step(state, Error(1, value))
    _, (effect,) = step(state, model.Pull(1))
    assert isinstance(effect, Rejected)
    assert isinstance(effect.reason, Errored)
    assert effect.reason.value is value
    with pytest.raises(TypeError, match="unhashable"):
        hash(state)


def test_limits_are_64_kib_and_16_chunks_unless_set() -> None:
    assert (HIGH_WATER_MARK, MAX_QUEUE_CHUNKS) == (65_536, 16)
    assert Limits() == Limits(65_536, 16) == Limits(max_queue_chunks=16)
    assert initial() == State(REFERENCE, Limits())


@pytest.mark.parametrize("field", ["high_water_mark", "max_queue_chunks"])
def test_a_negative_limit_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field} must be at least 0, not -1"):
        Limits(**{field: -1})


@pytest.mark.parametrize("limits", [Limits(0, 3), Limits(10, 0), Limits(0, 0)])
def test_with_a_limit_of_zero_a_queue_is_full_with_nothing_in_it(limits: Limits) -> None:
    assert level_of_nothing(limits) is level_of(limits, 0, 0) is Level.UNBUFFERED
    assert level_of(limits, 1, 0) is Level.FULL
    assert {level for level in Level if level.full} == {Level.FULL, Level.UNBUFFERED}
    assert set(levels(Level.UNBUFFERED)) == {Level.FULL, Level.UNBUFFERED}
    assert set(levels(Level.EMPTY)) == set(Level) - {Level.UNBUFFERED}


@pytest.mark.parametrize("field", ["high_water_mark", "max_queue_chunks"])
@pytest.mark.parametrize("value", [True, 1.0, "1", None])
def test_limits_that_are_no_int_are_refused(field: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"{field} must be an int, not {type(value).__name__}"):
        Limits(**{field: value})  # type: ignore[arg-type]  # the fault under test


@pytest.mark.parametrize(
    ("chunks", "size", "level"),
    [
        (0, 0, Level.EMPTY),
        (1, 0, Level.SOME),
        (1, 9, Level.SOME),
        (1, 10, Level.FULL),
        (1, 11, Level.FULL),
        (2, 9, Level.SOME),
        (3, 0, Level.FULL),
        (4, 0, Level.FULL),
    ],
)
def test_level_is_full_from_either_limit_on(chunks: int, size: int, level: Level) -> None:
    assert level_of(Limits(10, 3), chunks, size) is level


def test_later_is_for_the_blocked_situations() -> None:
    later = [control for control in Control if writability(control) is Writability.LATER]
    assert later == [
        Control.OPEN_FULL,
        Control.PUSHES_WAITING,
        Control.OPEN_UNBUFFERED,
        Control.PUSHES_WAITING_UNBUFFERED,
    ]
    assert set(later) == BLOCKED
    now = [control for control in Control if writability(control) is Writability.NOW]
    assert now == [Control.WAITING, Control.OPEN_EMPTY, Control.OPEN_SOME]


def test_a_detached_view_keeps_flags_and_nothing_else() -> None:
    seen = View((b"ab",), 2, closed=True, errored=True, error_value="boom", pull_waiting=False)
    detached = View(closed=True, errored=True, error_value="boom", deleted=True)
    assert seen.detached() == detached
    assert detached.detached() == detached
    assert View(pull_waiting=True).detached() == View(deleted=True)


def test_done_is_told_by_the_flag() -> None:
    assert not Chunk(b"").done
    assert Done().done


def test_no_stream_can_be_built_with_a_waiting_pull_and_a_queue() -> None:
    """Nor with a waiting pull and a status, a waiting push and a status, or both a waiting pull and
    a waiting push: the fields are not there."""
    assert {field.name for field in fields(Waiting)} == {"accepted", "first", "others"}
    assert {field.name for field in fields(PushesWaiting)} == {
        "accepted",
        "queue",
        "first",
        "others",
        "closed",
    }
    assert {field.name for field in fields(Idle)} == {"accepted", "status", "queue"}
    assert {field.name for field in fields(Handed)} == {"pull", "stream", "place", "chunk"}


def test_events_and_controls_index_a_table() -> None:
    assert [event.value for event in Event] == list(range(len(Event)))
    assert [int(control) for control in Control] == list(range(22))


def test_pushes_wait_with_nothing_queued_in_a_situation_of_its_own() -> None:
    state = initial(Dialect(push_when_full="wait"), Limits(4, 0))
    for op in (Create(), Push(1, b"a")):
        state, _ = step(state, op)
    assert control_of(state.find(1), state.limits) is Control.PUSHES_WAITING_UNBUFFERED
