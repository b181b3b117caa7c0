"""Which thread and which event loop a registry belongs to."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future, get_running_loop
from threading import get_ident


class Affinity:
    """Bound to a thread by the first op, and to a loop by the first wait."""

    __slots__ = ("_loop", "thread")

    def __init__(self) -> None:
        self.thread: int | None = None
        self._loop: AbstractEventLoop | None = None

    def bind_thread(self) -> None:
        """Bind to this thread. Raises `RuntimeError` if another was bound before."""
        if self.thread is None:
            self.thread = get_ident()
        elif self.thread != get_ident():
            raise RuntimeError(
                f"this registry belongs to thread {self.thread} and was used in thread"
                f" {get_ident()}; hand calls over with loop.call_soon_threadsafe"
            )

    def future(self) -> Future[None]:
        """A future of the running loop, to wait on.

        Raises `RuntimeError` if no loop runs, or one other than the bound one, unless the bound
        one is closed.
        """
        loop = get_running_loop()
        if self._loop is not loop:
            if self._loop is not None and not self._loop.is_closed():
                raise RuntimeError(
                    "this registry waits on another event loop, which is not closed;"
                    " use one registry per loop"
                )
            self._loop = loop
        return loop.create_future()
