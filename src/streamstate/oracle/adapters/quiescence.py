"""An event loop that says when nothing is left to happen, and never waits.

An event loop asks its selector to wait exactly when nothing is ready to run. This selector calls
somebody instead of waiting, so the call comes when everything set off so far has happened: *still
pending* is then an observation. Nothing sleeps, and nothing is timed.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Generator, Iterator
from functools import partial
from typing import Final, TypeAlias, TypeVar

_T = TypeVar("_T")

Calls: TypeAlias = Callable[[Callable[..., None]], object]
"""Calls what it is given at some moment, as `add_done_callback` of a task does."""

Steps: TypeAlias = Generator[Calls | None, None, _T]
"""Steps: a generator that yields where everything it set off has to happen before it goes on, or
(`Calls`) only what happens until that calls back."""


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


class QuietLoop:
    """An event loop on which steps run, each once nothing is ready to run.

    It does not report what is left lying about on it, such as an exception that nobody looked at:
    of an implementation under test, that shows in the answers or nowhere. Raises `RuntimeError`
    inside a running event loop.
    """

    def __init__(self) -> None:
        _refuse_to_nest()
        self._steps: Iterator[Calls | None] = iter(())
        self._gone_on = 0
        self._loop: Final = asyncio.SelectorEventLoop(_QuietSelector(self._go_on))
        self._loop.set_exception_handler(lambda _loop, _context: None)
        self._over: Final = self._loop.create_future()
        self._task: Final = self.spawn(self._over)

    def run(self, steps: Steps[_T]) -> _T:
        """Run those steps in a task, as a user's program would, and return what they return. Raises
        what they raise."""
        outcome: list[_T] = []

        def through() -> Iterator[Calls | None]:
            outcome.append((yield from steps))

        self._steps = through()
        self._loop.run_forever()
        return outcome[0]

    def spawn(self, awaitable: Awaitable[_T]) -> asyncio.Task[_T]:
        """A task that awaits it."""
        return self._loop.create_task(_awaited(awaitable))

    def awaiting(self, awaitable: Awaitable[_T]) -> asyncio.Future[_T]:
        """What awaits it, as a task of a user's does, or it itself."""
        return asyncio.ensure_future(awaitable, loop=self._loop)

    def soon(self, call: Callable[..., None]) -> None:
        """Call that once everything that is ready to run now has run."""
        self._loop.call_soon(call)

    def _go_on_after(self, gone_on: int, *_: object) -> None:
        """Go on, unless the step is done already: all is quiet, and nobody else would call."""
        if gone_on == self._gone_on:
            self._go_on()

    def _go_on(self) -> None:
        """Run the next step. It does not wake the task for that, which would take half as long
        again; whoever asks which task runs is told that it does."""
        asyncio.tasks._enter_task(self._loop, self._task)
        try:
            for until in self._steps:
                self._gone_on += 1
                if until is not None:
                    until(partial(self._go_on_after, self._gone_on))
                return
        finally:
            asyncio.tasks._leave_task(self._loop, self._task)
        self._loop.stop()

    def close(self) -> None:
        """Close the loop."""
        if not self._loop.is_closed():
            self._over.set_result(None)
            self._loop.run_until_complete(self._task)
            self._loop.close()


def _refuse_to_nest() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError(
        "implementations are driven on an event loop of their own, which cannot run inside"
        " another: call this from a plain function, not from a coroutine"
    )


async def _awaited(awaitable: Awaitable[_T]) -> _T:
    return await awaitable
