"""What it costs to check a history: `python -m tests.benchmarks.histories [--events N]`.

Histories of eight threads, each in a process of its own: on some streams that are made and deleted
all the time, and on a single one from beginning to end, on which nothing is ever quiet; and one
that the real registry was recorded with. Time is CPU time of one thread, from the first byte of the
file to the verdict, and memory the peak of the process.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from typing import Final

from streamstate import StreamError, StreamStateRegistry
from streamstate.histories import RecordedRegistry, record_history
from streamstate.histories.form import encode_call, encode_header
from streamstate.histories.report import report_on
from streamstate.oracle.adapters.garbage import COLLECTIONS
from streamstate.wire import compact
from tests.histories.simulated import Simulated

THREADS: Final = 8


def simulated(path: Path, events: int, streams: int, lives: int) -> None:
    """Write a history of threads that a scheduler moves on."""
    history = Simulated(Random(0), threads=THREADS, streams=streams, lives=lives).run(events)
    with path.open("w") as file:
        for line in (encode_header(history.start), *map(encode_call, history.calls)):
            file.write(compact(line) + "\n")


def recorded(path: Path, events: int) -> None:
    """Write one of the real registry, a tenth as long: it takes a while to make."""

    async def run() -> None:
        registry = StreamStateRegistry()
        streams = [registry.create() for _ in range(4)]
        ops = record_history(registry.threadsafe(), path)
        with ops, ThreadPoolExecutor(THREADS) as pool:
            loop = asyncio.get_running_loop()
            calls = events // 20 // THREADS
            threads = [
                loop.run_in_executor(pool, produce_and_consume, ops, streams, name, calls)
                for name in range(THREADS)
            ]
            await asyncio.gather(*threads)

    asyncio.run(run())


def produce_and_consume(ops: RecordedRegistry, streams: list[int], name: int, calls: int) -> None:
    """Push and pull at random, and give a pull up that waits too long."""
    random = Random(name)
    for number in range(calls):
        stream = random.choice(streams)
        kind = random.random()
        try:
            if kind < 0.5:
                ops.push(stream, b"%d %d" % (name, number))
            elif kind < 0.9:
                ops.pull(stream, timeout=0.001)
            elif kind < 0.98:
                ops.is_queue_full(stream)
            else:
                ops.get(stream)
        except (TimeoutError, StreamError):
            pass


def many_streams(path: Path, events: int) -> None:
    """Four at a time, and another one for every 1,000 calls."""
    simulated(path, events, 4, 1_000)


def one_stream(path: Path, events: int) -> None:
    """And it takes all of them."""
    simulated(path, events, 1, 10**9)


HISTORIES: Final[dict[str, Callable[[Path, int], None]]] = {
    "4 streams at a time, in all one for every 1,000 calls": many_streams,
    "1 stream": one_stream,
    "the real registry, 4 streams, a tenth as long": recorded,
}


def check(path: str) -> None:
    """Print what it took."""
    before = process_time()
    with open(path, "rb") as file:
        report = report_on(path, file)
    seconds = process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{2 * report.calls:,} events | {report.word} | {seconds:.1f} s | {peak:,.0f} MB")


def main(arguments: list[str]) -> None:
    """Make the histories, and check each; every step in a process of its own, as a process counts
    the memory of the one that started it as its own peak."""
    parser = ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--make", nargs=2)
    parser.add_argument("--check")
    given = parser.parse_args(arguments)
    if given.make is not None:
        HISTORIES[given.make[0]](Path(given.make[1]), given.events)
    elif given.check is not None:
        gc.set_threshold(*COLLECTIONS)  # as the command line does
        check(given.check)
    else:
        for name in HISTORIES:
            with TemporaryDirectory() as folder:
                path = str(Path(folder) / "history.jsonl")
                again("--make", name, path, "--events", str(given.events))
                print(f"| {name} | {again('--check', path)} |", flush=True)


def again(*arguments: str) -> str:
    """What this program prints with other arguments."""
    command = (sys.executable, "-m", "tests.benchmarks.histories", *arguments)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1:])
