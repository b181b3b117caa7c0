"""Doing ops in other threads, with the loop and without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from streamstate import StreamStateRegistry
from streamstate.registry import ThreadsafeRegistry
from tests.quiet import QuietLoop
from tests.registry.support import result_of

T = TypeVar("T")


def of(quiet: QuietLoop, registry: StreamStateRegistry) -> ThreadsafeRegistry:
    """Made where it has to be: in the loop."""

    async def make() -> ThreadsafeRegistry:
        return registry.threadsafe()

    return result_of(quiet, make())


def in_a_thread(call: Callable[[], T]) -> T:
    """What it returns or raises in another thread, while the loop does not run."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def beside_a_loop(
    call: Callable[[ThreadsafeRegistry], T], registry: StreamStateRegistry | None = None
) -> T:
    """What it returns or raises in a thread, while the loop runs."""

    async def run() -> T:
        made = StreamStateRegistry(lockstep=True) if registry is None else registry
        return await asyncio.to_thread(call, made.threadsafe())

    return asyncio.run(run())
