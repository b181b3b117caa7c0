"""What no table of streams can be faster than: a dictionary of deques."""

from __future__ import annotations

import random
from collections import deque
from itertools import cycle, islice
from time import thread_time_ns

from tests.benchmarks.peers.streamstate_registry import OPS
from tests.benchmarks.work import CHUNK, Work


def at_random(count: int) -> Work:
    """One append and one popleft on each of the next `OPS` deques, in shuffled order."""
    queues = {number: deque[bytes]() for number in range(1, count + 1)}
    numbers = list(queues)
    random.Random(count).shuffle(numbers)
    turns = cycle(numbers)

    async def work() -> int:
        started = thread_time_ns()
        for number in islice(turns, OPS):
            queues[number].append(CHUNK)
            queues[number].popleft()
        return thread_time_ns() - started

    return work
