"""Eight threads at once, in lockstep with the model: no chunk lost, none twice, each in order."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from random import Random

from streamstate import Chunk, Dialect, Limits, PullSuperseded, StreamStateRegistry
from streamstate.model import PullResult
from streamstate.registry import ThreadsafeRegistry

CHUNKS = 150


def produce(ops: ThreadsafeRegistry, stream: int, name: int, random: Random) -> None:
    """Push numbered chunks in every way there is; what was not done is done again."""
    number = 0
    while number < CHUNKS:
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
                    pool, produce, ops, stream, each, Random(f"{producers} {each}")
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
