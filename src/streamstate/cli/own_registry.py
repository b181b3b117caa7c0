"""The asyncio registry where pushes wait: its `push` is `send`, which waits for room."""

from __future__ import annotations

from typing import Any, Final

from streamstate.model import Dialect, Limits, pushes_wait
from streamstate.registry import BytesLike, StreamStateRegistry


class Sending:
    """A registry that has everything of that one, and pushes by sending."""

    def __init__(self, registry: StreamStateRegistry) -> None:
        self._registry: Final = registry

    def __getattr__(self, name: str) -> Any:
        """What is no push."""
        return getattr(self._registry, name)

    def push(self, stream: int, chunk: BytesLike) -> Any:
        """What is awaited for whether the chunk was accepted."""
        return self._registry.send(stream, chunk)


def own_registry(
    dialect: Dialect, limits: Limits, kind: type[StreamStateRegistry] = StreamStateRegistry
) -> StreamStateRegistry | Sending:
    """The asyncio registry of this package in that dialect, or another of its kind, as it is
    driven."""
    registry = kind(dialect=dialect, limits=limits)
    return Sending(registry) if pushes_wait(dialect) else registry
