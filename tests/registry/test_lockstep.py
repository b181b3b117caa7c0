"""`lockstep=True` runs the model beside the registry, and stops at the first difference."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from random import Random

import pytest

from streamstate import Chunk, Limits, LockstepError, StreamErrored, StreamStateRegistry
from streamstate.model import (
    Action,
    Create,
    Dialect,
    Op,
    Pull,
    Push,
    State,
    Unblocked,
    initial,
    lattice,
    step,
    view,
)
from streamstate.registry import PendingPull, PendingSend, actions
from streamstate.registry.errors import Failure
from streamstate.registry.outside import Outside
from streamstate.registry.record import Record
from streamstate.registry.situations import situations
from tests.broken.patches import Do, Planted, do_right
from tests.quiet import QuietLoop
from tests.registry.support import cancel, look, queue, start, taken

TINY = Limits(3, 2)


def plant(monkeypatch: pytest.MonkeyPatch, action: Action, do: Do) -> None:
    """Have the registries that are made in this test do something else for an action."""
    monkeypatch.setattr(actions, "_DO", {**actions._DO, action: Planted(do)})
    situations.cache_clear()


@pytest.fixture(autouse=True)
def forget_planted() -> Iterator[None]:
    yield
    situations.cache_clear()


@pytest.mark.parametrize("dialect", lattice(), ids=str)
def test_agrees_in_ordinary_life(dialect: Dialect) -> None:
    random = Random(str(dialect))
    registry = StreamStateRegistry(dialect, TINY, lockstep=True)
    held: list[PendingPull | PendingSend] = []
    for _ in range(300):
        live(random, registry, held)
    held.clear()
    registry.clear()


def live(
    random: Random, registry: StreamStateRegistry, held: list[PendingPull | PendingSend]
) -> None:
    stream = random.randint(max(registry._next_stream - 3, 0), registry._next_stream)
    match random.choices(range(11), (8, 8, 4, 2, 2, 1, 1, 1, 1, 1, 0.1))[0]:
        case 0:
            held.append(registry.send(stream, bytes(random.randint(0, 3))))
        case 1:
            held.append(registry.pull(stream))
        case 2 if held:
            cancel(held.pop(random.randrange(len(held))))
        case 3 if held:
            held.pop(random.randrange(len(held)))
        case 4:
            registry.create()
        case 5:
            registry.close(stream)
        case 6:
            registry.error(stream, object())
        case 7:
            registry.is_queue_full(stream)
        case 8:
            registry.get(stream)
        case 9:
            registry.delete(stream)
        case 10:
            registry.clear()
        case _:
            pass


def test_agrees_on_a_loop(quiet: QuietLoop) -> None:
    registry = StreamStateRegistry(lockstep=True)
    stream = registry.create()
    task = start(quiet, registry.pull(stream))
    registry.push(stream, b"a")
    quiet.settle()
    assert task.result() == Chunk(b"a")
    writer = start(quiet, registry.writable(stream))
    assert writer.result() is True


def lose_the_second(outside: Outside, record: Record, chunk: bytes) -> None:
    if record.accepted != 1:
        do_right(Action.APPEND, outside, record, chunk)
    else:
        record.accepted += 1


@pytest.mark.needs_pure
def test_a_fault_is_reported_with_what_differed(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Action.APPEND, lose_the_second)
    registry = StreamStateRegistry(lockstep=True)
    stream = registry.create()
    registry.push(stream, b"a")
    with pytest.raises(LockstepError) as caught:
        registry.push(stream, b"b")
    error = caught.value
    assert isinstance(error, AssertionError)
    assert error.ops == (Create(), Push(stream, b"a"), Push(stream, b"b"))
    assert error.what == "view of stream 1"
    assert "after Push(stream=1, chunk=b'b')" in str(error)
    assert "the model says" in str(error)
    replay(error)


def replay(error: LockstepError) -> None:
    """The ops, done by the model from `before`, come to what it expected of the last one."""
    state: State = error.before
    effects: tuple[object, ...] = ()
    for op in error.ops:
        state, effects = step(state, op)
    if error.what == "effects":
        assert effects == error.expected
    elif error.what == "number of streams":
        assert len(state.streams) == error.expected
    else:
        assert view(state, int(error.what.split()[-1])) == error.expected
    assert error.expected != error.observed


@pytest.mark.needs_pure
def test_the_last_thousand_ops_are_kept_and_can_be_replayed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch, Action.UNBLOCK, lambda _outside, _record, _subject: None)
    registry = StreamStateRegistry(limits=TINY, lockstep=True)
    stream = registry.create()
    for number in range(1_500):
        registry.push(stream, b"%d" % (number % 10))
        taken(registry.pull(stream))
    registry.push(stream, b"a")
    registry.push(stream, b"b")
    with pytest.raises(LockstepError) as caught:
        registry.pull(stream)
    error = caught.value
    assert len(error.ops) == 1_000
    assert error.ops[-1] == Pull(stream)
    assert error.what == "effects"
    assert isinstance(error.expected, tuple)
    assert Unblocked(stream) in error.expected
    assert error.before != initial(limits=TINY)
    replay(error)


@pytest.mark.needs_pure
def test_it_stops_comparing_and_no_chunk_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, Action.UNBLOCK, lambda _outside, _record, _subject: None)
    registry = StreamStateRegistry(limits=TINY, lockstep=True)
    stream = registry.create()
    registry.push(stream, b"a")
    registry.push(stream, b"b")
    with pytest.raises(LockstepError):
        registry.pull(stream)
    assert queue(registry, stream) == (b"a", b"b")
    assert [taken(registry.pull(stream)) for _ in range(2)] == [b"a", b"b"]


def test_a_stream_too_many_is_noticed() -> None:
    registry = StreamStateRegistry(lockstep=True)
    registry.create()
    registry._streams[7] = Record(7, registry._absent.situation)
    with pytest.raises(LockstepError, match="number of streams"):
        registry.is_queue_full(1)


class Unprintable:
    def __repr__(self) -> str:
        raise ValueError("no words")


@pytest.mark.needs_pure
def test_an_error_value_that_cannot_be_shown_is_no_reason_not_to_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch, Action.SET_ERROR, forget)
    registry = StreamStateRegistry(lockstep=True)
    stream = registry.create()
    with pytest.raises(LockstepError, match="cannot be shown"):
        registry.error(stream, Unprintable())


def forget(_outside: Outside, record: Record, _failure: object) -> None:
    record.failure = None


class Incomparable:
    def __eq__(self, _other: object) -> bool:
        raise ValueError("not comparable")

    __hash__ = None  # type: ignore[assignment]


class Unequal:
    def __eq__(self, _other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("kind", [Incomparable, Unequal])
def test_error_values_are_opaque_and_never_compared(kind: type[object]) -> None:
    registry = StreamStateRegistry(lockstep=True)
    stream = registry.create()
    waiting = registry.pull(stream)
    registry.error(stream, kind())
    registry.get(stream)
    for pull in (waiting, registry.pull(stream)):
        with pytest.raises(StreamErrored):
            look(pull)


@pytest.mark.needs_pure
def test_another_error_value_is_a_difference_though_it_is_equal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch, Action.SET_ERROR, replace_by_its_equal)
    registry = StreamStateRegistry(lockstep=True)
    with pytest.raises(LockstepError, match="view of stream 1"):
        registry.error(registry.create(), [1])


def test_a_report_can_be_handed_to_another_process() -> None:
    made = LockstepError((Create(), Push(1, b"a")), initial(), "effects", (), (Unblocked(1),))
    arrived = pickle.loads(pickle.dumps(made))
    assert str(arrived) == str(made)
    assert vars(arrived) == vars(made)


def replace_by_its_equal(_outside: Outside, record: Record, _failure: object) -> None:
    record.failure = Failure([1])


def test_a_listener_is_told_beside_it() -> None:
    told: list[Op] = []
    registry = StreamStateRegistry(lockstep=True, listener=lambda op, _effects: told.append(op))
    registry.create()
    assert told == [Create()]
