"""How ops of other threads cross into the loop of a registry: in one line, in the order of their
arrival, and as many as have come in one wake-up of the loop.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias

from streamstate.registry.lifeline import tie
from streamstate.registry.native import here

ENDED: Final = (
    "the event loop of this registry was closed or is shutting down, or its thread has ended:"
    " nobody can do this op"
)

Request: TypeAlias = Callable[[], object]
"""What the loop does once the request has crossed."""


class Refusable:
    """A request that somebody waits for."""

    __slots__ = ()

    def refuse(self) -> None:
        """Nobody will do it."""
        raise NotImplementedError


class Crossing:
    """The line of requests into one loop, made in its thread. `ended` once nothing crosses."""

    __slots__ = (
        "__weakref__",
        "_lifeline",
        "_loop",
        "_requests",
        "_woken",
        "ended",
        "thread",
        "waiting",
    )

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._requests: deque[Request] = deque()
        self._woken = False
        self.thread: int = here()
        self.waiting: set[Refusable] = set()
        self.ended: bool = False
        self._lifeline = tie(self, loop)

    def send(self, request: Request) -> None:
        """Have the loop do it, behind all that came before. From any thread.

        Raises `RuntimeError` if nothing crosses any more.
        """
        if self.ended:
            raise RuntimeError(ENDED)
        self._requests.append(request)
        if not self._woken:
            try:
                self._woken = True
                self._loop.call_soon_threadsafe(self._work_off)
            except RuntimeError:  # it is closed
                self.end()
            except BaseException:  # a signal has come between, and others must not rely on this
                self._woken = False
                raise
        if self.ended:  # since the look above, and maybe before the request was there
            self._refuse_all()

    def _work_off(self) -> None:
        """Do what has come. What comes from now on wakes the loop again."""
        self._woken = False
        requests = self._requests
        try:
            for _ in range(len(requests)):
                self._run(requests.popleft())
        finally:
            if requests and not self._woken:  # a signal has come between
                self._woken = True
                self._loop.call_soon(self._work_off)

    def end(self) -> None:
        """Nothing crosses from now on, and whoever waits is told. Twice does nothing."""
        self.ended = True
        self._refuse_all()

    def _refuse_all(self) -> None:
        while self._requests:
            with suppress(IndexError):  # another thread may refuse them, too
                request = self._requests.popleft()
                if isinstance(request, Refusable):
                    self._run(request.refuse)
        while self.waiting:
            with suppress(KeyError):
                self._run(self.waiting.pop().refuse)

    def _run(self, request: Request) -> None:
        """Do it. What it raises, as of a listener, is nobody's who waits, and stops no other."""
        try:
            request()
        except Exception as error:
            message = f"{request!r} raised, and nobody waits for its answer"
            self._loop.call_exception_handler({"message": message, "exception": error})
