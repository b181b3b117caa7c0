"""The host's requests to the guest, and the guest's answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from streamstate.isolate.errors import GuestError, IsolateEnded
from streamstate.isolate.failures import Failures
from streamstate.isolate.values import Crossing, inward


class Asked:
    """Scripts and calls that the guest has not answered, by number. It calls `out_of_memory` when
    the guest says that it was."""

    def __init__(self, failures: Failures, out_of_memory: Callable[[], None]) -> None:
        self._failures: Final = failures
        self._out_of_memory: Final = out_of_memory
        self._futures: dict[int, asyncio.Future[Crossing]] = {}
        self._last = 0

    def open(self) -> tuple[int, asyncio.Future[Crossing]]:
        """Note one more request; return its number, and the future of its answer on this event
        loop."""
        self._last += 1
        future = self._futures[self._last] = asyncio.get_running_loop().create_future()
        return self._last, future

    def close(self, number: int) -> None:
        """Forget that request: nobody waits for its answer any more."""
        future = self._futures.pop(number)
        if future.done() and not future.cancelled():
            future.exception()

    def answer(self, number: object, is_value: object, told: object) -> None:
        """The guest's side calls this with the value, or with what was thrown, as the shim
        describes it."""
        future = self._futures.get(number) if type(number) is int else None
        if future is None or future.done():
            return
        if is_value is True:
            try:
                future.set_result(inward(told))
            except TypeError as error:
                future.set_exception(error)
            return
        match told:
            case ["InternalError", "out of memory", *_]:
                self._out_of_memory()
            case [str(name), str(message), str(stack), kept]:
                thrown, own = GuestError(message, name, stack), self._failures.find(kept)
                if isinstance(own, StopIteration):  # which no future can have
                    thrown.__cause__, own = own, None
                future.set_exception(own or thrown)
            case _:
                future.set_exception(GuestError("the guest could not say what it threw", ""))

    def end(self, reason: IsolateEnded) -> None:
        """Fail every request: there will be no more answers."""
        for future in self._futures.values():
            if not future.done():
                future.set_exception(again(reason))


def again(reason: IsolateEnded) -> IsolateEnded:
    """A copy of the exception, to raise once more."""
    made = type(reason)(*reason.args)
    made.__cause__ = reason.__cause__
    return made
