"""The guest's ops on the registry: one function of the host's for each callback.

Nothing in here decides what an op does. It checks what the guest gave, keeps to the quota, does
the op on the registry that the context has right now, and hands on what comes of it. No function
raises: what went wrong is returned as a string, which the shim throws.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeAlias, cast

from streamstate.isolate.errors import GuestError
from streamstate.isolate.failures import Failures
from streamstate.isolate.outbox import AS_BYTES, AS_JSON, Outbox, PlacedPull, look
from streamstate.isolate.quota import Holdings
from streamstate.isolate.values import chunk_of, stream_id, text_of
from streamstate.isolate.writing import Writing
from streamstate.registry import StreamDeleted, StreamStateRegistry
from streamstate.registry.pull import PendingPull

Op: TypeAlias = Callable[..., Any]


def guarded(op: Op) -> Op:
    """The op; what it raises is returned for the shim to throw."""

    @wraps(op)
    def safely(table: Table, *args: object) -> Any:
        try:
            return op(table, *args)
        except Exception as error:
            return table.failures.told(error)

    return safely


class Table:
    """The registry of one guest, as the guest has it. `registry` finds it anew for each op: it may
    have been cleared and made again in between."""

    def __init__(
        self,
        registry: Callable[[], StreamStateRegistry],
        outbox: Outbox,
        holdings: Holdings,
        failures: Failures,
    ) -> None:
        self._find: Final = registry
        self.last: StreamStateRegistry | None = None
        self._outbox: Final = outbox
        self._holdings: Final = holdings
        self.failures: Final = failures

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Those that the shim takes, by their names there."""
        return {
            "create": self.create,
            "push": self.push,
            "write": self.write,
            "begin": self.begin,
            "close": self.close,
            "error": self.error,
            "is_full": self.is_full,
            "is_known": self.is_known,
            "most_bytes": self.most_bytes,
        }

    def registry(self) -> StreamStateRegistry:
        """The one that the context has now. `last` is the one that it had at the last op."""
        registry = self._find()
        if registry is not self.last:
            self.last = registry
            self._holdings.forget()
        return registry

    @guarded
    def create(self) -> int:
        """`__Stream_create`."""
        registry = self.registry()
        self._holdings.require_stream()
        stream = registry.create()
        self._holdings.add_stream(registry, stream)
        return stream

    @guarded
    def push(self, stream: object, chunk: object) -> bool:
        """`__Stream_push`."""
        registry, number, data = self.registry(), stream_id(stream), chunk_of(chunk)
        self._holdings.require_bytes(len(data))
        return self._push(registry, number, data)

    def _push(self, registry: StreamStateRegistry, stream: int, data: bytes) -> bool:
        accepted = registry.push(stream, data)
        if accepted:
            self._holdings.add_stream(registry, stream)
            self._holdings.add_bytes(len(data))
        return accepted

    @guarded
    def write(self, stream: object, chunk: object) -> Any:
        """`write` of a writer: a ticket while it waits for its turn and room, or `AT_ONCE`."""
        registry, number, data = self.registry(), stream_id(stream), chunk_of(chunk)
        self._holdings.require_bytes(len(data))
        self._require_waiting()

        async def written() -> bool:
            return await registry.writable(number) and self._push(registry, number, data)

        writing = Writing(written(), self._outbox)
        if not writing.waits:
            return writing.at_once()
        self._holdings.add_unpushed(len(data))
        writing.when_over = lambda: self._holdings.add_unpushed(-len(data))
        return writing.ticket

    @guarded
    def begin(self, stream: object, form: object, reading: object) -> Any:
        """A pull: bytes, None or `AT_ONCE` where it has settled, or a ticket where it waits, or
        others have to be told before it is.

        `reading`: of a reader, to which a stream that is unknown by now was deleted.
        """
        registry, number = self.registry(), stream_id(stream)
        shape = AS_JSON if form == AS_JSON else AS_BYTES
        self._require_waiting()
        if reading is True and registry.get(number) is None:
            return self.failures.told_and_kept(StreamDeleted())
        waiter = cast(PendingPull, registry.pull(number)).take()
        if waiter.outcome is None:
            placed = PlacedPull(waiter, shape, self._outbox)
            waiter.future = placed  # type: ignore[assignment]  # all that `wake` asks of one
            return placed.ticket
        if isinstance(waiter.outcome, bytes):
            self._holdings.add_bytes(-len(waiter.outcome))
        if self._outbox:
            placed = PlacedPull(waiter, shape, self._outbox)
            self._outbox.add(placed)
            return placed.ticket
        try:
            brought = look(waiter, shape)
        except Exception as error:
            return self.failures.told_and_kept(error)
        return self._outbox.at_once(brought) if isinstance(brought, str) else brought

    @guarded
    def close(self, stream: object) -> None:
        """`__Stream_close`."""
        self.registry().close(stream_id(stream))

    @guarded
    def error(self, stream: object, message: object) -> None:
        """`__Stream_error`."""
        registry, number, text = self.registry(), stream_id(stream), text_of(message)
        self._holdings.require_bytes(len(text))
        registry.error(number, GuestError(text))
        self._holdings.add_bytes(len(text))

    @guarded
    def is_full(self, stream: object) -> bool:
        """`__Stream_isQueueFull`."""
        return self.registry().is_queue_full(stream_id(stream))

    @guarded
    def is_known(self, stream: object) -> bool:
        """Whether there is such a stream."""
        return self.registry().get(stream_id(stream)) is not None

    def most_bytes(self) -> int:
        """How long a chunk may be at most."""
        return self._holdings.quota.held_bytes

    def _require_waiting(self) -> None:
        if self._outbox.tickets >= self._holdings.quota.waiting:
            self._outbox.forget_abandoned()
            self._holdings.require_waiting(self._outbox.tickets)
