"""A listener that acts: what it does is done at once, and told after the op that it was told of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from streamstate import Chunk, StreamStateRegistry
from streamstate.model import (
    CancelPull,
    Close,
    Create,
    Effect,
    IsQueueFull,
    Op,
    Pull,
    Push,
    Seen,
    initial,
    step,
)
from streamstate.oracle.recordings import Outcome, check
from streamstate.recording import record
from streamstate.registry.listening import MOST_ANSWERS, MOST_NESTED, Announcer
from tests.quiet import QuietLoop
from tests.registry.support import Journal, look, queue, start, taken

Reaction = Callable[[StreamStateRegistry, Op], object]


class Acting:
    """Does what `reaction` does of each op that it is told of, and writes down what it was told."""

    def __init__(self, reaction: Reaction) -> None:
        self.reaction = reaction
        self.registry: StreamStateRegistry | None = None
        self.journal = Journal()

    def __call__(self, op: Op, effects: tuple[Effect, ...]) -> None:
        self.journal(op, effects)
        assert self.registry is not None
        self.reaction(self.registry, op)


def acting(reaction: Reaction, *, lockstep: bool = False) -> tuple[StreamStateRegistry, Acting]:
    listener = Acting(reaction)
    listener.registry = StreamStateRegistry(lockstep=lockstep, listener=listener)
    return listener.registry, listener


def listened_to_by(*listeners: Acting | Journal) -> StreamStateRegistry:
    """Several, which no public call makes by itself."""
    registry = StreamStateRegistry(lockstep=True, listener=listeners[0])
    announcer = registry._outside.announcer
    assert announcer is not None
    registry._outside.announcer = Announcer(announcer.witnesses, listeners)
    for listener in listeners:
        if isinstance(listener, Acting):
            listener.registry = registry
    return registry


def ask(registry: StreamStateRegistry, op: Op) -> None:
    """Asks whether there is room, on each push."""
    if isinstance(op, Push):
        registry.is_queue_full(op.stream)


def answer_everything(registry: StreamStateRegistry, op: Op) -> None:
    """Push, pull, close and more: each a step deeper."""
    match op:
        case Create():
            registry.push(1, b"a")
        case Push(1, b"a"):
            registry.push(1, b"b")
            registry.is_queue_full(1)
        case Push(1, b"b"):
            registry.pull(1).close()
        case IsQueueFull():
            taken(registry.pull(1))
        case Seen():
            registry.close(1)
        case Close():
            registry.get(1)
        case _:
            pass


def live(registry: StreamStateRegistry) -> None:
    stream = registry.create()
    for chunk in (b"a", b"b", b"c"):
        registry.push(stream, chunk)
    look(registry.pull(stream))
    registry.pull(stream).close()
    registry.close(stream)
    registry.delete(stream)


REACTIONS = (ask, answer_everything)


@pytest.mark.parametrize("reaction", REACTIONS)
def test_the_model_in_lockstep_agrees_with_what_it_does(reaction: Reaction) -> None:
    registry, _ = acting(reaction, lockstep=True)
    live(registry)


@pytest.mark.parametrize("reaction", REACTIONS)
def test_a_recording_beside_it_conforms(tmp_path: Path, reaction: Reaction) -> None:
    path = tmp_path / "r.jsonl"
    registry, _ = acting(reaction, lockstep=True)
    with record(registry, path):
        live(registry)
    with path.open("rb") as file:
        said = check(path.name, file, None)
    assert said.outcome is Outcome.CONFORMS, said


def test_it_hears_of_its_own_op_after_the_one_that_led_to_it() -> None:
    registry, listener = acting(ask)
    stream = registry.create()
    registry.push(stream, b"a")
    registry.push(stream, b"b")
    assert listener.journal.ops == [
        Create(),
        Push(stream, b"a"),
        IsQueueFull(stream),
        Push(stream, b"b"),
        IsQueueFull(stream),
    ]


def deepen(registry: StreamStateRegistry, op: Op) -> None:
    if isinstance(op, Push) and len(op.chunk) < 9:
        registry.push(op.stream, op.chunk + b"x")


def test_however_deep_all_hear_of_the_ops_in_the_order_in_which_they_were_done() -> None:
    """The model, given them in that order, does what was told, effects and all."""
    first, second, last = Acting(deepen), Acting(ask), Journal()
    registry = listened_to_by(first, second, last)
    registry.push(registry.create(), b"")
    assert first.journal.told == second.journal.told == last.told
    pushed = [op.chunk for op in last.ops if isinstance(op, Push)]
    assert pushed == [b"x" * length for length in range(10)]
    state = initial()
    for op, effects in last.told:
        state, expected = step(state, op)
        assert effects == expected


def test_it_does_its_op_at_once() -> None:
    found: list[bool] = []
    registry, _ = acting(
        lambda registry, op: (
            found.append(registry.is_queue_full(1)) if isinstance(op, Push) else None
        )
    )
    stream = registry.create()
    for _ in range(16):
        registry.push(stream, b"a")
    assert found == [False] * 15 + [True]


def test_a_chunk_that_it_pushes_wakes_whoever_waits(quiet: QuietLoop) -> None:
    registry, _ = acting(
        lambda registry, op: registry.push(1, b"a") if isinstance(op, Pull) else None, lockstep=True
    )
    task = start(quiet, registry.pull(registry.create()))
    assert task.result() == Chunk(b"a")


def again(registry: StreamStateRegistry, _op: Op) -> None:
    registry.is_queue_full(1)


@pytest.mark.parametrize("lockstep", [False, True])
def test_one_that_answers_every_op_is_stopped_and_the_registry_goes_on(lockstep: bool) -> None:
    registry, listener = acting(again, lockstep=lockstep)
    with pytest.raises(RecursionError, match=f"{MOST_NESTED} deep"):
        registry.create()
    listener.reaction = ask
    listener.journal.told.clear()
    assert registry.push(1, b"a")
    assert listener.journal.ops == [Push(1, b"a"), IsQueueFull(1)]
    assert queue(registry, 1) == (b"a",)


def twice_again(registry: StreamStateRegistry, _op: Op) -> None:
    for _ in range(2):
        registry.is_queue_full(1)


def test_one_that_answers_every_op_with_two_is_stopped_and_the_registry_goes_on() -> None:
    registry, listener = acting(twice_again)
    with pytest.raises(RecursionError, match=f"{MOST_ANSWERS} ops"):
        registry.create()
    listener.reaction = ask
    listener.journal.told.clear()
    assert registry.push(1, b"a")
    assert listener.journal.ops == [Push(1, b"a"), IsQueueFull(1)]


def test_one_may_answer_an_op_with_thousands() -> None:
    registry, listener = acting(
        lambda registry, op: (
            [registry.is_queue_full(1) for _ in range(5_000)] if isinstance(op, Create) else None
        )
    )
    for number in range(2):  # each op has its own
        registry.create()
        assert len(listener.journal.ops) == 5_001 * (number + 1)


class ListenerError(Exception):
    pass


def refuse(_registry: StreamStateRegistry, op: Op) -> None:
    if isinstance(op, Push | IsQueueFull):
        raise ListenerError(type(op).__name__)


def test_one_that_raises_keeps_no_other_from_being_told() -> None:
    """The first error comes out of the op that began it, once all have been told of all."""
    first, second, last = Acting(ask), Acting(refuse), Journal()
    registry = listened_to_by(first, second, last)
    stream = registry.create()
    with pytest.raises(ListenerError, match="Push"):
        registry.push(stream, b"a")
    expected = [Create(), Push(stream, b"a"), IsQueueFull(stream)]
    assert first.journal.ops == second.journal.ops == last.ops == expected
    assert queue(registry, stream) == (b"a",)


def test_one_that_raises_beside_a_recording_leaves_it_sound(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    registry, _ = acting(refuse, lockstep=True)
    with record(registry, path):
        stream = registry.create()
        for _ in range(3):
            with pytest.raises(ListenerError):
                registry.push(stream, b"a")
        taken(registry.pull(stream))
    with path.open("rb") as file:
        said = check(path.name, file, None)
    assert said.outcome is Outcome.CONFORMS, said


@pytest.mark.parametrize("kind", [Create, Push, Pull, Seen, CancelPull, Close])
def test_one_that_stops_the_recording_while_it_is_told_leaves_it_sound(
    tmp_path: Path, kind: type[Op]
) -> None:
    path = tmp_path / "r.jsonl"
    stack = ExitStack()
    registry, _ = acting(lambda _registry, op: stack.close() if isinstance(op, kind) else None)
    stack.enter_context(record(registry, path))
    live(registry)
    with path.open("rb") as file:
        said = check(path.name, file, None)
    assert said.outcome is Outcome.CONFORMS, said


@pytest.mark.parametrize("kind", [Create, Push, Pull, Seen, CancelPull, Close])
def test_one_that_begins_a_recording_while_it_is_told_leaves_it_sound(
    tmp_path: Path, kind: type[Op]
) -> None:
    path = tmp_path / "r.jsonl"
    with ExitStack() as stack:
        begun: list[Op] = []

        def begin(registry: StreamStateRegistry, op: Op) -> None:
            if isinstance(op, kind) and not begun:
                begun.append(op)
                stack.enter_context(record(registry, path))

        registry, _ = acting(begin)
        live(registry)
    with path.open("rb") as file:
        said = check(path.name, file, None)
    assert said.outcome is Outcome.CONFORMS, said
