"""An implementation in this process that hides that it has get."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from streamstate.oracle.adapters.implementation import Implementation, Opener, Request
from streamstate.oracle.adapters.inprocess import Factory, InProcessImplementation
from tests.faults.fault import Mode


class BlackBox:
    """The same implementation without the capability."""

    def __init__(self, inner: Implementation) -> None:
        self._inner: Final = inner
        offered = inner.hello.capabilities
        self.hello: Final = replace(inner.hello, capabilities=offered - {"get"})

    def run(self, requests: Iterator[Request]) -> Iterator[bytes]:
        """See `Implementation.run`."""
        return self._inner.run(requests)

    def close(self) -> None:
        """End it."""
        self._inner.close()


def in_process(factory: Factory, name: str, mode: Mode, *, cancels: bool = False) -> Opener:
    """Opens an implementation of what `factory` makes, which offers `cancel` or does not."""

    def opened() -> Implementation:
        inner = InProcessImplementation(factory, name, "1", cancels=cancels)
        return inner if mode is Mode.GET else BlackBox(inner)

    return opened
