"""The guest's ops on the registry: one host function for each callback.

Nothing in here decides what an op does. It checks what the guest gave, keeps to the quota, does the
op on the registry that the context has at that moment, and hands on the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from weakref import ref

from streamstate.contexts import Holder, get_stream_registry_for_context, holder_of
from streamstate.isolate.errors import GuestError
from streamstate.isolate.failures import Failures
from streamstate.isolate.outbox import (
    AS_BYTES,
    AS_JSON,
    FIRST_TICKET,
    Outbox,
    PlacedPull,
    as_json,
    look,
)
from streamstate.isolate.quota import Holdings
from streamstate.isolate.values import chunk_of, stream_id, text_of
from streamstate.isolate.writing import Writing
from streamstate.registry import StreamDeleted
from streamstate.registry.core import StreamStateRegistry
from streamstate.registry.errors import PushMustWait
from streamstate.registry.placing import is_known, placed, waits
from streamstate.registry.record import Waiter


class Table:
    """The registry of `context`, as its guest has it. Each op takes the registry that the context
    has by then: somebody may have cleared it, and a new one may have been made."""

    def __init__(
        self, context: object, outbox: Outbox, holdings: Holdings, failures: Failures
    ) -> None:
        self._holder: Holder | None = None
        self._context: Final = context
        self._outbox: Final = outbox
        self._holdings: Final = holdings
        self._failures: Final = failures

    def functions(self) -> dict[str, Callable[..., Any]]:
        """The functions that the shim takes, by their names there. None of them raises."""
        reference = ref(self)
        return {
            name: safe(reference, getattr(Table, name))
            for safe, names in _OPS.items()
            for name in names
        }

    @property
    def last(self) -> StreamStateRegistry | None:
        """The registry of the last op, if nobody has cleared it since."""
        return None if self._holder is None else self._holder.registry

    def registry(self) -> StreamStateRegistry:
        """The registry that the context has now."""
        registry = None if self._holder is None else self._holder.registry
        if registry is not None:
            return registry
        registry = get_stream_registry_for_context(self._context)
        self._holder = holder_of(self._context)
        self._holdings.forget()
        return registry

    def create(self) -> int:
        """`__Stream_create`."""
        registry = self.registry()
        self._holdings.require_stream()
        stream = registry.create()
        self._holdings.add_stream(registry, stream)
        return stream

    def push(self, stream: object, chunk: object) -> bool:
        """`__Stream_push`."""
        registry, number, data = self.registry(), stream_id(stream), chunk_of(chunk)
        self._holdings.require_chunk(len(data))
        try:
            return self._pushed(registry, number, data)
        except PushMustWait:
            instead = f"await __Stream_writer({number}).write(chunk)"
            raise PushMustWait(number, registry.dialect, instead) from None

    def write(self, stream: object, chunk: object) -> bool | int:
        """`write` of a writer: whether the stream accepted the chunk; or a ticket, if the write
        waits for its turn and for room, or if others have to be told first."""
        registry, number, data = self.registry(), stream_id(stream), chunk_of(chunk)
        self._holdings.require_chunk(len(data))
        self._holdings.require_waiting()

        async def written() -> bool:
            return await registry.writable(number) and self._pushed(registry, number, data)

        writing = Writing(written(), self._outbox)
        if writing.waits:
            self._holdings.add_unpushed(len(data))
            writing.when_over = lambda: self._holdings.drop_unpushed(len(data))
        return writing.returned()

    def _pushed(self, registry: StreamStateRegistry, stream: int, data: bytes) -> bool:
        accepted = registry.push(stream, data)
        if accepted:
            self._holdings.add_chunk(registry, stream, len(data))
        return accepted

    def pull(self, stream: object, form: int = AS_BYTES) -> bytes | str | int | None:
        """`__Stream_pull`: what the pull brought, if it has settled; or a ticket, if it waits, or
        if others have to be told before it. A chunk that it brought at once is bytes in any
        form."""
        registry, number, outbox = self.registry(), stream_id(stream), self._outbox
        self._holdings.require_waiting()
        brought = placed(registry, number, not outbox.entries)
        if isinstance(brought, bytes):
            self._holdings.take_chunk(number)
            return brought
        return self._rest(brought, form)

    def pull_json(self, stream: object) -> str | int | None:
        """`__Stream_pull_ref`."""
        brought = self.pull(stream, AS_JSON)
        return as_json(brought) if isinstance(brought, bytes) else brought

    def read(self, stream: object) -> bytes | str | int | None:
        """A pull of a reader. To a reader, a stream that is unknown by now was deleted."""
        if is_known(self.registry(), stream_id(stream)):
            return self.pull(stream)
        self._holdings.require_waiting()
        return self._failed(StreamDeleted())

    def _rest(self, waiter: Waiter, shape: int) -> bytes | str | int | None:
        """The answer to a pull that did not bring a chunk at once, or cannot tell of it at once."""
        if waits(waiter):
            pull = PlacedPull(waiter, shape, self._outbox)
            pull.wait()
            return FIRST_TICKET - pull.ticket
        if self._outbox.entries:
            pull = PlacedPull(waiter, shape, self._outbox)
            self._outbox.add(pull)
            return FIRST_TICKET - pull.ticket
        try:
            return look(waiter, shape)
        except Exception as error:
            return self._failed(error)

    def close(self, stream: object) -> None:
        """`__Stream_close`."""
        self.registry().close(stream_id(stream))

    def error(self, stream: object, message: object) -> None:
        """`__Stream_error`."""
        registry, number, text = self.registry(), stream_id(stream), text_of(message)
        self._holdings.require_bytes(len(text))
        registry.error(number, GuestError(text))
        self._holdings.add_message(registry, number, len(text))

    def is_full(self, stream: object) -> bool:
        """`__Stream_isQueueFull`."""
        return self.registry().is_queue_full(stream_id(stream))

    def knows(self, stream: object) -> bool:
        """Whether the registry has such a stream."""
        return is_known(self.registry(), stream_id(stream))

    def most_bytes(self) -> int:
        """How many bytes a chunk may have at most."""
        return self._holdings.most_bytes

    def failed(self, error: Exception) -> int:
        """What to return to the guest for an exception that an op raised."""
        return self._outbox.failed(self._failures.told(error))

    def _failed(self, error: Exception) -> int:
        return self._outbox.failed(self._failures.told_and_kept(error))


def _of_none(reference: ref[Table], op: Callable[[Table], Any]) -> Callable[[], Any]:
    """The op as the guest's side has it: the shim throws what it raises. It does not hold the
    table, since an engine may not let go of a cycle. Each number of parameters is written out,
    because `*args` takes half as long again as the op."""

    def safely() -> Any:
        table = reference()
        if table is None:
            return None
        try:
            return op(table)
        except Exception as error:
            return table.failed(error)

    return safely


def _of_one(reference: ref[Table], op: Callable[[Table, object], Any]) -> Callable[[object], Any]:
    def safely(stream: object) -> Any:
        table = reference()
        if table is None:
            return None
        try:
            return op(table, stream)
        except Exception as error:
            return table.failed(error)

    return safely


def _of_two(
    reference: ref[Table], op: Callable[[Table, object, object], Any]
) -> Callable[[object, object], Any]:
    def safely(stream: object, subject: object) -> Any:
        table = reference()
        if table is None:
            return None
        try:
            return op(table, stream, subject)
        except Exception as error:
            return table.failed(error)

    return safely


_OPS: Final[Mapping[Callable[..., Any], tuple[str, ...]]] = {
    _of_none: ("create", "most_bytes"),
    _of_one: ("pull", "pull_json", "read", "close", "is_full", "knows"),
    _of_two: ("push", "write", "error"),
}
