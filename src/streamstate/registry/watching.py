"""Counts what a registry holds: a witness that hears of every op and keeps sums.

It decides nothing. The effects of an op say what it did to pulls, and its stream shows what it did
to the queue.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import assert_never

from streamstate.model import (
    Abandoned,
    Accepted,
    CancelPull,
    CancelPush,
    Chunk,
    Clear,
    Close,
    Create,
    Delete,
    Effect,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    PullId,
    Push,
    Rejected,
    Resolved,
    Returned,
    Seen,
    StreamId,
    TurnedAway,
    Unblocked,
)
from streamstate.registry.outside import Outside
from streamstate.registry.record import Record


@dataclass(frozen=True, slots=True)
class OldestPull:
    """The pull that has waited longest, on which stream, and for how many seconds. For one that
    already waited when the counting began, the time counts from then."""

    pull: PullId
    stream: StreamId
    seconds: float


@dataclass(frozen=True, slots=True)
class Peak:
    """The maximum of each count since the counting began."""

    streams: int
    waiting_pulls: int
    queued_chunks: int
    queued_bytes: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What a registry holds.

    `unseen_chunks` were handed to a pull whose awaiter has not looked yet; those handed before the
    counting began are not among them. `blocked_writers` wait for their turn to write.
    `waiting_pushes` wait for room now. Of those that waited, since the counting began, so many were
    `accepted_pushes`, `turned_away_pushes`, and `given_up_pushes`, whose callers left.
    """

    streams: int
    waiting_pulls: int
    queued_chunks: int
    queued_bytes: int
    unseen_chunks: int
    unseen_bytes: int
    blocked_writers: int
    oldest_pull: OldestPull | None
    peak: Peak
    waiting_pushes: int = 0
    accepted_pushes: int = 0
    turned_away_pushes: int = 0
    given_up_pushes: int = 0


class Watch:
    """The counts of one registry, from when this was made.

    Any thread may call `stats`. In another thread than the registry's, one figure may be from
    before an op and another from after it.
    """

    __slots__ = (
        "__weakref__",
        "_accepted",
        "_chunks",
        "_first",
        "_given_up",
        "_offered",
        "_outside",
        "_peak",
        "_queues",
        "_size",
        "_streams",
        "_turned_away",
        "_unseen",
        "_unseen_size",
        "_waiting",
    )

    def __init__(self, streams: Mapping[StreamId, Record], outside: Outside) -> None:
        self._streams: Mapping[StreamId, Record] = streams
        self._outside: Outside = outside
        self._first: PullId = outside.next_pull
        self._unseen: dict[PullId, tuple[StreamId, int]] = {}
        self._unseen_size: int = 0
        now = monotonic()
        waiting = sorted(
            (pull, number) for number, record in streams.items() for pull in _pulls(record)
        )
        self._waiting: OrderedDict[PullId, tuple[StreamId, float]] = OrderedDict(
            (pull, (number, now)) for pull, number in waiting
        )
        self._offered: int = sum(len(record.offers or ()) for record in streams.values())
        self._accepted: int = 0
        self._turned_away: int = 0
        self._given_up: int = 0
        self._count_queues()
        self._peak: list[int] = [0, 0, 0, 0]
        self._note_peak()

    def __call__(self, op: Op, effects: tuple[Effect, ...]) -> None:
        """Count one op. O(1 + effects), and O(streams) for a cancel of a pull that was handed its
        chunk before the counting began."""
        match op:
            case Push(stream):
                self._offered += not effects  # one that waits returns nothing
                self._settle(effects)
                self._look_at(stream)
            case Close(stream) | Error(stream) | Delete(stream):
                self._settle(effects)
                self._look_at(stream)
            case Pull(stream):
                self._waiting[self._outside.next_pull - 1] = stream, monotonic()
                self._settle(effects)
                self._look_at(stream)
            case Seen(pull):
                self._take_unseen(pull)
                return
            case CancelPull(pull):
                self._cancel(pull)
                self._settle(effects)
            case Clear():
                self._settle(effects)
                self._count_queues()
            case Create():
                pass
            case CancelPush():
                given_up = Returned(True) in effects
                self._offered -= given_up
                self._given_up += given_up
                return
            case Get() | IsQueueFull():
                return
            case _:
                assert_never(op)
        self._note_peak()

    def stats(self) -> Stats:
        """The counts now. O(1)."""
        return Stats(
            len(self._streams),
            len(self._waiting),
            self._chunks,
            self._size,
            len(self._unseen),
            self._unseen_size,
            self._outside.blocked,
            self._oldest(),
            Peak(*self._peak),
            self._offered,
            self._accepted,
            self._turned_away,
            self._given_up,
        )

    def _settle(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Resolved(pull, Chunk(value)):
                    stream, _ = self._waiting.pop(pull)
                    self._unseen[pull] = stream, len(value)
                    self._unseen_size += len(value)
                case Resolved(pull) | Rejected(pull) | Abandoned(pull):
                    del self._waiting[pull]
                case Accepted():
                    self._offered -= 1
                    self._accepted += 1
                case TurnedAway():
                    self._offered -= 1
                    self._turned_away += 1
                case Returned() | Unblocked():
                    pass
                case _:
                    assert_never(effect)

    def _cancel(self, pull: PullId) -> None:
        unseen = self._take_unseen(pull)
        if unseen is not None:
            self._look_at(unseen)
        elif self._waiting.pop(pull, None) is None and pull < self._first:
            self._count_queues()  # it may have given back a chunk, to whichever stream

    def _take_unseen(self, pull: PullId) -> StreamId | None:
        """Its chunk is no longer on the way: the stream that it is of, if it was."""
        stream, size = self._unseen.pop(pull, (None, 0))
        self._unseen_size -= size
        return stream

    def _look_at(self, stream: StreamId) -> None:
        """Count what this stream has queued instead of what it had."""
        record = self._streams.get(stream)
        queued = self._queues.pop(stream, None)
        if queued is not None:
            self._chunks -= queued[0]
            self._size -= queued[1]
        if record is not None and record.count:
            self._queues[stream] = record.count, record.size
            self._chunks += record.count
            self._size += record.size

    def _count_queues(self) -> None:
        """Count what all have queued. O(streams)."""
        self._queues: dict[StreamId, tuple[int, int]] = {
            number: (record.count, record.size)
            for number, record in self._streams.items()
            if record.count
        }
        self._chunks: int = sum(chunks for chunks, _ in self._queues.values())
        self._size: int = sum(size for _, size in self._queues.values())

    def _note_peak(self) -> None:
        peak = self._peak
        now = len(self._streams), len(self._waiting), self._chunks, self._size
        if now[0] > peak[0] or now[1] > peak[1] or now[2] > peak[2] or now[3] > peak[3]:
            self._peak = [*map(max, peak, now)]  # `max` alone costs as much as the rest of an op

    def _oldest(self) -> OldestPull | None:
        while True:
            try:
                pull, (stream, since) = next(iter(self._waiting.items()))
            except StopIteration:
                return None
            except RuntimeError:  # in another thread, and the registry's came between
                continue
            return OldestPull(pull, stream, monotonic() - since)


def _pulls(record: Record) -> list[PullId]:
    """The pulls that wait on the stream, oldest first."""
    return [record.first.pull, *(record.others or ())] if record.first is not None else []
