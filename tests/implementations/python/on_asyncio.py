"""asyncio, which is quiet when it is about to wait."""

from __future__ import annotations

import asyncio
import selectors
from typing import Final

from tests.implementations.python.exchange import Library, Work, serve


class QuietSelector(selectors.SelectSelector):
    """Where another would wait, this one tells who waits for quiet, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.for_quiet: asyncio.Future[None] | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        waiting = self.for_quiet
        if not ready and waiting is not None and (timeout is None or timeout > 0):
            self.for_quiet = None
            waiting.set_result(None)
        return ready


class AsyncioRuntime:
    """Tasks of one loop. They go on in the order in which they were woken."""

    def __init__(self, loop: asyncio.AbstractEventLoop, selector: QuietSelector) -> None:
        self._loop: Final = loop
        self._selector: Final = selector
        self._tasks: Final[dict[int, asyncio.Task[None]]] = {}

    def start(self, pull: int, work: Work) -> None:
        async def task() -> None:
            await work()

        self._tasks[pull] = self._loop.create_task(task())

    def cancel(self, pull: int) -> None:
        self._tasks[pull].cancel()

    def cancel_all(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()

    async def quiet(self) -> None:
        self._selector.for_quiet = self._loop.create_future()
        await self._selector.for_quiet

    def woken(self, pull: int) -> int:  # noqa: ARG002  # what was first is listed first already
        return 0


def run(library: Library, runtime: type[AsyncioRuntime] = AsyncioRuntime) -> None:
    """Serve until the end."""
    selector = QuietSelector()
    loop = asyncio.SelectorEventLoop(selector)
    # What a library complains of to the loop (a task left waiting, say) is no answer.
    loop.set_exception_handler(lambda _loop, _context: None)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(serve(library, runtime(loop, selector)))
