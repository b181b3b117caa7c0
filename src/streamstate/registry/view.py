"""What `get` shows of a stream."""

from __future__ import annotations

from streamstate.model import Control, Phase, View
from streamstate.registry.record import Record


def phase_of(record: Record) -> Phase:
    """The phase of the stream; of a deleted one, the last one."""
    return (record.situation.control if record.last is None else record.last).phase


def snapshot(record: Record) -> View:
    """What `get` shows of this stream now. O(n)."""
    phase = phase_of(record)
    return View(
        queue=tuple(record.queue or ()),
        queue_size=record.size,
        closed=phase.closed,
        errored=phase.errored,
        error_value=None if record.failure is None else record.failure.value,
        pull_waiting=record.situation.control is Control.WAITING,
        deleted=record.situation.control is Control.ABSENT,
    )


class StreamView:
    """A live look at one stream: every attribute shows the present. Reading changes nothing.

    After its stream is deleted it shows `deleted`, the last flags, and nothing queued or waiting.
    """

    __slots__ = ("_record",)

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def queue(self) -> tuple[bytes, ...]:
        """The queued chunks, oldest first. O(n)."""
        return tuple(self._record.queue or ())

    @property
    def queue_size(self) -> int:
        """Total length of the queued chunks in bytes."""
        return self._record.size

    @property
    def closed(self) -> bool:
        """Whether no more data will come."""
        return phase_of(self._record).closed

    @property
    def errored(self) -> bool:
        """Whether the stream failed."""
        return phase_of(self._record).errored

    @property
    def error_value(self) -> object:
        """The error value of the stream; None if it did not fail."""
        failure = self._record.failure
        return None if failure is None else failure.value

    @property
    def pull_waiting(self) -> bool:
        """Whether some pull waits."""
        return self._record.situation.control is Control.WAITING

    @property
    def deleted(self) -> bool:
        """Whether the stream was deleted."""
        return self._record.situation.control is Control.ABSENT

    def snapshot(self) -> View:
        """The same as an immutable value that does not follow later ops. O(n)."""
        return snapshot(self._record)

    def __repr__(self) -> str:
        shown = self.snapshot()
        return (
            f"<StreamView {len(shown.queue)} chunks, {shown.queue_size} bytes,"
            f" closed={shown.closed}, errored={shown.errored},"
            f" pull_waiting={shown.pull_waiting}, deleted={shown.deleted}>"
        )
