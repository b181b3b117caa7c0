"""How much one guest may make its host hold. These limits are not rules of the model: a call that
would exceed one does no op, and the guest gets a `RangeError`."""

from __future__ import annotations

from dataclasses import dataclass, fields
from sys import maxsize
from typing import Final

from streamstate.isolate.errors import GuestError
from streamstate.isolate.outbox import Outbox
from streamstate.isolate.values import RangeError
from streamstate.model import StreamId
from streamstate.registry import StreamView
from streamstate.registry.core import StreamStateRegistry
from streamstate.registry.placing import queued

PER_CHUNK: Final = 64
"""How many bytes each chunk counts for besides its own: keeping even an empty one costs memory."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How much a guest may have at a time: streams that it made, pushed to or errored; waiting
    pulls, writes and calls of host functions; and bytes that it pushed and that nobody has
    received. Each chunk counts for 64 bytes more, and error messages count, too.

    Raises `ValueError` for a limit below 1.
    """

    streams: int = 10_000
    waiting: int = 10_000
    held_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or value < 1:
                raise ValueError(f"{field.name} must be an integer from 1 on, not {value!r}")


class Held:
    """What the guest has in one stream. `size` is at least the number of bytes that it pushed and
    nobody has received, plus those of the `message` that it errored the stream with."""

    __slots__ = ("message", "size", "view")

    def __init__(self, view: StreamView) -> None:
        self.view: StreamView = view
        self.size: int = 0
        self.message: int = 0

    def look(self) -> int:
        """Lower the count to the bytes that are left, and return by how many it was too high."""
        left = self.message + queued(self.view, PER_CHUNK)
        if left >= self.size:
            return 0
        less = self.size - left
        self.size = left
        return less


class Holdings:
    """What the guest makes its host hold. The count may be too high during a turn, since it does
    not see the host's own ops; before it refuses anything, it counts anew, at most once a turn.
    `outbox` says which pulled chunks wait for the guest's next turn. `room` is how many more bytes
    there may be."""

    def __init__(self, quota: Quota, outbox: Outbox) -> None:
        self._quota: Final = quota
        self._most_waiting: Final = min(quota.waiting, maxsize)
        self._outbox: Final = outbox
        self._streams: dict[StreamId, Held] = {}
        self._unpushed = 0
        self.room: int = self.most_bytes
        self._is_exact = False
        self._has_looked = False

    @property
    def most_bytes(self) -> int:
        """How many bytes there may be."""
        return min(self._quota.held_bytes, maxsize)

    def begin_turn(self) -> None:
        """Note that the host may have done ops since the last count."""
        self._is_exact = self._has_looked = False

    def forget(self) -> None:
        """Note that the context has another registry from now on."""
        self._streams.clear()
        self._is_exact = False
        self._count()

    def require_stream(self) -> None:
        """Raise `RangeError` if there is no room for another stream."""
        if len(self._streams) >= self._quota.streams:
            self._count()
            if len(self._streams) >= self._quota.streams:
                raise RangeError(f"a guest may have {self._quota.streams} streams at a time")

    def require_bytes(self, size: int) -> None:
        """Raise `RangeError` if there is no room for so many more bytes."""
        if size > self.room:
            self._count()
            if size > self.room:
                raise RangeError(
                    f"a guest may have {self._quota.held_bytes} bytes waiting to be pulled"
                )

    def require_chunk(self, size: int) -> None:
        """Raise `RangeError` if there is no room for a chunk of so many bytes."""
        self.require_bytes(size + PER_CHUNK)

    def require_waiting(self) -> None:
        """Raise `RangeError` if as many pulls, writes and calls wait as the quota allows. It looks
        for those that will never settle at most once a turn, since that takes long, and finds none
        to free before the next."""
        most = self._most_waiting
        if len(self._outbox.open_tickets) < most:
            return
        if not self._has_looked:
            self._has_looked = True
            self._outbox.forget_abandoned()
        raise RangeError(f"a guest may have {most} pulls, writes and calls waiting")

    def add_stream(self, registry: StreamStateRegistry, stream: StreamId) -> Held | None:
        """Note that the guest made the stream, pushes to it, or errors it. Returns what it has
        there; None if there is no such stream."""
        held = self._streams.get(stream)
        if held is None:
            view = registry.get(stream)
            if view is None:
                return None
            held = self._streams[stream] = Held(view)
        return held

    def add_chunk(self, registry: StreamStateRegistry, stream: StreamId, size: int) -> None:
        """Note that the stream accepted so many bytes from the guest."""
        size += PER_CHUNK
        held = self._streams.get(stream)
        if held is None:
            held = self.add_stream(registry, stream)
        if held is not None:
            held.size += size
            self.room -= size

    def add_message(self, registry: StreamStateRegistry, stream: StreamId, size: int) -> None:
        """Note that the guest errors the stream with a message of that size."""
        held = self.add_stream(registry, stream)
        if held is not None:
            held.message += size
            held.size += size
            self.room -= size

    def take_chunk(self, stream: StreamId) -> None:
        """Note that the guest has received a chunk of the stream, its own or one of the host's."""
        held = self._streams.get(stream)
        if held is not None:
            self.room += held.look()

    def add_unpushed(self, size: int) -> None:
        """Note that a write of the guest waits to push so many bytes."""
        self._unpushed += size + PER_CHUNK
        self.room -= size + PER_CHUNK

    def drop_unpushed(self, size: int) -> None:
        """Note that such a write waits no more."""
        self._unpushed -= size + PER_CHUNK
        self.room += size + PER_CHUNK

    def _count(self) -> None:
        if self._is_exact:
            return
        self._is_exact = True
        self._streams = {
            stream: held for stream, held in self._streams.items() if not held.view.deleted
        }
        size = self._unpushed + self._outbox.unseen_bytes(PER_CHUNK)
        for held in self._streams.values():
            error = held.view.error_value
            held.message = len(error.message) if isinstance(error, GuestError) else 0
            held.look()
            size += held.size
        self.room = self.most_bytes - size
