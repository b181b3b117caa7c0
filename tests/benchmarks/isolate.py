"""What a guest's chunks cost: `python -m tests.benchmarks.isolate [--rounds N] [--contexts N]`.

A chunk of 64 KiB goes from the guest to its host and back: over the byte path, over a reader and a
writer, over the number arrays and JSON of plan 01, and over a bare bridge, which is the same engine
with one host function that returns the bytes that it was given. That one is spared what plan 01
asks for: a push and a pull are two calls of the host, and a pull is awaited. The row of two calls
and a promise is a bare bridge with these, and nothing else. The row without a table is the byte
path with a host's side that keeps one chunk and does nothing else: what the guest's side and the
crossings cost. In pairs, as `clock` says.
"""

from __future__ import annotations

import asyncio
import gc
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time_ns
from typing import Any, Final
from unittest.mock import patch

from jsbox import Runtime  # type: ignore[import-untyped]

from streamstate import get_stream_registry_for_context
from streamstate.isolate import Isolate
from streamstate.isolate import isolate as module
from streamstate.isolate.table import Table
from tests.benchmarks.clock import Comparison, compare

SIZE: Final = 64 * 1024
GUEST: Final = """
const chunk = new Uint8Array(65536).fill(7), numbers = Array.from(chunk);
const id = __Stream_create(), reader = __Stream_reader(id), writer = __Stream_writer(id);
const options = { result: { promise: true, copy: true } };
const paths = {
  async bytes(count) {
    for (let n = 0; n < count; n++) { __Stream_push(id, chunk); (await __Stream_pull(id)).value; }
  },
  async helpers(count) {
    for (let n = 0; n < count; n++) { await writer.write(chunk); (await reader.next()).value; }
  },
  async numbers(count) {
    for (let n = 0; n < count; n++) {
      __Stream_push(id, numbers);
      JSON.parse(await __Stream_pull_ref.apply(undefined, [id], options)).value;
    }
  },
};
function run(path, count) { return paths[path](count); }
"""
BARE: Final = """(() => {
  const chunk = new Uint8Array(65536).fill(7);
  for (let n = 0; n < %d; n++) bounce(chunk);
})()"""
TWO_CALLS: Final = """(async () => {
  const chunk = new Uint8Array(65536).fill(7);
  for (let n = 0; n < %d; n++) { put(chunk); await take(); }
})(); 0"""
FILL: Final = "var all = []; try { for (;;) all.push(%s); } catch {} all.length -= 9; 0"
COUNTS: Final = {"bytes": 400, "helpers": 400, "numbers": 4, "bytes, without a table": 400}
BARE_TWICE: Final = "bare bridge, two calls and a promise"


@dataclass(frozen=True, slots=True)
class Bench:
    """An isolate on a loop that stands still between runs, and a bare engine."""

    loop: asyncio.AbstractEventLoop
    isolate: Isolate
    without_table: Isolate
    bare: Runtime

    def path(self, row: str) -> Callable[[], float]:
        """Send chunks over that path: nanoseconds for each."""
        name, _, without_table = row.partition(", ")
        isolate = self.without_table if without_table else self.isolate
        count = COUNTS[row]

        def run() -> float:
            began = thread_time_ns()
            self.loop.run_until_complete(isolate.call("run", name, count))
            return (thread_time_ns() - began) / count

        return run

    def bridge(self) -> float:
        """Send chunks over the bare bridge: nanoseconds for each."""
        count = COUNTS["bytes"]
        began = thread_time_ns()
        self.bare.eval(BARE % count)
        return (thread_time_ns() - began) / count

    def two_calls(self) -> float:
        """The same with a call for each way, and a promise: nanoseconds for each."""
        count = COUNTS["bytes"]
        began = thread_time_ns()
        self.loop.run_until_complete(self.bare.eval_async(TWO_CALLS % count))
        return (thread_time_ns() - began) / count


def bench(loop: asyncio.AbstractEventLoop) -> Bench:
    """Start both."""

    kept = [b""]

    def push(_stream: int, chunk: bytes) -> bool:
        kept[0] = chunk
        return True

    class OneChunk(Table):
        def functions(self) -> dict[str, Callable[..., object]]:
            return {**super().functions(), "push": push, "pull": lambda _: kept[0]}

    async def started() -> Isolate:
        isolate = await Isolate(memory_limit=512 * 1024 * 1024, time_limit=60.0).__aenter__()
        await isolate.load(GUEST)
        return isolate

    bare = Runtime(memory_limit=512 * 1024 * 1024, max_value_bytes=1 << 24)
    bare.bind_function("bounce", lambda chunk: chunk)
    bare.bind_function("put", lambda chunk: push(0, chunk))
    bare.bind_function("take", lambda: kept[0])
    isolate = loop.run_until_complete(started())
    with patch.object(module, "Table", OneChunk):
        without_table = loop.run_until_complete(started())
    return Bench(loop, isolate, without_table, bare)


def paths(rounds: int) -> None:
    """Print a row for each path."""
    loop = asyncio.new_event_loop()
    made = bench(loop)
    rows = {name: Comparison(made.path(name), made.bridge) for name in COUNTS}
    rows[BARE_TWICE] = Comparison(made.two_calls, made.bridge)
    compare(list(rows.values()), rounds)
    print("| path | chunks/s | MB/s | of the bare bridge |\n|---|---|---|---|")
    theirs = 0.0
    for name, row in rows.items():
        ours, theirs = row.costs
        high, low = (1 / part for part in row.quartiles)
        rate = f"{1e9 / ours:,.0f} | {SIZE * 1e3 / ours:,.0f}"
        print(f"| {name} | {rate} | {1 / row.ratio:.2f} ({low:.2f} … {high:.2f}) |")
    print(f"| bare bridge | {1e9 / theirs:,.0f} | {SIZE * 1e3 / theirs:,.0f} | 1 |")
    for isolate in (made.isolate, made.without_table):
        isolate.dispose()
    loop.close()


def resident() -> int:
    """Bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def contexts(count: int) -> None:
    """Make and drop so many contexts, each with streams, waiting pulls and queued bytes."""
    sizes, began = [], perf_counter()
    for number in range(count):
        async with Isolate() as isolate:
            registry = get_stream_registry_for_context(isolate)
            registry.push(registry.create(), bytes(1_000))
            await isolate.eval("__Stream_pull(__Stream_create()); 0")
        if number % (count // 4) == count // 4 - 1:
            gc.collect()
            sizes.append(resident() / 1e6)
    each = (perf_counter() - began) / count * 1e3
    shown = ", ".join(f"{size:.1f}" for size in sizes)
    print(f"\n{count:,} contexts, {each:.2f} ms each; MB after each quarter of them: {shown}")


async def ends() -> None:
    """Print how long a dispose takes, of a guest with little and of one that is full, and how long
    the event loop then has to free its memory."""
    sources = {
        "little": "0",
        "64 MiB in buffers": FILL % "new Uint8Array(65536)",
        "64 MiB in small objects": FILL % "{}",
    }
    print("\n| a guest with | dispose | then freed in |\n|---|---|---|")
    for name, source in sources.items():
        disposing, freeing = [], []
        for _ in range(5):
            isolate = await Isolate(time_limit=60.0).__aenter__()
            await isolate.eval(source)
            began = perf_counter()
            isolate.dispose()
            disposed = perf_counter()
            await asyncio.sleep(0)
            disposing.append((disposed - began) * 1e3)
            freeing.append((perf_counter() - disposed) * 1e3)
        print(f"| {name} | {median(disposing):.2f} ms | {median(freeing):.1f} ms |")


ENGINES: Final[dict[str, dict[str, Any]]] = {
    "jsbox": {},
    "jsbox in a process": {"process": True},
    "quickjs-rs": {"engine": "quickjs-rs"},
    "quickjs-rs in a process": {"engine": "quickjs-rs", "process": True},
}


async def engines() -> None:
    """Print what each engine costs, in time on the wall, as some of it is another process's."""
    print("\n| engine | started in | an op | a chunk of 64 KiB there and back | dispose |")
    print("|---|---|---|---|---|")
    ops = "for (let n = 0; n < 500; n++) __Stream_isQueueFull(1); 0"
    for name, options in ENGINES.items():
        took: dict[str, list[float]] = {"start": [], "op": [], "chunk": [], "end": []}
        for _ in range(3):
            began = perf_counter()
            isolate = await Isolate(time_limit=60.0, **options).__aenter__()
            took["start"].append(perf_counter() - began)
            await isolate.load(GUEST)
            for _ in range(5):
                began = perf_counter()
                await isolate.eval(ops)
                took["op"].append((perf_counter() - began) / 500)
                began = perf_counter()
                await isolate.call("run", "bytes", 20)
                took["chunk"].append((perf_counter() - began) / 20)
            began = perf_counter()
            isolate.dispose()
            took["end"].append(perf_counter() - began)
            await asyncio.sleep(0)
        start, op, chunk, end = (min(each) * 1e3 for each in took.values())
        print(f"| {name} | {start:.1f} ms | {op * 1e3:.1f} µs | {chunk:.3f} ms | {end:.2f} ms |")


def main() -> None:
    """Print all of it."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--contexts", type=int, default=10_000)
    chosen = parser.parse_args()
    paths(chosen.rounds)
    asyncio.run(ends())
    asyncio.run(engines())
    asyncio.run(contexts(chosen.contexts))


if __name__ == "__main__":
    main()
