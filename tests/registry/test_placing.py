"""Pulls for a caller who is told by a call: what a guest's host relies on, and nothing else."""

from __future__ import annotations

import gc

import pytest

from streamstate import PLAN_01, Chunk, Done, StreamDeleted, StreamStateRegistry
from streamstate.registry.placing import is_abandoned, placed, tell, waits
from streamstate.registry.record import Waiter


class Told:
    def __init__(self, told: list[str], name: str, *, gone: bool = False) -> None:
        self.told = told
        self.name = name
        self.gone = gone

    def set_result(self, result: None, /) -> None:
        assert result is None
        if self.gone:
            raise RuntimeError("nobody is there")
        self.told.append(self.name)


def waiting(registry: StreamStateRegistry, stream: int) -> Waiter:
    waiter = placed(registry, stream, at_once=True)
    assert isinstance(waiter, Waiter)
    assert waits(waiter)
    return waiter


def test_a_chunk_that_is_there_is_seen_at_once_if_that_is_asked_for() -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    registry.push(stream, b"1")
    registry.push(stream, b"2")
    assert placed(registry, stream, at_once=True) == b"1"
    later = placed(registry, stream, at_once=False)
    assert isinstance(later, Waiter)
    assert not waits(later)
    assert later.look() == Chunk(b"2")


def test_who_waits_is_told_in_the_moment_without_an_event_loop() -> None:
    registry = StreamStateRegistry()
    told: list[str] = []
    streams = [registry.create() for _ in range(3)]
    waiters = [waiting(registry, stream) for stream in streams]
    for number, waiter in enumerate(waiters):
        tell(waiter, Told(told, f"pull {number}"))
    gc.collect()  # being held by the registry alone gives none of them up
    registry.push(streams[1], b"x")
    told.append("pushed")
    registry.close(streams[0])
    registry.delete(streams[2])
    assert told == ["pull 1", "pushed", "pull 0", "pull 2"]
    assert not any(map(waits, waiters))
    assert [waiters[1].look(), waiters[0].look()] == [Chunk(b"x"), Done()]
    with pytest.raises(StreamDeleted):
        waiters[2].look()


def test_where_nobody_is_there_to_be_told_no_chunk_is_lost() -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    tell(waiting(registry, stream), Told([], "gone", gone=True))
    assert registry.push(stream, b"kept")
    assert placed(registry, stream, at_once=True) == b"kept"


def test_leaving_gives_up_what_waits_and_what_was_handed_over() -> None:
    registry = StreamStateRegistry()
    stream = registry.create()
    first, second = waiting(registry, stream), waiting(registry, registry.create())
    told: list[str] = []
    tell(first, Told(told, "first"))
    tell(second, Told(told, "second"))
    second.leave()
    registry.push(stream, b"x")
    first.leave()
    assert placed(registry, stream, at_once=True) == b"x"
    assert registry.get(2) is not None
    view = registry.get(2)
    assert view is not None
    assert not view.pull_waiting


def test_a_pull_whose_place_was_taken_is_abandoned_in_plan_01() -> None:
    registry = StreamStateRegistry(PLAN_01)
    stream = registry.create()
    first, second = waiting(registry, stream), waiting(registry, stream)
    assert is_abandoned(first)
    assert not is_abandoned(second)
