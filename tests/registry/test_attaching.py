"""Listeners that come and go while a registry is in use."""

from __future__ import annotations

import threading

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import Create, Effect, IsQueueFull, Op, Push, State, Waiting, initial
from streamstate.model.state import EMPTY_QUEUE, OPEN, Failed, Idle, Queue
from streamstate.registry import Listener
from tests.registry.support import Journal, cancel


def test_a_listener_is_told_from_when_it_is_attached_until_it_is_detached(
    registry: StreamStateRegistry,
) -> None:
    journal, other = Journal(), Journal()
    registry.create()
    registry.attach(journal)
    registry.push(1, b"a")
    registry.attach(other, acts=True)
    registry.create()
    registry.detach(journal)
    registry.detach(journal)
    registry.create()
    registry.detach(other)
    assert registry._outside.announcer is None
    registry.create()
    assert journal.ops == [Push(1, b"a"), Create()]
    assert other.ops == [Create(), Create()]


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def tell(self, _op: Op, _effects: tuple[Effect, ...]) -> None:
        self.count += 1


def test_a_method_is_detached_by_being_named_again(registry: StreamStateRegistry) -> None:
    counter = Counter()
    registry.attach(counter.tell)
    registry.create()
    registry.detach(counter.tell)
    registry.create()
    assert counter.count == 1


@pytest.mark.parametrize("acts", [False, True])
def test_a_listener_may_detach_itself_or_attach_another_while_it_is_told(
    registry: StreamStateRegistry, acts: bool
) -> None:
    journal = Journal()

    def once(op: Op, _effects: tuple[Effect, ...]) -> None:
        registry.detach(once)
        registry.attach(journal, acts=acts)
        assert op == Create()

    registry.attach(once, acts=acts)
    registry.create()
    registry.create()
    assert journal.ops == [Create()]


def test_one_that_acts_is_told_of_its_own_ops_behind_the_first(
    registry: StreamStateRegistry,
) -> None:
    journal = Journal()

    def answer(op: Op, _effects: tuple[Effect, ...]) -> None:
        if isinstance(op, Create):
            registry.is_queue_full(1)

    registry.attach(answer, acts=True)
    registry.attach(journal, acts=True)
    registry.create()
    assert journal.ops == [Create(), IsQueueFull(1)]


def test_another_thread_may_neither_attach_nor_detach(registry: StreamStateRegistry) -> None:
    journal: Listener = Journal()
    registry.attach(journal)  # which binds nothing
    thread = threading.Thread(target=registry.create)
    thread.start()
    thread.join()
    for call in (registry.attach, registry.detach):
        with pytest.raises(RuntimeError, match="this registry belongs to thread"):
            call(journal)
    with pytest.raises(RuntimeError, match="this registry belongs to thread"):
        registry.snapshot()


def test_a_snapshot_is_the_state_of_the_model(registry: StreamStateRegistry) -> None:
    assert registry.snapshot() == initial()
    boom = ValueError("boom")
    for _ in range(3):
        registry.create()
    registry.push(1, b"a")
    registry.push(1, b"bc")
    waits = registry.pull(2)
    registry.error(3, boom)
    taken = registry.pull(1)
    shown = registry.snapshot()
    assert shown == State(
        registry.dialect,
        registry.limits,
        4,
        3,
        (
            (1, Idle(2, OPEN, Queue((), (b"bc",), 2))),
            (2, Waiting(0, 1)),
            (3, Idle(0, Failed(boom, False), EMPTY_QUEUE)),
        ),
    )
    cancel(waits)
    cancel(taken)
    assert shown.find(2) == Waiting(0, 1), "it does not follow"
    assert registry.snapshot() != shown
