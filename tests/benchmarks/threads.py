"""What it costs to push from threads: `python -m tests.benchmarks.threads [--rounds N]`.

Eight threads push, the loop takes all. The time is the wall's, from when the threads are let go to
when the loop has the last chunk and they have ended: what is asked is the rate, and threads that
wait for each other take no CPU. janus and culsans are peers where they are installed.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser
from asyncio import run_coroutine_threadsafe
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from importlib.util import find_spec
from threading import Barrier, Thread
from time import perf_counter_ns
from typing import Any, Final, TypeAlias

from streamstate import StreamStateRegistry
from tests.benchmarks.clock import Comparison, Run, compare

THREADS: Final = 8
PUSHES: Final = 500
"""Of each thread."""

CHUNK: Final = bytes(1024)

Push: TypeAlias = Callable[[], object]
"""Pushes all chunks of one thread."""

Contender: TypeAlias = Callable[[], Awaitable[int]]
"""Hands all chunks over and returns how many nanoseconds that took."""


async def timed(push: Push, take: Callable[[int], Awaitable[None]]) -> int:
    """Let the threads go, and take what they push."""
    barrier = Barrier(THREADS + 1)

    def work() -> None:
        barrier.wait()
        push()

    threads = [Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = perf_counter_ns()
    await take(THREADS * PUSHES)
    await asyncio.to_thread(join, threads)  # the last answers may need the loop
    return perf_counter_ns() - began


def join(threads: list[Thread]) -> None:
    """Wait until all have ended."""
    for thread in threads:
        thread.join()


async def registry(made: Callable[[StreamStateRegistry, int], Push]) -> int:
    """With a registry whose loop reads the stream."""
    registry = StreamStateRegistry()
    stream = registry.create()

    async def take(count: int) -> None:
        async for _ in registry.chunks(stream):
            count -= 1
            if not count:
                return

    return await timed(made(registry, stream), take)


def push_soon(registry: StreamStateRegistry, stream: int) -> Push:
    """Ours, without an answer."""
    push = registry.threadsafe().push_soon

    def push_all() -> None:
        for _ in range(PUSHES):
            push(stream, CHUNK)

    return push_all


def call_soon(registry: StreamStateRegistry, stream: int) -> Push:
    """A wake-up for each push, without an answer."""
    call, push = asyncio.get_running_loop().call_soon_threadsafe, registry.push

    def push_all() -> None:
        for _ in range(PUSHES):
            call(push, stream, CHUNK)

    return push_all


def submit(registry: StreamStateRegistry, stream: int) -> Push:
    """Ours, with a future for each push."""
    push = registry.threadsafe().submit_push

    def push_all() -> None:
        for answer in [push(stream, CHUNK) for _ in range(PUSHES)]:
            assert answer.result() is True

    return push_all


def call_and_answer(registry: StreamStateRegistry, stream: int) -> Push:
    """A wake-up and a future for each push."""
    call = asyncio.get_running_loop().call_soon_threadsafe

    def do(answer: Future[bool]) -> None:
        answer.set_result(registry.push(stream, CHUNK))

    def ask() -> Future[bool]:
        answer: Future[bool] = Future()
        call(do, answer)
        return answer

    def push_all() -> None:
        for answer in [ask() for _ in range(PUSHES)]:
            assert answer.result() is True

    return push_all


def blocking(registry: StreamStateRegistry, stream: int) -> Push:
    """Ours, waiting for each push."""
    push = registry.threadsafe().push

    def push_all() -> None:
        for _ in range(PUSHES):
            assert push(stream, CHUNK) is True

    return push_all


def run_coroutine(registry: StreamStateRegistry, stream: int) -> Push:
    """What asyncio has for it, waiting for each push."""
    loop = asyncio.get_running_loop()

    async def do() -> bool:
        return registry.push(stream, CHUNK)

    def push_all() -> None:
        for _ in range(PUSHES):
            assert run_coroutine_threadsafe(do(), loop).result() is True

    return push_all


async def queue_of(module: str) -> int:
    """With a queue that has a side for threads and one for asyncio."""
    queue = __import__(module).Queue()
    put, get = queue.sync_q.put, queue.async_q.get

    def push_all() -> None:
        for _ in range(PUSHES):
            put(CHUNK)

    async def take(count: int) -> None:
        for _ in range(count):
            await get()

    took = await timed(push_all, take)
    queue.close()
    await queue.wait_closed()
    return took


PEERS: Final = ("janus", "culsans")


def rows(runner: asyncio.Runner) -> list[tuple[str, str, Comparison | None]]:
    """What is compared with what."""

    def run(contender: Callable[[], Any]) -> Run:
        return lambda: runner.run(contender()) / (THREADS * PUSHES)

    def of(made: Callable[[StreamStateRegistry, int], Push]) -> Run:
        return run(lambda: registry(made))

    return [
        ("push_soon", "call_soon_threadsafe", Comparison(of(push_soon), of(call_soon))),
        *(
            (
                "push_soon",
                f"{name}, sync_q.put",
                Comparison(of(push_soon), run(partial(queue_of, name)))
                if find_spec(name)
                else None,
            )
            for name in PEERS
        ),
        (
            "submit_push",
            "call_soon_threadsafe and a future",
            Comparison(of(submit), of(call_and_answer)),
        ),
        ("push", "run_coroutine_threadsafe", Comparison(of(blocking), of(run_coroutine), 4)),
    ]


def main(arguments: list[str]) -> None:
    """Print a table."""
    parser = ArgumentParser(prog="python -m tests.benchmarks.threads", description=__doc__)
    parser.add_argument("--rounds", type=int, default=120)
    rounds = parser.parse_args(arguments).rounds
    with asyncio.Runner() as runner:
        compared = rows(runner)
        compare([row for *_, row in compared if row is not None], rounds)
    print(f"| {THREADS} threads, one loop | ns per push | theirs | our rate is times theirs |")
    print("|---|---|---|---|")
    for ours, theirs, row in compared:
        if row is None:
            print(f"| `{ours}` against {theirs} | | not installed | |")
            continue
        costs, (low, high) = row.costs, row.quartiles
        ratio = f"{1 / row.ratio:.2f} ({1 / high:.2f} … {1 / low:.2f})"
        print(f"| `{ours}` against {theirs} | {costs[0]:.0f} | {costs[1]:.0f} | {ratio} |")


if __name__ == "__main__":
    main(sys.argv[1:])
