"""A guest's write that waits for its turn and for room."""

from __future__ import annotations

import asyncio
from asyncio import Future
from collections.abc import Callable, Coroutine
from typing import Any, Final

from streamstate.isolate.outbox import FIRST_TICKET, Outbox, PlacedPull
from streamstate.isolate.weak import weakly


class Writing:
    """Runs the steps of one write: the first at once, so that the write stands in line from its
    call on, and each other when the future that it waits for is done. A task would begin too late.

    It calls `when_over` once a write that waited does so no more.
    """

    def __init__(self, steps: Coroutine[Any, Any, bool], outbox: Outbox) -> None:
        self._steps: Final = steps
        self._outbox: Final = outbox
        self.when_over: Callable[[], None] = _nothing
        self.waits: bool = True
        self._ticket = -1
        self._accepted = False
        self._go_on()

    def returned(self) -> bool | int:
        """What to return to the guest: whether the stream accepted the chunk, if the write has not
        waited and nobody has to be told first; else a ticket."""
        if not self.waits and not self._outbox.entries:
            return self._accepted
        self._ticket = self._outbox.open(self)
        if not self.waits:
            self._outbox.settle(self._ticket, self._accepted)
        return FIRST_TICKET - self._ticket

    def _go_on(self) -> None:
        try:
            future: Future[None] = self._steps.send(None)
        except StopIteration as stop:
            self.waits = False
            self._accepted = stop.value
            return
        except BaseException:
            self.waits = False
            raise
        # Not held by the future, which a registry holds that somebody may keep.
        future.add_done_callback(weakly(self._woken))

    def _woken(self, _future: Future[None]) -> None:
        if not self.waits:
            return  # given up
        try:
            self._go_on()
        except Exception as error:
            self.when_over()
            self._outbox.reject(self._ticket, error)
            return
        if not self.waits:
            self.when_over()
            self._outbox.settle(self._ticket, self._accepted)

    def give_up(self) -> None:
        """Give the write up: it leaves the line."""
        if self.waits:
            self.waits = False
            self._steps.close()


def _nothing() -> None:
    pass


def give_up(holder: object) -> None:
    """Give up whatever holds a ticket, so that it waits no more."""
    match holder:
        case PlacedPull(waiter=waiter):
            waiter.leave()
        case Writing():
            holder.give_up()
        case asyncio.Future():
            holder.cancel()
        case _:
            pass
