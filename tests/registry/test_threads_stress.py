"""Eight threads at once, in lockstep with the model: no chunk lost, none twice, each in order."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from random import Random

from streamstate import Dialect, Limits, StreamStateRegistry
from tests.registry.in_threads import consume, produce

CHUNKS = 150


def handed_over(producers: int, consumers: int) -> list[list[bytes]]:
    """What each consumer took, in its order."""

    async def run() -> list[list[bytes]]:
        dialect = Dialect.parse("reference+overlapping_pull=queue")
        registry = StreamStateRegistry(dialect, Limits(max_queue_chunks=4), lockstep=True)
        stream, ops = registry.create(), registry.threadsafe()
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(producers + consumers) as pool:
            taking = [
                loop.run_in_executor(pool, consume, ops, stream, Random(f"{producers} take {each}"))
                for each in range(consumers)
            ]
            pushing = [
                loop.run_in_executor(
                    pool, produce, ops, stream, each, CHUNKS, Random(f"{producers} {each}")
                )
                for each in range(producers)
            ]
            await asyncio.gather(*pushing)
            await asyncio.to_thread(ops.close, stream)
            return await asyncio.gather(*taking)

    return asyncio.run(run())


def all_of(producers: int) -> list[bytes]:
    return sorted(b"%d %d" % (name, n) for name in range(producers) for n in range(CHUNKS))


def test_every_chunk_is_taken_once_by_one_of_four() -> None:
    taken = handed_over(4, 4)
    assert sorted(chunk for each in taken for chunk in each) == all_of(4)


def test_one_that_takes_all_has_each_producers_in_order() -> None:
    """With several a chunk that one gives back may come behind a newer one that another took."""
    [taken] = handed_over(7, 1)
    assert sorted(taken) == all_of(7)
    for name in range(7):
        own = [chunk for chunk in taken if chunk.startswith(b"%d " % name)]
        assert own == [b"%d %d" % (name, number) for number in range(CHUNKS)]
