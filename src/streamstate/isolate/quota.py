"""What one guest may make its host hold. These limits are no rules of the model: where one would
be passed, the guest gets a `RangeError` and no op is done."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from streamstate.isolate.errors import GuestError
from streamstate.isolate.outbox import Outbox
from streamstate.isolate.values import RangeError
from streamstate.model import StreamId
from streamstate.registry import StreamStateRegistry, StreamView


@dataclass(frozen=True, slots=True)
class Quota:
    """How many streams that it made or pushed to, pulls, writes and calls of host functions that
    wait, and bytes that it
    pushed and nobody has (messages of errors count), a guest may have at a time.

    Raises `ValueError` for less than 1.
    """

    streams: int = 10_000
    waiting: int = 10_000
    held_bytes: int = 64 * 1024 * 1024

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or value < 1:
                raise ValueError(f"{field.name} must be an integer from 1 on, not {value!r}")


class Holdings:
    """What the guest makes its host hold. Counted high while a turn lasts, as the host's own ops
    go unseen, and counted anew, at most once a turn, before anything is refused. `outbox`: in
    which chunks are that were pulled, and wait for the guest's next turn. `room`: how many more
    bytes there may be."""

    def __init__(self, quota: Quota, outbox: Outbox) -> None:
        self.quota: Final = quota
        self._outbox: Final = outbox
        self._views: dict[StreamId, StreamView] = {}
        self.room = quota.held_bytes
        self._unpushed = 0
        self._is_exact = False
        self._has_looked = False

    def begin_turn(self) -> None:
        """The host may have done ops since the last."""
        self._is_exact = self._has_looked = False

    def forget(self) -> None:
        """The registry is another one from now on."""
        self._views.clear()
        self.room = self.quota.held_bytes - self._unpushed
        self._is_exact = False

    def require_stream(self) -> None:
        """Raise `RangeError` if there is no room for another stream."""
        if len(self._views) >= self.quota.streams:
            self._count()
            if len(self._views) >= self.quota.streams:
                raise RangeError(f"a guest may have {self.quota.streams} streams at a time")

    def require_bytes(self, size: int) -> None:
        """Raise `RangeError` if there is no room for so many more bytes."""
        if size > self.room:
            self._count()
            if size > self.room:
                raise RangeError(
                    f"a guest may have {self.quota.held_bytes} bytes waiting to be pulled"
                )

    def require_waiting(self) -> None:
        """Raise `RangeError` if as many pulls, writes and calls wait as may. Those that will never
        settle are looked for at most once a turn, for it takes long, and frees none before the
        next."""
        tickets, most = self._outbox.open_tickets, self.quota.waiting
        if len(tickets) < most:
            return
        if not self._has_looked:
            self._has_looked = True
            self._outbox.forget_abandoned()
        raise RangeError(f"a guest may have {most} pulls, writes and calls waiting")

    def add_stream(self, registry: StreamStateRegistry, stream: StreamId) -> None:
        """The guest made it, or pushes to it."""
        if stream not in self._views and (view := registry.get(stream)) is not None:
            self._views[stream] = view

    def add_chunk(self, registry: StreamStateRegistry, stream: StreamId, size: int) -> None:
        """The guest pushed so many bytes to the stream, which were accepted."""
        self.room -= size
        if stream not in self._views:
            self.add_stream(registry, stream)

    def add_unpushed(self, size: int) -> None:
        """The guest waits to push so many, or, if less than 0, does not any more."""
        self._unpushed += size
        self.room -= size

    def _count(self) -> None:
        if self._is_exact:
            return
        self._is_exact = True
        self._views = {id_: view for id_, view in self._views.items() if not view.deleted}
        queued = sum(map(_held_by, self._views.values()))
        held = self._unpushed + self._outbox.unseen_bytes + queued
        self.room = self.quota.held_bytes - held


def _held_by(view: StreamView) -> int:
    error = view.error_value
    return view.queue_size + (len(error.message) if isinstance(error, GuestError) else 0)
