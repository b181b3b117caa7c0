"""A chunk that is given up while another pull waits goes to it, with nothing done afterwards.

However the first pull is given up, nobody does another op: the loop alone has to see to it.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

import pytest

from streamstate import Chunk, Dialect, StreamStateRegistry
from streamstate.model import CancelPull, Effect, Op, PullResult
from streamstate.oracle.recordings import Outcome, check
from streamstate.recording import record
from tests.quiet import QuietLoop
from tests.registry.giving_up import (
    BY_HAND,
    DIALECTS,
    UNAWAITED,
    Scene,
    awaited_scene,
    cancel_its_task,
    drop,
    handed_scene,
)
from tests.registry.support import Journal, queue, registry_with, start, stream_in, view


@pytest.fixture(scope="module", autouse=True)
def what_is_there_already_is_not_looked_through() -> None:
    """Take it out of each of the hundred collections to come."""
    gc.collect()
    gc.freeze()


def waits_and_gets(scene: Scene, give_up: Callable[[Scene], object]) -> None:
    """Another pull waits, the first is given up, and only the loop runs."""
    second = start(scene.quiet, scene.registry.pull(scene.stream))
    assert not second.done()
    give_up(scene)
    scene.quiet.settle()
    assert second.done(), "it waits for a chunk that nobody has"
    assert second.result() == Chunk(b"x")


@pytest.mark.parametrize("lockstep", [False, True])
@pytest.mark.parametrize("handed", [False, True])
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("way", UNAWAITED)
def test_CANCEL_PULL_3_a_chunk_given_up_unawaited_goes_to_the_pull_that_waits(
    quiet: QuietLoop, way: str, dialect: str, handed: bool, lockstep: bool
) -> None:
    waits_and_gets(handed_scene(dialect, quiet, handed, lockstep), UNAWAITED[way])


@pytest.mark.parametrize("lockstep", [False, True])
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("way", BY_HAND)
def test_CANCEL_PULL_3_a_chunk_given_up_by_its_coroutine_goes_to_the_pull_that_waits(
    quiet: QuietLoop, way: str, dialect: str, lockstep: bool
) -> None:
    scene = awaited_scene(dialect, quiet, by_task=False, lockstep=lockstep)
    scene.registry.push(scene.stream, b"x")
    waits_and_gets(scene, BY_HAND[way])


@pytest.mark.parametrize("lockstep", [False, True])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_CANCEL_PULL_3_a_chunk_given_up_by_its_task_goes_to_the_pull_that_waits(
    quiet: QuietLoop, dialect: str, lockstep: bool
) -> None:
    scene = awaited_scene(dialect, quiet, by_task=True, lockstep=lockstep)
    scene.registry.push(scene.stream, b"x")
    second: asyncio.Task[PullResult]
    second = quiet.loop.create_task(scene.registry.pull(scene.stream))
    cancel_its_task(scene)  # in the turn of the push: once it has run, the chunk is its own
    quiet.settle()
    assert scene.tasks[0].cancelled()
    assert second.result() == Chunk(b"x")


@pytest.mark.parametrize("lockstep", [False, True])
@pytest.mark.parametrize("way", UNAWAITED)
def test_CANCEL_PULL_4_a_chunk_given_up_is_back_with_nothing_done_afterwards(
    quiet: QuietLoop, way: str, lockstep: bool
) -> None:
    scene = handed_scene("reference", quiet, handed=True, lockstep=lockstep)
    shown = view(scene.registry, scene.stream)
    bind(scene.registry, quiet)
    UNAWAITED[way](scene)
    quiet.settle()
    assert shown.queue == (b"x",)


def bind(registry: StreamStateRegistry, quiet: QuietLoop) -> None:
    """Have a pull wait on the loop once."""
    start(quiet, registry.pull(registry.create())).cancel()
    quiet.settle()


@pytest.mark.parametrize("way", UNAWAITED)
def test_CANCEL_PULL_2_a_waiting_pull_given_up_leaves_with_nothing_done_afterwards(
    quiet: QuietLoop, way: str
) -> None:
    journal = Journal()
    registry = registry_with(journal, overlapping_pull="queue")
    scene = Scene(registry, quiet, registry.create())
    scene.held.append(registry.pull(scene.stream))
    second = start(quiet, registry.pull(scene.stream))
    UNAWAITED[way](scene)
    quiet.settle()
    assert journal.ops[-1] == CancelPull(1)
    assert not second.done()
    registry.push(scene.stream, b"x")
    quiet.settle()
    assert second.result() == Chunk(b"x")


@pytest.mark.parametrize("way", ["close", "throw"])
def test_an_explicit_end_acts_at_once(quiet: QuietLoop, way: str) -> None:
    scene = handed_scene("reference", quiet, handed=True)
    shown = view(scene.registry, scene.stream)
    UNAWAITED[way](scene)
    assert shown.queue == (b"x",)


@pytest.mark.parametrize("handed", [False, True])
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("way", UNAWAITED)
def test_a_recording_has_the_cancel_of_what_was_given_up(
    quiet: QuietLoop, tmp_path: Path, way: str, dialect: str, handed: bool
) -> None:
    path = tmp_path / "r.jsonl"
    registry = StreamStateRegistry(Dialect.parse(dialect))
    with record(registry, path):
        scene = Scene(registry, quiet, stream_in(registry, *([b"x"] if handed else [])))
        scene.held.append(registry.pull(scene.stream))
        if not handed:
            registry.push(scene.stream, b"x")
        waits_and_gets(scene, UNAWAITED[way])
    with path.open("rb") as file:
        assert check(path.name, file, None).outcome is Outcome.CONFORMS
    assert '["cancel_pull",1]' in path.read_text().replace(" ", "")


def test_many_given_up_at_once_go_to_those_who_wait_in_the_order_of_pushes(
    quiet: QuietLoop,
) -> None:
    registry = registry_with(overlapping_pull="queue")
    stream = stream_in(registry, b"a", b"b", b"c")
    held = [registry.pull(stream) for _ in range(3)]
    tasks = [start(quiet, registry.pull(stream)) for _ in range(3)]
    while held:
        held.pop(0)
    quiet.settle()
    assert [task.result() for task in tasks] == [Chunk(b"a"), Chunk(b"b"), Chunk(b"c")]


def test_CANCEL_PULL_4_room_that_was_none_is_given_back_and_the_writer_waits(
    quiet: QuietLoop,
) -> None:
    scene = handed_scene("reference", quiet, handed=True)
    registry, stream = scene.registry, scene.stream
    while not registry.is_queue_full(stream):
        registry.push(stream, b"y")
    writer = start(quiet, registry.writable(stream))
    drop(scene)
    quiet.settle()
    assert not writer.done()
    registry.delete(stream)
    quiet.settle()


def test_where_no_loop_was_bound_the_next_op_sees_to_it(registry: StreamStateRegistry) -> None:
    stream = stream_in(registry, b"x")
    shown = view(registry, stream)
    held = [registry.pull(stream)]
    held.clear()
    assert not shown.queue
    registry.is_queue_full(stream)
    assert shown.queue == (b"x",)


@pytest.mark.parametrize("dropped_before", [False, True])
def test_where_the_loop_is_closed_the_next_op_or_wait_sees_to_it(
    registry: StreamStateRegistry, quiet: QuietLoop, dropped_before: bool
) -> None:
    stream = stream_in(registry, b"x")
    other = QuietLoop()
    bind(registry, other)
    held = [registry.pull(stream)]
    if dropped_before:
        held.clear()  # the sweep is scheduled, and never comes
    other.loop.close()
    held.clear()
    assert start(quiet, registry.pull(stream)).result() == Chunk(b"x")


def test_after_a_sweep_that_never_came_the_new_loop_gets_its_own(
    registry: StreamStateRegistry, quiet: QuietLoop
) -> None:
    stream = stream_in(registry, b"x")
    other = QuietLoop()
    bind(registry, other)
    held = [registry.pull(stream)]
    held.clear()
    other.loop.close()
    held.append(registry.pull(stream))
    second = start(quiet, registry.pull(stream))
    held.clear()
    quiet.settle()
    assert second.done()
    assert second.result() == Chunk(b"x")


class ListenerError(Exception):
    pass


def test_a_listener_that_raises_as_one_goes_keeps_no_other_from_going() -> None:
    def refuse_the_first(op: Op, _effects: tuple[Effect, ...]) -> None:
        if op == CancelPull(1):
            raise ListenerError

    with QuietLoop() as quiet:
        registry = registry_with(refuse_the_first, overlapping_pull="queue")
        stream = stream_in(registry, b"a", b"b")
        held = [registry.pull(stream) for _ in range(2)]
        tasks = [start(quiet, registry.pull(stream)) for _ in range(2)]
        held.reverse()
        held.clear()
        quiet.settle()
        assert [task.done() for task in tasks] == [True, True]
        assert queue(registry, stream) == ()
        assert len(quiet.unraisable) == 1
