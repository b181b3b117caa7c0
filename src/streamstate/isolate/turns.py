"""When the guest runs: in turns, which only this module starts.

A turn begins with the batch of all that the host has for the guest, goes on with the promises that
follow from it, and ends when nothing is left to do. A settlement starts a turn as soon as the event
loop comes by, so the guest hears of settlements at the same time together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from streamstate.isolate.engine import RAN, Ending, Engine, Ran, Threw
from streamstate.isolate.outbox import NO_MORE, Outbox
from streamstate.isolate.quota import Holdings

TURN: Final = "this.__Stream_turn__()"


class Turns:
    """The turns of one engine. It calls `over` for a step that did not run to its end."""

    def __init__(self, time_limit: float, over: Callable[[Ending], None]) -> None:
        self.outbox: Outbox
        self.holdings: Holdings
        self.loop: asyncio.AbstractEventLoop | None = None
        self.is_stepping: bool = False
        self.escaped: BaseException | None = None
        self._time_limit: Final = time_limit
        self._over: Final = over
        self._engine: Engine | None = None
        self._is_stopped = False
        self._is_scheduled = False
        self._is_turn = False
        self._freed: asyncio.Future[None] | None = None
        self._after_step: list[asyncio.Future[None]] = []

    @property
    def are_running(self) -> bool:
        """Whether there is an engine to run."""
        return self._engine is not None and not self._is_stopped

    async def start(self, engine: Engine, script: str) -> None:
        """Run the first script, on this event loop from now on."""
        self.loop = asyncio.get_running_loop()
        self._engine = engine
        self._step(script, self._stepped)
        await self.until_stepped()

    async def run(self, script: str) -> Threw | None:
        """Run the script when its turn comes, and return what it threw. Nobody hears what its jobs
        throw."""
        while self.is_stepping:
            await self.until_stepped()
        thrown: Threw | None = None

        def ended(ending: Ending) -> None:
            nonlocal thrown
            if isinstance(ending, Threw):
                thrown, ending = ending, RAN
            self._stepped(ending)

        if self.are_running:
            self._step(f"{script}\n;void 0", ended)
            await self.until_stepped()
        return thrown

    def wake(self) -> None:
        """Note that there is something to tell, and start a turn soon. Raises `RuntimeError` if the
        event loop is closed."""
        if self.are_running and not self._is_scheduled and not self.is_stepping:
            assert self.loop is not None
            self.loop.call_soon(self.turn)
            self._is_scheduled = True

    def turn(self) -> None:
        """Run a turn now, if there is something to tell and none is running."""
        self._is_scheduled = False
        if self.outbox.entries and self.are_running and not self.is_stepping:
            self._is_turn = True
            self.outbox.begin_batch()
            self._step(TURN, self._stepped)

    async def quiet(self) -> None:
        """Return once nothing is left to tell, and nobody is left to hear it."""
        while (self.outbox.entries or self.is_stepping) and self.are_running:
            self.turn()
            if self.is_stepping:
                await self.until_stepped()

    def next(self) -> int:
        """The guest's side calls this in a turn: the next entry of its batch, or `NO_MORE`."""
        return self.outbox.next() if self._is_turn else NO_MORE

    def stop(self) -> None:
        """Start no more turns."""
        self._is_stopped = True

    def free(self) -> None:
        """Free the engine. Call it only after `stop`."""
        engine, self._engine = self._engine, None
        if engine is not None:
            self._freed = engine.dispose()

    async def freed(self) -> None:
        """Return once the engine is free, and so is what it left for the loop's next turn."""
        await asyncio.sleep(0)
        if self._freed is not None:
            await asyncio.shield(self._freed)

    def _step(self, script: str, ended: Callable[[Ending], None]) -> None:
        assert self._engine is not None
        self.is_stepping = True
        self.holdings.begin_turn()
        self._engine.step(script, self._time_limit, ended)

    def _stepped(self, ending: Ending) -> None:
        self.is_stepping = self._is_turn = False
        waiting, self._after_step = self._after_step, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
        if not isinstance(ending, Ran):
            self._over(ending)
        elif self.outbox.entries and not self._is_stopped:
            self.wake()
        if self.escaped is not None:
            escaped, self.escaped = self.escaped, None
            raise escaped

    async def until_stepped(self) -> None:
        """Return once no step is running."""
        if self.is_stepping:
            assert self.loop is not None
            future = self.loop.create_future()
            self._after_step.append(future)
            await future
