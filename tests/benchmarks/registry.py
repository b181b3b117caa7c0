"""How fast the registry is, in ratios: `python -m tests.benchmarks.registry [--markdown]`."""

from __future__ import annotations

import platform
import sys
import tracemalloc
from collections import deque
from collections.abc import Callable
from time import thread_time_ns

from streamstate import Limits, StreamStateRegistry
from streamstate.model import Create, Pull, Push, Seen, initial, step
from streamstate.registry import PendingPull
from tests.benchmarks import contenders, foreign
from tests.benchmarks.clock import Run, least, per_unit
from tests.benchmarks.contenders import QUEUE, REGISTRY

ROUNDS = 60
MANY = 100_000
OPS = 2_000

Row = tuple[str, str, str]


def compared(title: str, runs: dict[str, Run], goal: str) -> list[Row]:
    """A row for each contender: what a chunk costs there, and the registry's share of it."""
    best = least(runs, ROUNDS)
    ours = best[REGISTRY]
    rows = [(title, f"{REGISTRY}: {ours:.0f} ns", "")]
    for name, theirs in best.items():
        if name != REGISTRY:
            wanted = goal if name == QUEUE else "below 1" if name in foreign.FOREIGN else ""
            rows.append((f"… against {name}, {theirs:.0f} ns", f"{ours / theirs:.2f}", wanted))
    return rows


def push_and_pull(registry: StreamStateRegistry, streams: list[int]) -> float:
    """Per op: one push and one pull that is looked at, on each of the streams in turn."""
    push, pull = registry.push, registry.pull
    chunk = b"x"
    started = thread_time_ns()
    for stream in streams:
        push(stream, chunk)
        look(pull(stream))
    return per_unit(2 * len(streams), started)


def look(pull: PendingPull) -> None:
    try:
        pull.send(None)
    except StopIteration:
        return


def scattered(count: int) -> list[int]:
    """`OPS` streams out of so many, in an order that no cache foresees."""
    return [1 + (index * 48_271) % count for index in range(OPS)]


def among(count: int) -> Run:
    registry = StreamStateRegistry()
    for _ in range(count):
        registry.create()
    streams = scattered(count)
    return lambda: push_and_pull(registry, streams)


def among_bare(count: int) -> Run:
    queues = {number: deque[bytes]() for number in range(1, count + 1)}
    streams = scattered(count)

    def run() -> float:
        chunk = b"x"
        started = thread_time_ns()
        for stream in streams:
            queues[stream].append(chunk)
            queues[stream].popleft()
        return per_unit(2 * len(streams), started)

    return run


def behind(backlog: int) -> Run:
    registry = StreamStateRegistry(limits=Limits(2**40, 2**40))
    stream = registry.create()
    for _ in range(backlog):
        registry.push(stream, b"x")
    streams = [stream] * OPS
    return lambda: push_and_pull(registry, streams)


def model_steps() -> float:
    state, _ = step(initial(), Create())
    push, pull = Push(1, b"x"), Pull(1)
    started = thread_time_ns()
    for number in range(1, OPS + 1):
        state, _ = step(state, push)
        state, _ = step(state, pull)
        state, _ = step(state, Seen(number))
    return per_unit(3 * OPS, started)


def idle_bytes() -> float:
    registry = StreamStateRegistry()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(MANY):
        registry.create()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / MANY


def ratio(title: str, large: Run, small: Run, goal: str) -> Row:
    best = least({"large": large, "small": small}, ROUNDS)
    return (
        f"{title}, {best['large']:.0f} ns against {best['small']:.0f} ns",
        f"{best['large'] / best['small']:.2f}",
        goal,
    )


def table() -> list[Row]:
    model = least({"model": model_steps}, ROUNDS)["model"]
    return [
        *compared("buffered: push and await pull, per chunk", contenders.buffered(), "2.3"),
        *compared("hand-off: a pull waits for each push", contenders.handoff(), "1.2"),
        *compared("async for over chunks, buffered", contenders.loop(), "1.3"),
        *compared("async for over chunks, with back-pressure", contenders.pipe(), "1.3"),
        ratio(f"op behind {MANY:,} chunks", behind(MANY), behind(1), "1.25"),
        ratio(f"op among {MANY:,} streams", among(MANY), among(1), "1.6"),
        ratio("… the same in a bare dict of deques", among_bare(MANY), among_bare(1), ""),
        ("an idle stream", f"{idle_bytes():.0f} bytes", "300 bytes"),
        ("a step of the model", f"{model:.0f} ns", ""),
        *((f"against {name}", "absent: not installed", "") for name in foreign.absent()),
    ]


def as_text(rows: list[Row]) -> str:
    width = max(len(what) for what, _, _ in rows)
    return "\n".join(
        f"{what:{width}}  {value:>24}  {goal and 'goal ' + goal}".rstrip()
        for what, value, goal in rows
    )


def as_markdown(rows: list[Row]) -> str:
    lines = ["| what | value | goal |", "|---|---|---|"]
    lines += [f"| {what} | {value} | {goal} |" for what, value, goal in rows]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Print the table."""
    show: Callable[[list[Row]], str] = as_markdown if "--markdown" in arguments else as_text
    print(f"Python {platform.python_version()}, {platform.machine()}\n")
    print(show(table()))


if __name__ == "__main__":
    main(sys.argv[1:])
