"""The pulls of one registry, or its pushes that wait for room: what somebody awaits, by number."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

AnyFuture: TypeAlias = concurrent.futures.Future[Any] | asyncio.Future[Any]


class Settled(NamedTuple):
    """How number `number` settled: with an error, or else with a result."""

    number: int
    error: BaseException | None
    result: object = None


class Awaited:
    """Numbered 1, 2, 3 … in the order in which they begin."""

    def __init__(self) -> None:
        self.begun: int = 0
        self._awaited: Final[dict[int, asyncio.Future[Any]]] = {}
        self._settled: list[tuple[int, AnyFuture]] = []
        self._given_up: Final[set[int]] = set()

    def number(self) -> int:
        """The number of one that begins, whatever becomes of it."""
        self.begun += 1
        return self.begun

    def add(self, number: int, future: AnyFuture) -> None:
        """It settles when that future does, which can be given up if it is one of asyncio."""
        if isinstance(future, asyncio.Future):
            self._awaited[number] = future
        future.add_done_callback(partial(self._note, number))

    def _note(self, number: int, done: AnyFuture) -> None:
        """Whoever settles a future of `concurrent.futures` calls this at once, so no task is needed
        to see the order."""
        self._settled.append((number, done))

    def give_up(self, number: int) -> asyncio.Future[Any] | None:
        """Cancel that one, where it has not settled and nobody has done so before; else None."""
        future = self._awaited.get(number)
        if future is None or future.done() or number in self._given_up:
            return None
        self._given_up.add(number)
        future.cancel()
        return future

    def left(self) -> Iterator[asyncio.Future[Any]]:
        """Those that have not settled."""
        return (future for future in self._awaited.values() if not future.done())

    def settled(self) -> Iterator[Settled]:
        """Those that have settled since this was asked, in that order, but for those given up."""
        settled, self._settled = self._settled, []
        for number, done in settled:
            if not done.cancelled():
                error = done.exception()
                yield Settled(number, error, None if error else done.result())
            elif number not in self._given_up:
                # To have it raised here would tie it to this frame.
                yield Settled(number, asyncio.CancelledError())
