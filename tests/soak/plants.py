"""Registries with one fault each that no single op shows. A run must find it.

What the table or its actions do wrong is in `tests.broken`; these are the ways of a service to die
slowly.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import MappingProxyType
from typing import Any, ClassVar, Final

from streamstate import StreamStateRegistry, StreamView
from streamstate.model import StreamId
from streamstate.registry import BytesLike, ThreadsafeRegistry

SELDOM: Final = 30


class KeepsStreams(StreamStateRegistry):
    """A leak: what was known of a deleted stream stays."""

    kept: ClassVar[list[StreamView | None]] = []

    def delete(self, stream: StreamId) -> None:
        self.kept.append(self.get(stream))
        super().delete(stream)


class KeepsBytes(StreamStateRegistry):
    """A leak of what the garbage collector does not count."""

    kept: ClassVar[list[bytes]] = []

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        self.kept.append(bytes(65_536))
        return super().push(stream, chunk)


class LosesAChunk(StreamStateRegistry):
    """It says that it has taken a chunk, and has not. The model is told of no op."""

    pushed: ClassVar[int] = 0

    def push(self, stream: StreamId, chunk: BytesLike) -> bool:
        LosesAChunk.pushed += 1
        return self.pushed % SELDOM == 0 or super().push(stream, chunk)


class RaisesForNobody(StreamStateRegistry):
    """An exception that nobody retrieves."""

    def close(self, stream: StreamId) -> None:
        super().close(stream)
        asyncio.get_running_loop().create_future().set_exception(ValueError("for nobody"))


class LeavesATask(StreamStateRegistry):
    """A task that goes on after the stream for which it was made."""

    left: ClassVar[set[asyncio.Future[bool]]] = set()

    def create(self) -> StreamId:
        self.left.add(asyncio.ensure_future(asyncio.Event().wait()))
        return super().create()


class LeavesAThread(StreamStateRegistry):
    """A thread that goes on after the stream for which it was made."""

    def threadsafe(self) -> ThreadsafeRegistry:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        return super().threadsafe()


class ForgetsAWriter(StreamStateRegistry):
    """Somebody who waits for room, and is not told."""

    asked: ClassVar[int] = 0

    def writable(self, stream: StreamId) -> Coroutine[Any, Any, bool]:
        ForgetsAWriter.asked += 1
        return asyncio.Event().wait() if self.asked % SELDOM == 0 else super().writable(stream)


PLANTS: Final = MappingProxyType(
    {
        "leak": KeepsStreams,
        "leak of bytes": KeepsBytes,
        "lost chunk": LosesAChunk,
        "unretrieved exception": RaisesForNobody,
        "task left": LeavesATask,
        "thread left": LeavesAThread,
        "endless wait": ForgetsAWriter,
    }
)
