"""What becomes of a pull after its call: awaited, looked at, given up or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from threading import get_ident
from typing import Final

from streamstate.model import (
    CancelPull,
    Chunk,
    Done,
    Event,
    Limits,
    PullResult,
    StreamId,
    level_of,
)
from streamstate.registry.actions import Outside
from streamstate.registry.affinity import Affinity
from streamstate.registry.errors import raise_for
from streamstate.registry.listening import Announcer
from streamstate.registry.pending import Over, PendingPull, Steps, Waiter
from streamstate.registry.record import Record

# A global is found several times faster than an enum's member.
_SPENT: Final = Over.SPENT
_ABANDONED: Final = Over.ABANDONED


class Pulls:
    """The pulls of one registry, once they are placed."""

    __slots__ = ("_absent", "_affinity", "_announcer", "_limits", "_outside", "_streams")

    def __init__(
        self,
        streams: Mapping[StreamId, Record],
        absent: Record,
        limits: Limits,
        outside: Outside,
        announcer: Announcer | None,
        affinity: Affinity,
    ) -> None:
        self._streams = streams
        self._absent = absent
        self._limits = limits
        self._outside = outside
        self._announcer = announcer
        self._affinity = affinity

    def pending(self, waiter: Waiter) -> PendingPull:
        """The caller's side of a pull that has been placed."""
        steps = self._steps(waiter)
        next(steps)
        pull = PendingPull()
        pull._steps = steps
        pull._parked = None
        return pull

    def _steps(self, waiter: Waiter) -> Steps:
        """To be started at once: then whatever ends it before the outcome is looked at, be it a
        cancel, a throw, a close or its being dropped, and be it before the wait or in it, comes
        out at one `except`."""
        try:
            yield
            if get_ident() != self._affinity.thread:
                self._affinity.bind_thread()
            if self._outside.dropped:  # they go first: one may hold the very chunk waited for
                self.cancel_dropped()
            if waiter.outcome is None or waiter.outcome is _ABANDONED:
                waiter.future = self._affinity.future()
                yield from waiter.future
        except BaseException as stop:
            self._give_up(waiter, stop)
            raise
        return self.look(waiter)

    def look(self, waiter: Waiter) -> PullResult:
        """The awaiter looks at the outcome of a settled pull. Raises what it was rejected with."""
        outcome = waiter.outcome
        waiter.future = None
        if isinstance(outcome, Chunk):
            if self._announcer is not None:
                self._tell_look(waiter)
            waiter.outcome = _SPENT
            return outcome
        if outcome is None or isinstance(outcome, Over):
            raise RuntimeError("this pull was given up when its event loop was closed")
        if not isinstance(outcome, Done):
            raise_for(outcome)
        return outcome

    def _tell_look(self, waiter: Waiter) -> None:
        assert self._announcer is not None
        try:
            self._announcer.tell_look(waiter.pull)
        except BaseException:  # the awaiter gets this instead of its chunk
            self._outside.dropped.append(waiter)
            raise

    def _give_up(self, waiter: Waiter, stop: BaseException) -> None:
        """Cancel the pull; only note it where this may be a finalizer, or another thread."""
        self._outside.dropped.append(waiter)
        if not isinstance(stop, GeneratorExit) and get_ident() == self._affinity.thread:
            self.cancel_dropped()

    def cancel_dropped(self) -> None:
        """Cancel every pull whose awaiter is gone. O(1) if there is none."""
        dropped = self._outside.dropped
        while dropped:
            self._cancel(dropped.popleft())

    def _cancel(self, waiter: Waiter) -> None:
        record = self._streams.get(waiter.stream, self._absent)
        event, size = _cancel_of(waiter)
        after = level_of(self._limits, record.count() + 1, record.size + size)
        row = record.situation.on[event]
        do, record.situation, _ = row[record.others is not None][after]
        do(self._outside, record, waiter)
        if record.abandoned is not None:
            record.abandoned.pop(waiter.pull, None)
        if self._announcer is not None:
            self._announcer.tell(CancelPull(waiter.pull))


def _cancel_of(waiter: Waiter) -> tuple[Event, int]:
    """What a cancel of the pull is to its stream, and how many bytes it would give back."""
    match waiter.outcome:
        case None:
            return Event.CANCEL_WAITING, 0
        case Chunk(value):
            return Event.CANCEL_HANDED, len(value)
        case _:
            return Event.CANCEL_OTHER, 0
