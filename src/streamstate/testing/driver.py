"""Drives a user's factory in this process, as the oracle drives implementations there."""

from __future__ import annotations

from typing import Final

from streamstate.model import Create, Limits, Push
from streamstate.oracle.adapters.convention import Convention
from streamstate.oracle.adapters.inprocess import Driver
from streamstate.oracle.adapters.lending import WAYS, Lending
from streamstate.oracle.adapters.quiescence import Steps
from streamstate.oracle.adapters.session import Session
from streamstate.testing.factory import Factory, Maker, name_of, require_registry


class FactoryDriver(Driver):
    """An event loop of its own, and fresh registries on it.

    Raises `TypeError` for something that is not a factory, and for one whose registry lacks
    methods: it makes one registry to find out. Raises `RuntimeError` inside a running event loop,
    and whatever the factory raises. With `cancels` it offers to cancel tasks of pulls and pushes.
    It lends memory to pushes in the ways that the registry takes: a registry that refuses one with
    a `TypeError` gets bytes.
    """

    def __init__(
        self, factory: Factory, convention: Convention | None = None, *, cancels: bool = False
    ) -> None:
        maker = Maker(factory)
        reading = Convention() if convention is None else convention
        super().__init__(maker, reading)
        try:
            registry = self.run(self.make(Limits()))
            require_registry(registry, name_of(factory))
            self.ways = tuple(way for way in WAYS if self.run(self._takes(way)))
        except BaseException:
            self.close()
            raise
        self.name: Final = type(registry).__name__
        shows_get = reading.get and hasattr(registry, "get")
        offers = {
            "get": shows_get,
            "limits": maker.takes_limits,
            "cancel": cancels,
            "cancel_push": cancels,
            "together": True,
            "lends": bool(self.ways),
            "surrogates": True,
        }
        self.capabilities: Final = frozenset(name for name, offered in offers.items() if offered)

    def _takes(self, way: Lending) -> Steps[bool]:
        registry = yield from self.make(Limits())
        session = Session(self, registry, self._convention, (way,))
        yield from session.do((Create(), Push(1, b"a")))
        return not isinstance(session.thrown, TypeError)
