"""What it costs to stream between two sockets: `python -m tests.benchmarks.pump [--rounds N]`.

A body comes from one socket and goes to another: through `pump`, a stream and `pour`, and in a loop
of `read` and `drain`. Both ends of both sockets are in this process and this thread, so that
sending and receiving is counted on both sides. With `--memory MB` one body of that size goes
through, in a process of its own, and its peak of memory is printed.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from time import thread_time_ns
from typing import Final, TypeAlias

from streamstate import StreamStateRegistry
from streamstate.pump import pour, pump
from tests.benchmarks.clock import Comparison, compare

MEGABYTE: Final = 1024 * 1024
BODY: Final = 16
"""Megabytes of a body that is timed."""

READ: Final = 64 * 1024

Move: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[object]]


async def streamed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Through a stream of a registry."""
    registry = StreamStateRegistry()
    async with registry.stream() as stream, asyncio.TaskGroup() as group:
        group.create_task(pump(reader, registry, stream))
        await pour(registry, stream, writer)


async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """In the loop that everybody writes."""
    while chunk := await reader.read(READ):
        writer.write(chunk)
        await writer.drain()


async def body(megabytes: int, move: Move) -> int:
    """Move a body of so many megabytes from socket to socket; how many nanoseconds it took."""
    out, into = socket.socketpair()
    back, drain = socket.socketpair()
    _, source = await asyncio.open_connection(sock=out)
    reader, unused = await asyncio.open_connection(sock=into)
    _, writer = await asyncio.open_connection(sock=back)
    sink, unneeded = await asyncio.open_connection(sock=drain)

    async def send() -> None:
        chunk = bytes(READ)
        for _ in range(megabytes * MEGABYTE // READ):
            source.write(chunk)
            await source.drain()
        source.write_eof()

    async def receive() -> int:
        received = 0
        while chunk := await sink.read(READ):
            received += len(chunk)
        return received

    async def moved() -> None:
        await move(reader, writer)
        writer.write_eof()

    began = thread_time_ns()
    _, received, _ = await asyncio.gather(send(), receive(), moved())
    took = thread_time_ns() - began
    assert received == megabytes * MEGABYTE, received
    for each in (source, unused, writer, unneeded):
        each.close()
    return took


def compared(rounds: int) -> None:
    """Print what both take, and their ratio."""
    with asyncio.Runner() as runner:

        def run(move: Move) -> Callable[[], float]:
            return lambda: runner.run(body(BODY, move)) / BODY

        row = Comparison(run(streamed), run(plain))
        compare([row], rounds)
    ours, theirs = row.costs
    low, high = row.quartiles
    print(f"pump and pour: {1e9 / ours:,.0f} MB/s; read and drain: {1e9 / theirs:,.0f} MB/s")
    print(f"of the rate of the plain loop: {1 / row.ratio:.2f} ({1 / high:.2f} … {1 / low:.2f})")


def peak(megabytes: int) -> None:
    """Print how much more memory it takes to move so much than to move one megabyte."""
    asyncio.run(body(1, streamed))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asyncio.run(body(megabytes, streamed))
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{megabytes:,} MB through a stream: {more / 1024:.1f} MB at the peak, over one megabyte's"
    )


def main(arguments: list[str]) -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.pump", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--memory", type=int, metavar="MB", help="of a body to move once")
    chosen = parser.parse_args(arguments)
    if chosen.memory is not None:
        peak(chosen.memory)
    else:
        compared(chosen.rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
