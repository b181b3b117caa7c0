"""What a load of the soak has to work with."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias, TypeVar

from streamstate import StreamStateRegistry
from tests.soak.troubles import Troubles

T = TypeVar("T")


class Upset(Exception):  # no error: it is meant
    """What a load raises in the middle of something."""


@dataclass(slots=True)
class World:
    """`happened` counts what came of the random choices, so that a run shows what it has tried."""

    registry: StreamStateRegistry
    random: Random
    troubles: Troubles
    happened: Counter[str]
    threads: Executor

    def chance(self, one_in: int) -> bool:
        """True once in so many times."""
        return self.random.randrange(one_in) == 0

    async def pause(self) -> None:
        """Let others go on: a few turns of the loop, or a moment."""
        match self.random.randrange(4):
            case 0:
                await asyncio.sleep(self.random.random() / 1_000)
            case turns:
                for _ in range(turns):
                    await asyncio.sleep(0)

    def require(self, holds: bool, what: str) -> None:
        """Note it as trouble if it does not hold."""
        if not holds:
            self.troubles.add(what)

    async def result(self, task: asyncio.Task[T]) -> T | BaseException:
        """What the task returned or raised, and counted; this one must not be cancelled."""
        [result] = await asyncio.gather(task, return_exceptions=True)
        if isinstance(result, AssertionError):  # `LockstepError` is one
            raise result
        self.happened[type(result).__name__ if isinstance(result, BaseException) else "ended"] += 1
        return result


Load: TypeAlias = Callable[[World], Coroutine[Any, Any, None]]
