"""Trio, which says when it is quiet, and runs what was woken together in random order."""

from __future__ import annotations

from typing import Final

import trio
import trio.lowlevel
import trio.testing

from tests.implementations.python.exchange import Library, Work, serve


class _WakeOrder(trio.abc.Instrument):
    """Numbers each waking of a task, in the order in which they were woken, not that of running."""

    def __init__(self) -> None:
        self._wakings = 0
        self.woken: Final[dict[trio.lowlevel.Task, int]] = {}

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:
        self._wakings += 1
        self.woken[task] = self._wakings

    def task_exited(self, task: trio.lowlevel.Task) -> None:
        self.woken.pop(task, None)


class TrioRuntime:
    """Tasks of one nursery, each with a cancel scope of its own."""

    def __init__(self, nursery: trio.Nursery, order: _WakeOrder) -> None:
        self._nursery: Final = nursery
        self._order: Final = order
        self._scopes: Final[dict[int, trio.CancelScope]] = {}
        self._woken: Final[dict[int, int]] = {}

    def start(self, pull: int, work: Work) -> None:
        scope = self._scopes[pull] = trio.CancelScope()

        async def task() -> None:
            with scope:
                await work()
                self._woken[pull] = self._order.woken[trio.lowlevel.current_task()]

        self._nursery.start_soon(task)

    def cancel(self, pull: int) -> None:
        self._scopes[pull].cancel()

    def cancel_all(self) -> None:
        for scope in self._scopes.values():
            scope.cancel()
        self._scopes.clear()

    async def quiet(self) -> None:
        await trio.testing.wait_all_tasks_blocked()

    def woken(self, pull: int) -> int:
        return self._woken[pull]


def run(library: Library) -> None:
    """Serve until the end."""
    order = _WakeOrder()

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            await serve(library, TrioRuntime(nursery, order))

    trio.run(main, instruments=[order])
