"""An event loop that says when nothing is left to happen, and never waits.

An event loop asks its selector to wait exactly when nothing is ready to run. So a selector that
calls somebody instead of waiting calls at the moment that everything set off so far has happened:
*still pending* is then an observation. Nothing sleeps and nothing is timed.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Final


class _QuietSelector(selectors.DefaultSelector):
    """Calls `when_quiet` where another selector would wait, and never waits."""

    def __init__(self, when_quiet: Callable[[], None]) -> None:
        super().__init__()
        self._when_quiet: Final = when_quiet

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and (timeout is None or timeout > 0):
            self._when_quiet()
        return ready


def quiet_loop(when_quiet: Callable[[], None]) -> asyncio.AbstractEventLoop:
    """A loop that calls `when_quiet` each time that nothing is ready to run; what that makes ready
    runs next. It must make something ready or stop the loop, which spins otherwise.

    What is left lying about on it (say an exception that nobody looked at) is not reported: of an
    implementation under test it shows in the answers or nowhere.
    """
    loop = asyncio.SelectorEventLoop(_QuietSelector(when_quiet))
    loop.set_exception_handler(lambda _loop, _context: None)
    return loop
