"""However a loop comes to its end, nobody waits for it in another thread."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from streamstate import StreamStateRegistry
from streamstate.model import CancelPull
from streamstate.registry import ThreadsafeRegistry
from streamstate.registry.lifeline import AtClose
from tests.quiet import QuietLoop
from tests.registry.in_threads import of
from tests.registry.support import queue, registry_with, stream_in

ENDED = "closed or is shutting down, or its thread has ended"

WAITING: dict[str, Callable[[ThreadsafeRegistry], Future[Any]]] = {
    "pull": lambda ops: ops.submit_pull(1),
    "writable": lambda ops: ops.submit_writable(2),
    "write": lambda ops: ops.submit_write(2, b"x"),
    "send": lambda ops: ops.submit_send(2, b"x"),
}


@pytest.fixture(name="registry")
def _registry() -> StreamStateRegistry:
    return registry_with(push_when_full="wait")


def with_both(registry: StreamStateRegistry) -> StreamStateRegistry:
    """Stream 1 has nothing to pull, and 2 no room."""
    registry.create()
    stream_in(registry, *[b"x"] * 16)
    return registry


@pytest.mark.parametrize("op", WAITING)
@pytest.mark.parametrize("crossed", [False, True])
def test_who_waits_as_the_loop_is_closed_is_told(
    registry: StreamStateRegistry, op: str, crossed: bool
) -> None:
    quiet = QuietLoop()
    ops = of(quiet, with_both(registry))
    answer = WAITING[op](ops)
    if crossed:
        quiet.settle()
    quiet.loop.close()
    with pytest.raises(RuntimeError, match=ENDED):
        answer.result(0)
    with pytest.raises(RuntimeError, match=ENDED):
        ops.push_soon(1, b"a")
    with pytest.raises(RuntimeError, match=ENDED):
        ops.submit_create()
    assert "ended" in repr(ops)
    assert registry.push(1, b"a")
    assert queue(registry, 1) == (b"a",)
    assert len(queue(registry, 2)) == 16


@pytest.mark.parametrize("op", WAITING)
def test_asyncio_run_does_not_wait_for_a_thread_that_waits_for_it(
    registry: StreamStateRegistry, op: str
) -> None:
    told: list[str] = []

    def wait_twice(ops: ThreadsafeRegistry) -> None:
        for _ in range(2):  # whoever asks again is not let in again
            with pytest.raises(RuntimeError, match=ENDED) as raised:
                WAITING[op](ops).result(60)
            told.append(str(raised.value))

    async def leave() -> None:
        ops = with_both(registry).threadsafe()
        asyncio.get_running_loop().run_in_executor(None, wait_twice, ops)

    asyncio.run(leave())
    assert len(told) == 2


def test_a_chunk_that_was_on_its_way_to_a_thread_is_back(registry: StreamStateRegistry) -> None:
    stream, quiet = registry.create(), QuietLoop()
    answer = of(quiet, registry).submit_pull(stream)
    quiet.settle()
    registry.push(stream, b"a")
    quiet.loop.close()
    with pytest.raises(RuntimeError, match=ENDED):
        answer.result(0)
    assert queue(registry, stream) == (b"a",)


def test_a_listener_that_raises_as_the_loop_ends_keeps_nobody_waiting() -> None:
    def refuse(op: object, _effects: object) -> None:
        if isinstance(op, CancelPull):
            raise ValueError("no cancel")

    registry, quiet = registry_with(refuse, overlapping_pull="queue"), QuietLoop()
    stream, ops = registry.create(), of(quiet, registry)
    answers = [ops.submit_pull(stream) for _ in range(3)]
    quiet.settle()
    quiet.loop.close()
    for answer in answers:
        with pytest.raises(RuntimeError, match=ENDED):
            answer.result(0)
    assert len(quiet.unraisable) == 3


def test_the_registry_serves_threads_again_in_a_new_loop(registry: StreamStateRegistry) -> None:
    for number in (1, 2, 3):
        with QuietLoop() as quiet:
            answer = of(quiet, registry).submit_create()
            quiet.settle()
            assert answer.result(0) == number


def test_the_end_of_the_thread_of_a_loop_that_was_never_closed_is_told() -> None:
    made: list[tuple[QuietLoop, Future[Any]]] = []

    def leave() -> None:
        quiet = QuietLoop()
        answer = of(quiet, StreamStateRegistry()).submit_pull(1)
        made.append((quiet, answer))

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    [(quiet, answer)] = made
    for each in threading.enumerate():
        if each.name == f"streamstate waits for {thread.name}":
            each.join()
    with pytest.raises(RuntimeError, match=ENDED):
        answer.result(0)
    quiet.loop.close()
    gc.collect()


def test_a_way_in_that_goes_in_a_cycle_leaves_no_timer_in_the_loop(
    registry: StreamStateRegistry,
) -> None:
    """The collector clears every weak reference that it finds in a cycle, whatever it is to."""
    with QuietLoop() as quiet:
        for in_a_cycle in (False, True):
            held: list[object] = [of(quiet, registry)]
            held += [held] * in_a_cycle
            del held
            gc.collect()
            quiet.settle()
            assert [each for each in gc.get_objects() if isinstance(each, AtClose)] == []


CHILD = """
import asyncio, threading
from streamstate import StreamStateRegistry

async def make():
    registry = StreamStateRegistry()
    ops = registry.threadsafe()
    stream = registry.create()
    return ops, stream

def wait(ops, stream):
    try:
        ops.{op}
    except RuntimeError as error:
        print(error)

loop = asyncio.new_event_loop()
ops, stream = loop.run_until_complete(make())
thread = threading.Thread(target=wait, args=(ops, stream))
thread.start()
while not ops._crossing._requests:
    pass
{after}
"""


@pytest.mark.parametrize(
    ("op", "after"),
    [
        ("pull(stream)", "loop.run_until_complete(asyncio.sleep(0))"),
        ("pull(stream)", "1 / 0"),
        ("push(stream, b'a')", ""),
        ("push(stream, b'a')", "loop.close()"),
    ],
)
def test_an_interpreter_exits_though_a_thread_waits(op: str, after: str) -> None:
    program = CHILD.format(op=op, after=after)
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert ENDED in ran.stdout, ran.stderr


def test_threads_of_a_pool_end_with_the_loop() -> None:
    registry = registry_with(overlapping_pull="queue")
    with ThreadPoolExecutor(8) as pool:
        with QuietLoop() as quiet:
            ops = of(quiet, registry)
            stream = registry.create()
            waiting = [pool.submit(ops.pull, stream) for _ in range(8)]
        for each in waiting:
            with pytest.raises(RuntimeError, match=ENDED):
                each.result(60)
