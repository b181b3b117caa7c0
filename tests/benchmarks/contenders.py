"""Who takes part, and how a work of theirs becomes something that can be timed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final

from tests.benchmarks.clock import Run
from tests.benchmarks.work import COUNT, Kind, Work

QUEUE: Final = "asyncio.Queue"


@dataclass(frozen=True, slots=True)
class Peer:
    """Something else that hands bytes over, and the module that has its works."""

    name: str
    module: str
    library: str = ""
    """What has to be installed."""

    def lacks(self, kind: Kind) -> str:
        """Why it cannot do this kind of work; empty if it can."""
        if self.library and find_spec(self.library) is None:
            return "absent: not installed"
        lacks: Mapping[Kind, str] = getattr(self._works(), "LACKS", {})
        return lacks.get(kind, "")

    def work(self, kind: Kind) -> Work:
        work: Work = getattr(self._works(), kind)
        return work

    def _works(self) -> ModuleType:
        return import_module(f"tests.benchmarks.peers.{self.module}")


PEERS: Final = (
    Peer(QUEUE, "asyncio_queue"),
    Peer("asyncio.StreamReader", "asyncio_reader"),
    Peer("anyio", "anyio_stream", "anyio"),
    Peer("Trio", "trio_channel", "trio"),
    Peer("janus", "janus_queue", "janus"),
    Peer("aiohttp's DataQueue", "aiohttp_queue", "aiohttp"),
    Peer("aiohttp's StreamReader", "aiohttp_reader", "aiohttp"),
)


@dataclass(frozen=True, slots=True)
class Loop:
    """One event loop for all runs. Nothing but the work that is timed ever runs on it."""

    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def run(self, work: Work, units: int = COUNT) -> Run:
        """What times this work on the loop, per unit of work."""
        loop = self.runner.get_loop()
        return lambda: loop.run_until_complete(work()) / units

    def run_of(self, peer: Peer, kind: Kind) -> Run:
        """What times this work of the peer, on its own loop where it has one."""
        work = peer.work(kind)
        if peer.library != "trio":
            return self.run(work)
        trio: Any = import_module("trio")  # it may be absent
        return lambda: float(trio.run(work)) / COUNT
