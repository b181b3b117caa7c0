"""Takes a history apart into objects, to check them one by one.

Linearizability is local: a history is linearizable if the history of each object is (Herlihy and
Wing). Streams are such objects, except for the two ops on the whole table:

**Create** takes the next number, and makes a stream. The numbers are an object of their own. Which
numbers came out says in which order the creates took effect, and so where each can have: not before
one of a lower number was invoked, not after one of a higher number responded. Where every other
call on a stream was invoked after that, its create took effect before them all, at any time that
the numbers leave, and the stream can be checked as one that is there from the start.

**Clear** is a delete on each stream, at one moment. Where it overlaps no call on a stream, that
moment is before or after each of them, and the stream can be checked with the clear as one of its
calls.

The other streams are *tied*: somebody called them when they may not have existed yet, or a call on
them overlaps a clear. They are checked as one object, the registry of just these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import accumulate
from typing import Final

from streamstate.histories.events import Answered, Call, History, Time
from streamstate.model import Clear, Create, State, StreamId, step


@dataclass(frozen=True, slots=True)
class Object:
    """A part to check by itself: some streams (none: the numbers of streams), the model's state
    before, and the calls on them.

    Where `may_be_made`, a create that never told its number may have made one of the streams, and
    where `must_be_made`, one has.
    """

    streams: tuple[StreamId, ...]
    start: State
    calls: tuple[Call, ...]
    may_be_made: bool = False
    must_be_made: bool = False

    @property
    def name(self) -> str:
        """A name for messages."""
        if not self.streams:
            return "the numbers of streams"
        if len(self.streams) == 1:
            return f"stream {self.streams[0]}"
        return f"streams {', '.join(map(str, self.streams))}"


def numbers_of(history: History) -> Object:
    """The numbers: every create, and nothing else."""
    calls = tuple(call for call in history.calls if call.happened and isinstance(call.op, Create))
    return Object((), _only(history.start, ()), calls)


def streams_of(history: History) -> Iterator[Object]:
    """The streams, the tied ones last and together. The numbers have to be linearizable.
    O(n log n + streams · clears)."""
    return _Table(history).objects()


class _Table:
    """The calls of a history by what they are about."""

    def __init__(self, history: History) -> None:
        self._start: Final = history.start
        self._on: Final[dict[StreamId, list[Call]]] = defaultdict(list)
        self._clears: Final[list[Call]] = []
        creates: list[Call] = []
        for call in history.calls:
            if not call.happened:
                continue
            match call.op:
                case Create():
                    creates.append(call)
                case Clear():
                    self._clears.append(call)
                case op:
                    stream: StreamId = getattr(op, "stream", 0)
                    self._on[stream].append(call)
        self._made: Final = _timed(creates)
        self._untold: Final = len(self._made) < len(creates)

    def objects(self) -> Iterator[Object]:
        """See `streams_of`."""
        tied = self._tied()
        for stream in self._on:
            if stream not in tied:
                yield self._alone(stream)
        if tied:
            yield self._together(tied)

    def _tied(self) -> set[StreamId]:
        early = {
            stream
            for stream, made in self._made.items()
            if any(call.invoked <= made.responded for call in self._on.get(stream, ()))
        }
        return early | (set(self._overlapping_clears()) if self._clears else set())

    def _overlapping_clears(self) -> Iterator[StreamId]:
        """The streams on which a call, or whose create, overlaps a clear. O(n log n)."""
        about: list[tuple[StreamId, Call]] = [
            (stream, call) for stream, calls in self._on.items() for call in calls
        ]
        about += self._made.items()
        about += ((0, clear) for clear in self._clears)
        about.sort(key=lambda each: each[1].invoked)
        active: list[tuple[Time, int, StreamId, Call]] = []
        clears = 0
        for place, (stream, call) in enumerate(about):
            while active and active[0][0] < call.invoked:
                clears -= isinstance(heappop(active)[3].op, Clear)
            if isinstance(call.op, Clear):
                clears += 1
                yield from (on for *_, on, other in active if not isinstance(other.op, Clear))
            elif clears:
                yield stream
            heappush(active, (call.responded, place, stream, call))

    def _alone(self, stream: StreamId) -> Object:
        """A stream that is there from the start, or never is."""
        calls = self._on[stream]
        start = _only(self._start, (stream,))
        made = self._made.get(stream)
        if made is not None:
            before = replace(start, next_stream=stream)
            start = step(before, made.op)[0]
        if start.streams:
            last = max(call.responded for call in calls)
            calls = calls + [
                clear
                for clear in self._clears
                if clear.invoked <= last and not (made is not None and clear.precedes(made))
            ]
        return self._doubted((stream,), start, calls)

    def _together(self, tied: Iterable[StreamId]) -> Object:
        streams = tuple(sorted(tied))
        calls = [call for stream in streams for call in self._on.get(stream, ())]
        creates = [self._made[stream] for stream in streams if stream in self._made]
        start = _only(self._start, streams)
        return self._doubted(streams, start, [*calls, *creates, *self._clears])

    def _doubted(
        self, streams: tuple[StreamId, ...], start: State, calls: Sequence[Call]
    ) -> Object:
        """With what a create that never told its number may have done."""
        known = self._made.keys() | {number for number, _ in start.streams}
        doubtful = [
            each
            for each in streams
            if self._untold and each not in known and each >= self._start.next_stream
        ]
        passed = any(each < max(self._made, default=0) for each in doubtful)
        return Object(streams, start, tuple(calls), bool(doubtful), passed)


def _only(start: State, streams: Iterable[StreamId]) -> State:
    """The part of a state that is about these streams."""
    wanted = frozenset(streams)
    return replace(
        start, streams=tuple(each for each in start.streams if each[0] in wanted), handed=()
    )


def _timed(creates: Iterable[Call]) -> Mapping[StreamId, Call]:
    """The creates that told their numbers, by number, each with the times between which it can have
    taken effect given those of the others."""
    told = [
        (call.outcome.answer, call)
        for call in creates
        if isinstance(call.outcome, Answered) and isinstance(call.outcome.answer, int)
    ]
    told.sort(key=lambda each: each[0])
    invoked = accumulate((call.invoked for _, call in told), max)
    responded = [*accumulate((call.responded for _, call in reversed(told)), min)]
    return {
        number: replace(call, invoked=first, responded=last)
        for (number, call), first, last in zip(told, invoked, reversed(responded), strict=True)
    }
