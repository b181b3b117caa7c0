"""Doing ops in other threads, with the loop and without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from random import Random
from typing import TypeVar

from streamstate import Chunk, PullSuperseded, StreamStateRegistry
from streamstate.model import PullResult
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


def produce(ops: ThreadsafeRegistry, stream: int, name: int, chunks: int, random: Random) -> None:
    """Push numbered chunks in every way there is; what was not done is done again."""
    number = 0
    while number < chunks:
        chunk = b"%d %d" % (name, number)
        match random.randrange(5):
            case 0:
                ops.push_soon(stream, chunk)
            case 1:
                assert ops.push(stream, chunk)
            case 2:
                assert ops.submit_push(stream, chunk).result()
            case 3:
                if not in_time(ops, stream, chunk, random.random() / 500):
                    continue
            case _:
                if ops.submit_push(stream, chunk).cancel():
                    continue
        number += 1


def in_time(ops: ThreadsafeRegistry, stream: int, chunk: bytes, timeout: float) -> bool:
    """Whether it was written."""
    try:
        return ops.write(stream, chunk, timeout=timeout)
    except TimeoutError:
        return False


def send_all(ops: ThreadsafeRegistry, stream: int, name: int, chunks: int, random: Random) -> None:
    """Send numbered chunks in every way there is; what was given up in time is sent again."""
    number = 0
    while number < chunks:
        chunk = b"%d %d" % (name, number)
        try:
            match random.randrange(4):
                case 0:
                    assert ops.send(stream, chunk)
                case 1:
                    assert ops.send(stream, chunk, timeout=random.random() / 1_000)
                case 2:
                    answer = ops.submit_send(stream, chunk)
                    answer.cancel()
                    assert answer.result()
                case _:
                    answer = ops.submit_send(stream, chunk)
                    ops.is_queue_full(stream)  # so that it has crossed, and waits or is sent
                    answer.cancel()
                    assert answer.result()
        except (TimeoutError, CancelledError):
            continue
        number += 1


def consume(ops: ThreadsafeRegistry, stream: int, random: Random) -> list[bytes]:
    """Pull in every way there is, and give up as often as not."""
    taken: list[bytes] = []
    while True:
        try:
            result = pulled(ops, stream, random)
        except (TimeoutError, CancelledError, PullSuperseded):
            continue
        if not isinstance(result, Chunk):
            return taken
        taken.append(result.value)


def pulled(ops: ThreadsafeRegistry, stream: int, random: Random) -> PullResult:
    match random.randrange(4):
        case 0:
            return ops.pull(stream)
        case 1:
            return ops.pull(stream, timeout=random.random() / 1_000)
        case 2:
            answer: Future[PullResult] = ops.submit_pull(stream)
            answer.cancel()
            return answer.result()
        case _:
            answer = ops.submit_pull(stream)
            ops.is_queue_full(stream)  # so that it has crossed, and waits or has its answer
            answer.cancel()
            return answer.result()
