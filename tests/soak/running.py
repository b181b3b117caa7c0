"""Registries in use, lap by lap, on every kind of loop that is there."""

from __future__ import annotations

import asyncio
import gc
import threading
from asyncio import AbstractEventLoop
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from random import Random
from threading import Barrier
from traceback import format_exception
from typing import Any, Final

from streamstate import Dialect, Limits, StreamStateRegistry
from streamstate.model import Effect, IsQueueFull, Op
from streamstate.registry import Stats
from streamstate.registry.lockstep import HISTORY
from tests.soak.levels import Levels
from tests.soak.mixed import any_ops, in_threads, waits
from tests.soak.pipes import piped
from tests.soak.pumps import pumped
from tests.soak.troubles import Troubles, watched
from tests.soak.world import Load, World

LOADS: Final[Mapping[Load, int]] = {piped: 6, any_ops: 4, pumped: 3, waits: 2, in_threads: 1}
AT_ONCE: Final = 10
LIMITS: Final = Limits(high_water_mark=100, max_queue_chunks=4)
DIALECTS: Final = (
    "reference",
    "plan-01",
    "isolate",
    "whatwg",
    "reference+overlapping_pull=refuse+push_when_full=refuse",
)
TURNS: Final = 10
"""Of the loop, in which what was dropped, as an async generator, is seen to."""

NEUTRAL: Final = IsQueueFull(0)
"""What is done between the laps, and not counted."""

KNOWN_THREADS: Final = (
    "ThreadPoolExecutor",
    "asyncio_",
    "uvloop_",
    "streamstate waits for MainThread",
)
Factory = Callable[..., StreamStateRegistry]


def loops() -> dict[str, Callable[[], AbstractEventLoop]]:
    """The kinds of loop that this interpreter has, by name."""
    kinds: dict[str, Callable[[], AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if find_spec("uvloop"):
        import uvloop  # noqa: PLC0415  # where it is

        kinds["uvloop"] = uvloop.new_event_loop
    if hasattr(asyncio, "eager_task_factory"):
        for name, make in list(kinds.items()):
            kinds[f"{name}, eager tasks"] = _eager(make)
    return kinds


def _eager(make: Callable[[], AbstractEventLoop]) -> Callable[[], AbstractEventLoop]:
    def made() -> AbstractEventLoop:
        loop = make()
        loop.set_task_factory(_eager_task)
        return loop

    return made


def _eager_task(loop: AbstractEventLoop, coroutine: Any, **options: Any) -> Any:
    """A task that has taken its first step; loops pass options that early 3.13 does not know."""
    options.pop("eager_start", None)
    return asyncio.eager_task_factory(loop, coroutine, **options)  # type: ignore[attr-defined]  # 3.12


def pool(size: int) -> ThreadPoolExecutor:
    """Threads that are all there from the start: one that comes later would look like a leak."""
    made, all_there = ThreadPoolExecutor(size), Barrier(size)
    for each in [made.submit(all_there.wait) for _ in range(size)]:
        each.result()
    return made


@dataclass(slots=True)
class Service:
    """One registry and its loop, both of which live as long as the run."""

    name: str
    runner: asyncio.Runner
    registry: StreamStateRegistry


class Soak:
    """A run. `patience`: seconds in which a lap, which takes a fraction of one, must end."""

    def __init__(
        self,
        seed: int,
        make: Factory = StreamStateRegistry,
        *,
        kinds: Sequence[str] = tuple(loops()),
        dialects: Sequence[str] = DIALECTS,
        loads: Mapping[Load, int] = LOADS,
        at_once: int = AT_ONCE,
        patience: float = 60,
    ) -> None:
        self.troubles = Troubles()
        self.levels = Levels()
        self.ops: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()
        self.laps = 0
        self._random = Random(seed)
        self._make = make
        self._kinds = kinds
        self._dialects = dialects
        self._loads = loads
        self._at_once = at_once
        self._threads = set(threading.enumerate())
        self._patience = patience

    def run(self, go_on: Callable[[], bool]) -> None:
        """Do rounds of one lap in each service, while `go_on` says so and nothing is found."""
        with watched(self.troubles), pool(8) as threads, ExitStack() as runners:
            services = [
                self._service(dialect, kind, runners)
                for kind in self._kinds
                for dialect in self._dialects
            ]
            gc.collect()
            gc.freeze()  # what was there before is not looked through again in every lap
            runners.callback(gc.unfreeze)
            while go_on() and not self.troubles.found:
                for service in services:
                    self._lap(service, threads)
                self.levels.measure()
        if self.levels.enough and not self.troubles.found:
            self.troubles.found += self.levels.leaks()

    def _service(self, dialect: str, kind: str, runners: ExitStack) -> Service:
        runner = runners.enter_context(asyncio.Runner(loop_factory=loops()[kind]))
        loop = runner.get_loop()
        loop.set_exception_handler(self.troubles.in_loop)
        loop.set_default_executor(pool(2))
        registry = self._make(Dialect.parse(dialect), LIMITS, lockstep=True, listener=self._count)
        registry.watch()
        return Service(f"{dialect} on {kind}", runner, registry)

    def _count(self, op: Op, _effects: tuple[Effect, ...]) -> None:
        if op != NEUTRAL:
            self.ops[type(op).__name__] += 1

    def _lap(self, service: Service, threads: Executor) -> None:
        """Some loads at once, and what must hold once they are over."""
        if self.troubles.found:
            return
        world = World(
            service.registry,
            Random(self._random.random()),
            self.troubles,
            self.happened,
            threads,
        )
        try:
            service.runner.run(self._one_lap(world))
        except BaseException as raised:
            self.troubles.add(f"a lap raised {raised!r}")
        self.troubles.found[:] = [
            f"{service.name}, lap {self.laps}: {what}" for what in self.troubles.found
        ]
        self.laps += 1

    async def _one_lap(self, world: World) -> None:
        chosen = world.random.choices([*self._loads], [*self._loads.values()], k=self._at_once)
        tasks = [asyncio.create_task(load(world), name=load.__name__) for load in chosen]
        _, pending = await asyncio.wait(tasks, timeout=self._patience)
        if pending:
            waiting = asyncio.all_tasks() - {asyncio.current_task()}
            world.troubles.add(
                "".join(["loads did not end:", *(f"\n  {each}" for each in waiting)])
            )
        for task in tasks:
            if task.done() and (raised := task.exception()) is not None:
                world.troubles.add("".join(format_exception(raised)))
        del tasks, pending
        if not world.troubles.found:
            await self._rest(world)

    async def _rest(self, world: World) -> None:
        """Nothing is left of what the loads did."""
        registry = world.registry
        registry.clear()
        for _ in range(HISTORY):  # what the model remembers of the loads, for its reports
            registry.is_queue_full(NEUTRAL.stream)
        gc.collect()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        world.require(registry.stats() == self._nothing(registry), f"left: {registry.stats()}")
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            world.troubles.add(f"a task is left: {task!r}")
        unknown = [thread.name for thread in threading.enumerate() if not self._is_known(thread)]
        world.require(not unknown, f"threads are left: {', '.join(unknown)}")

    def _nothing(self, registry: StreamStateRegistry) -> Stats:
        """What there is in a registry at rest."""
        return Stats(0, 0, 0, 0, 0, 0, 0, None, registry.stats().peak)

    def _is_known(self, thread: threading.Thread) -> bool:
        """Whether it is one of a pool, waits for the main thread to end, or was there before."""
        return thread in self._threads or thread.name.startswith(KNOWN_THREADS)
