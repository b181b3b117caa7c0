"""Registries for asyncio with one fault each, by overriding one op of the good one."""

from __future__ import annotations

from typing import Any

from streamstate import Limits, StreamStateRegistry
from streamstate.model import PullResult, StreamId
from streamstate.oracle.adapters.implementation import Opener
from streamstate.oracle.adapters.inprocess import Factory, InProcessImplementation
from streamstate.registry import BytesLike


class CloseForgets(StreamStateRegistry):
    """Does not close a stream on which a pull waits."""

    def close(self, stream: StreamId) -> None:
        view = self.get(stream)
        if view is None or not view.pull_waiting:
            super().close(stream)


class ReusesNumbers(StreamStateRegistry):
    """After clear it says 1 again."""

    cleared = 0
    made = 0

    def create(self) -> StreamId:
        self.made += 1
        return super().create() - self.cleared

    def clear(self) -> None:
        super().clear()
        self.cleared = self.made


class FullTooLate(StreamStateRegistry):
    """One chunk more until it is full."""

    def is_queue_full(self, stream: StreamId) -> bool:
        view = self.get(stream)
        if view is None:
            return True
        many = len(view.queue) > self.limits.max_queue_chunks
        return many or view.queue_size >= self.limits.high_water_mark


class PullsLazily(StreamStateRegistry):
    """Places a pull when it is awaited, and not when it is called."""

    def pull(self, stream: StreamId) -> Any:
        return self._lazily(stream)

    async def _lazily(self, stream: StreamId) -> PullResult:
        return await super().pull(stream)


class DeleteRaises(StreamStateRegistry):
    """Complains about streams that it does not know."""

    def delete(self, stream: StreamId) -> None:
        if self.get(stream) is None:
            raise KeyError(stream)
        super().delete(stream)


class CloseSaysTrue(StreamStateRegistry):
    """Returns something where nothing is to be returned."""

    def close(self, stream: StreamId) -> Any:
        super().close(stream)
        return True


class Moody(StreamStateRegistry):
    """Right, but for one push in the life of the process."""

    pushes = 0

    def push(self, stream: StreamId, chunk: BytesLike) -> Any:
        Moody.pushes += 1
        accepted = super().push(stream, chunk)
        return not accepted if Moody.pushes == 5_000 else accepted


def opener(factory: Factory, name: str) -> Opener:
    return lambda: InProcessImplementation(factory, name, "1")


def opener_of(kind: type[StreamStateRegistry]) -> Opener:
    def make(limits: Limits) -> StreamStateRegistry:
        return kind(limits=limits)

    return opener(make, kind.__name__)
