"""An event loop that runs until nothing is ready, so that *still pending* is an observation.

asyncio asks its selector to wait exactly when its ready queue is empty; this one stops the loop
instead of waiting. Nothing is timed, nothing sleeps, and no private attribute is read.
"""

from __future__ import annotations

import asyncio
import selectors
from types import TracebackType


class _StoppingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.loop: asyncio.AbstractEventLoop | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if (timeout is None or timeout > 0) and self.loop is not None:
            self.loop.stop()
        return super().select(0)


class QuietLoop:
    """`loop` is an ordinary loop; `settle` runs it until nothing is ready."""

    def __init__(self) -> None:
        selector = _StoppingSelector()
        self.loop = asyncio.SelectorEventLoop(selector)
        self.unraisable: list[str] = []
        self.loop.set_exception_handler(
            lambda _loop, context: self.unraisable.append(str(context.get("message")))
        )
        selector.loop = self.loop

    def settle(self) -> None:
        self.loop.run_forever()

    def __enter__(self) -> QuietLoop:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.settle()
        self.loop.close()
