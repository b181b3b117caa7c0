"""How time is taken: CPU time of the thread, the least of many short runs, all interleaved.

On a machine that does other things as well, the median of a long run says more about those.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Mapping
from time import thread_time_ns
from typing import TypeAlias

Run: TypeAlias = Callable[[], float]
"""Does the work once and returns what it took, in nanoseconds per unit of work."""

Work: TypeAlias = Callable[[], Awaitable[None]]


def per_unit(units: int, started: int) -> float:
    """Nanoseconds for each of the units of work since `started`."""
    return (thread_time_ns() - started) / units


def on_asyncio(units: int, prepare: Callable[[], Awaitable[Work]]) -> Run:
    """Times what `prepare` returns, on an event loop; what it does itself is not timed."""

    async def timed() -> float:
        work = await prepare()
        started = thread_time_ns()
        await work()
        return per_unit(units, started)

    return lambda: asyncio.run(timed())


def least(runs: Mapping[str, Run], rounds: int) -> dict[str, float]:
    """The least that each took in so many rounds, in each of which every one has its turn."""
    best = dict.fromkeys(runs, float("inf"))
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, run in runs.items():
                best[name] = min(best[name], run())
    finally:
        gc.enable()
    return best
