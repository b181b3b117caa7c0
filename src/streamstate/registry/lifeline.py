"""How whoever waits for a loop hears that it will not come any more.

asyncio tells nobody that a loop was closed. What it does for everybody is used here: it finishes
asynchronous generators before it waits for the threads of its executor (`asyncio.run` does), and
lets go of its timers when it is closed. Of a loop that was just left, nobody hears; but the thread
that a registry is bound to ends some time, and the main thread before the interpreter waits for the
others.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle, get_running_loop
from collections.abc import AsyncGenerator
from contextlib import suppress
from itertools import count
from threading import Lock, Thread, current_thread
from typing import Final, Protocol
from weakref import WeakSet, WeakValueDictionary, ref

YEAR: Final = 365 * 24 * 60 * 60

_NUMBERS: Final = count()
_TIMERS: Final[WeakValueDictionary[int, TimerHandle]] = WeakValueDictionary()
"""Only a loop holds its timer, or it would not be let go. A lifeline cannot have the weak reference
itself: the garbage collector clears those that it finds in a cycle, though the timer lives."""


class Ends(Protocol):
    """What is told, once or more often, in whatever thread. It is not kept alive for that."""

    def end(self) -> None:
        """Nothing goes on."""


def tie(crossing: Ends, loop: AbstractEventLoop) -> AsyncGenerator[None, None]:
    """Have it told when `loop`, which runs here, shuts down or is closed, or this thread ends, for
    as long as somebody holds what this returns."""
    told, number = ref(crossing), next(_NUMBERS)
    _TIMERS[number] = loop.call_later(YEAR, AtClose(told))
    lifeline = _until_shutdown(told, number)
    with suppress(StopIteration):
        lifeline.__anext__().send(None)  # it is the loop's from its first step on
    _tell_at_end_of_thread(crossing)
    return lifeline


async def _until_shutdown(told: ref[Ends], timer: int) -> AsyncGenerator[None, None]:
    """Ends when the loop shuts down, or nobody holds it."""
    try:
        yield
    finally:
        handle = _TIMERS.pop(timer, None)
        if handle is not None:
            handle.cancel()
        _end(told)


class AtClose:
    """Held by a timer alone; it is let go when the timer is, and only then."""

    __slots__ = ("_told",)

    def __init__(self, told: ref[Ends]) -> None:
        self._told = told

    def __call__(self) -> None:
        """The time is up, and the loop lives: wait on."""
        if self._told() is not None:
            get_running_loop().call_later(YEAR, self)

    def __del__(self) -> None:
        _end(self._told)


def _end(told: ref[Ends]) -> None:
    crossing = told()
    if crossing is not None:
        crossing.end()


class _AtEndOfThread(Thread):
    """Waits for a thread to end. It keeps no interpreter from exiting."""

    def __init__(self, thread: Thread) -> None:
        super().__init__(name=f"streamstate waits for {thread.name}", daemon=True)
        self._awaited = thread
        self.told: WeakSet[Ends] = WeakSet()

    def run(self) -> None:
        self._awaited.join()
        with _LOCK:
            _WAITING.pop(self._awaited, None)
            told = list(self.told)
        for crossing in told:
            crossing.end()


_LOCK: Final = Lock()
_WAITING: Final[dict[Thread, _AtEndOfThread]] = {}


def _tell_at_end_of_thread(crossing: Ends) -> None:
    thread = current_thread()
    with _LOCK:
        waiting = _WAITING.get(thread)
        if waiting is None or not waiting.is_alive():  # the child of a fork has none
            waiting = _WAITING[thread] = _AtEndOfThread(thread)
            waiting.start()
        waiting.told.add(crossing)
