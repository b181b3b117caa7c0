"""gevent, whose greenlets wait inside of what they call: nothing is awaited."""

from __future__ import annotations

from collections.abc import Coroutine
from importlib import import_module
from typing import Any, Final

from tests.implementations.python.exchange import Library, Work, serve

gevent: Final[Any] = import_module("gevent")  # which not everybody has
greenlet: Final[Any] = import_module("greenlet")


def _finished(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it, which waits in greenlets, and so in nothing that a loop would have to know of."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("it waits for something else than gevent")


class GeventRuntime:
    """A greenlet for each pull."""

    def __init__(self) -> None:
        self._greenlets: Final[dict[int, Any]] = {}
        self._switches = 0
        greenlet.settrace(self._switched)

    def _switched(self, _event: str, _args: object) -> None:
        self._switches += 1

    def start(self, pull: int, work: Work) -> None:
        async def all_of_it() -> None:
            await work()

        self._greenlets[pull] = gevent.spawn(_finished, all_of_it())

    def cancel(self, pull: int) -> None:
        self._greenlets[pull].kill(block=False)

    def cancel_all(self) -> None:
        gevent.killall(list(self._greenlets.values()), block=False)
        self._greenlets.clear()

    async def quiet(self) -> None:
        """Once nobody else went on while this greenlet let all others go first, twice."""
        alone = 0
        while alone < 2:
            before = self._switches
            gevent.sleep(0)
            alone = alone + 1 if self._switches - before <= 2 else 0  # to the hub and back

    def woken(self, pull: int) -> int:  # noqa: ARG002  # what was first is listed first already
        return 0


def run(library: Library) -> None:
    """Serve until the end."""
    _finished(serve(library, GeventRuntime()))
