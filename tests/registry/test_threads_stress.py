"""Eight threads at once, in lockstep with the model: no chunk lost, none twice, each in order."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from streamstate import Dialect, Limits, StreamStateRegistry
from tests.registry.in_threads import consume, produce, send_all

CHUNKS = 150


WAYS = {"accept": produce, "wait": send_all, "wait_through_close": send_all}
"""By what happens to pushes to a full stream."""


def handed_over(producers: int, consumers: int, when_full: str) -> list[list[bytes]]:
    """What each consumer took, in its order."""

    async def run() -> list[list[bytes]]:
        dialect = Dialect.parse(f"reference+overlapping_pull=queue+push_when_full={when_full}")
        registry = StreamStateRegistry(dialect, Limits(max_queue_chunks=4), lockstep=True)
        stream, ops = registry.create(), registry.threadsafe()
        loop, way = asyncio.get_running_loop(), WAYS[when_full]
        with ThreadPoolExecutor(producers + consumers) as pool:
            taking = [
                loop.run_in_executor(pool, consume, ops, stream, Random(f"{producers} take {each}"))
                for each in range(consumers)
            ]
            pushing = [
                loop.run_in_executor(
                    pool, way, ops, stream, each, CHUNKS, Random(f"{producers} {each}")
                )
                for each in range(producers)
            ]
            await asyncio.gather(*pushing)
            await asyncio.to_thread(ops.close, stream)
            return await asyncio.gather(*taking)

    return asyncio.run(run())


def all_of(producers: int) -> list[bytes]:
    return sorted(b"%d %d" % (name, n) for name in range(producers) for n in range(CHUNKS))


@pytest.mark.parametrize("when_full", WAYS)
def test_every_chunk_is_taken_once_by_one_of_four(when_full: str) -> None:
    taken = handed_over(4, 4, when_full)
    assert sorted(chunk for each in taken for chunk in each) == all_of(4)


@pytest.mark.parametrize("when_full", WAYS)
def test_one_that_takes_all_has_each_producers_in_order(when_full: str) -> None:
    """With several a chunk that one gives back may come behind a newer one that another took."""
    [taken] = handed_over(7, 1, when_full)
    assert sorted(taken) == all_of(7)
    for name in range(7):
        own = [chunk for chunk in taken if chunk.startswith(b"%d " % name)]
        assert own == [b"%d %d" % (name, number) for number in range(CHUNKS)]
