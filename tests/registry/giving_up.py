"""The ways to give up a pull, awaited or not, and scenes with one that was handed a chunk."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import pytest

from streamstate import Dialect, StreamStateRegistry
from streamstate.model import PullResult
from streamstate.registry import PendingPull
from tests.quiet import QuietLoop
from tests.registry.support import start, stream_in

DIALECTS = ("reference", "reference+overlapping_pull=queue")


@dataclass
class Scene:
    """A pull that was handed a chunk and that nobody but `held` holds, and a loop."""

    registry: StreamStateRegistry
    quiet: QuietLoop
    stream: int
    held: list[PendingPull] = field(default_factory=list)
    tasks: list[asyncio.Task[PullResult]] = field(default_factory=list)
    awaiters: list[Coroutine[Any, Any, PullResult]] = field(default_factory=list)


async def hold(pull: PendingPull) -> PullResult:
    return await pull


async def send(awaiter: Coroutine[Any, Any, PullResult]) -> None:
    awaiter.send(None)


def close(scene: Scene) -> None:
    scene.held.pop().close()


def throw(scene: Scene) -> None:
    with suppress(KeyError):
        scene.held[0].throw(KeyError("mine"))


def drop(scene: Scene) -> None:
    scene.held.clear()


def raise_in_its_frame(scene: Scene) -> None:
    def frame(first: PendingPull) -> None:
        raise KeyError(id(first))

    with suppress(KeyError):
        frame(scene.held.pop())


def collect_its_cycle(scene: Scene) -> None:
    cycle: list[object] = [scene.held.pop()]
    cycle.append(cycle)
    del cycle
    gc.collect()


def drop_in_another_thread(scene: Scene) -> None:
    thread = Thread(target=scene.held.clear)
    thread.start()
    thread.join()


def close_in_another_thread(scene: Scene) -> None:
    thread = Thread(target=scene.held[0].close)
    thread.start()
    thread.join()


def drop_its_steps(scene: Scene) -> None:
    steps = scene.held.pop().__await__()
    del steps


def cancel_a_task_that_has_not_begun(scene: Scene) -> None:
    scene.quiet.loop.create_task(scene.held.pop()).cancel()


def drop_a_coroutine_that_has_not_begun(scene: Scene) -> None:
    awaiters = [hold(scene.held.pop())]
    with pytest.warns(RuntimeWarning, match="never awaited"):
        awaiters.clear()


UNAWAITED: dict[str, Callable[[Scene], object]] = {
    way.__name__: way
    for way in (
        close,
        throw,
        drop,
        raise_in_its_frame,
        collect_its_cycle,
        drop_in_another_thread,
        close_in_another_thread,
        drop_its_steps,
        cancel_a_task_that_has_not_begun,
        drop_a_coroutine_that_has_not_begun,
    )
}
"""Ways of giving up a pull that nobody awaited."""


def cancel_its_task(scene: Scene) -> None:
    scene.tasks[0].cancel()


def close_its_coroutine(scene: Scene) -> None:
    scene.awaiters[0].close()


def drop_its_coroutine(scene: Scene) -> None:
    scene.awaiters.clear()


def collect_the_cycle_of_its_coroutine(scene: Scene) -> None:
    cycle: list[object] = [scene.awaiters.pop()]
    cycle.append(cycle)
    del cycle
    gc.collect()


BY_TASK: dict[str, Callable[[Scene], object]] = {"cancel_its_task": cancel_its_task}


BY_HAND: dict[str, Callable[[Scene], object]] = {
    way.__name__: way
    for way in (close_its_coroutine, drop_its_coroutine, collect_the_cycle_of_its_coroutine)
}


def handed_scene(dialect: str, quiet: QuietLoop, handed: bool, lockstep: bool = False) -> Scene:
    """`handed`: in its very call; else while it waited."""
    registry = StreamStateRegistry(Dialect.parse(dialect), lockstep=lockstep)
    scene = Scene(registry, quiet, stream_in(registry, *([b"x"] if handed else [])))
    scene.held.append(registry.pull(scene.stream))
    if not handed:
        assert registry.push(scene.stream, b"x")
    return scene


def awaited_scene(dialect: str, quiet: QuietLoop, by_task: bool, lockstep: bool = False) -> Scene:
    """A pull that was awaited while it waited, and handed its chunk before its awaiter ran."""
    registry = StreamStateRegistry(Dialect.parse(dialect), lockstep=lockstep)
    scene = Scene(registry, quiet, registry.create())
    awaiter = hold(registry.pull(scene.stream))
    if by_task:
        scene.tasks.append(start(quiet, awaiter))
    else:
        start(quiet, send(awaiter))
        scene.awaiters.append(awaiter)
    return scene
