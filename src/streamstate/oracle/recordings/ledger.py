"""What a registry holds while a recording is gone through: streams, waits and handed chunks.

The data of the model's state, to be changed in place. Nothing here decides what is to be done.
"""

from __future__ import annotations

from collections import deque
from typing import Final, TypeAlias, assert_never

from streamstate.model import (
    Control,
    Idle,
    Limits,
    PullId,
    State,
    Stream,
    StreamId,
    View,
    Waiting,
)
from streamstate.model.state import Failed, control_of
from streamstate.wire import Json, encode_bytes, message_of

Kept: TypeAlias = tuple[int, bytes]
"""A chunk with its place in the order of accepted pushes of its stream."""


class Live:
    """One stream. `queue` is sorted by place; it and `waiting` are None while there is nothing."""

    __slots__ = ("accepted", "control", "message", "number", "queue", "size", "waiting")

    def __init__(self, number: StreamId, control: Control) -> None:
        self.number: Final = number
        self.control = control
        self.accepted = 0
        self.size = 0
        self.message = ""
        self.queue: deque[Kept] | None = None
        self.waiting: dict[PullId, None] | None = None

    def view(self) -> View:
        """What `get` shows of it. O(chunks)."""
        phase = self.control.phase
        return View(
            queue=tuple(chunk for _, chunk in self.queue or ()),
            queue_size=self.size,
            closed=phase.closed,
            errored=phase.errored,
            error_value=self.message if phase.errored else None,
            pull_waiting=self.waiting is not None,
        )

    def append(self, kept: Kept) -> None:
        """Queue an accepted chunk as the newest."""
        if self.queue is None:
            self.queue = deque()
        self.queue.append(kept)
        self.accepted += 1
        self.size += len(kept[1])

    def pop_oldest(self) -> Kept:
        """Take the oldest queued chunk out."""
        queue = self.queue
        assert queue, "only a queued chunk can be taken"
        kept = queue.popleft()
        self.size -= len(kept[1])
        if not queue:
            self.queue = None
        return kept

    def give_back(self, kept: Kept) -> None:
        """Queue a chunk at its place again. O(older queued chunks), which were all given back."""
        if self.queue is None:
            self.queue = deque()
        older = 0
        while older < len(self.queue) and self.queue[older][0] < kept[0]:
            older += 1
        self.queue.insert(older, kept)
        self.size += len(kept[1])

    def drop_queued(self) -> None:
        """Forget every queued chunk."""
        self.queue = None
        self.size = 0


class Ledger:
    """All of a registry's data: O(live streams + queued and handed chunks + waiting pulls).

    `handed` has the chunks that nobody has seen or given up, by pull; `settled` what has settled,
    as the wire tells it, since whoever reads it last put a new list there.
    """

    __slots__ = ("handed", "next_pull", "next_stream", "settled", "streams", "waiting")

    def __init__(self, state: State) -> None:
        self.handed: Final[dict[PullId, tuple[StreamId, Kept]]] = {}
        self.settled: list[Json] = []
        self.resume(state)

    def resume(self, state: State) -> None:
        """Go on from the streams and numbers of `state`; handed chunks stay as they are."""
        self.next_stream = state.next_stream
        self.next_pull = state.next_pull
        self.streams = {
            number: _loaded(number, stream, state.limits) for number, stream in state.streams
        }
        self.waiting = {pull: live for live in self.streams.values() for pull in live.waiting or ()}

    def held(self) -> int:
        """How many streams, chunks and waiting pulls it holds. O(streams)."""
        queued = sum(len(live.queue or ()) for live in self.streams.values())
        return len(self.streams) + queued + len(self.waiting) + len(self.handed)

    def hand(self, live: Live, pull: PullId, kept: Kept) -> None:
        """The pull gets the chunk."""
        self.handed[pull] = (live.number, kept)
        self.settled.append([pull, "value", encode_bytes(kept[1])])

    def settle(self, pull: PullId, *outcome: str) -> None:
        """The pull gets what is no chunk."""
        self.settled.append([pull, *outcome])

    def wait(self, live: Live, pull: PullId) -> None:
        """The pull waits, behind any that do."""
        if live.waiting is None:
            live.waiting = {}
        live.waiting[pull] = None
        self.waiting[pull] = live

    def leave(self, live: Live, pull: PullId) -> None:
        """The pull waits no more."""
        assert live.waiting is not None, "only a waiting pull can end its wait"
        del live.waiting[pull], self.waiting[pull]
        if not live.waiting:
            live.waiting = None

    def pop_waiting(self, live: Live) -> PullId:
        """The oldest pull that waits, which does so no more."""
        oldest = next(iter(live.waiting or ()))
        self.leave(live, oldest)
        return oldest

    def settle_waiting(self, live: Live, *outcome: str) -> None:
        """Every pull that waits gets that, oldest first."""
        for pull in tuple(live.waiting or ()):
            self.leave(live, pull)
            self.settle(pull, *outcome)


def _loaded(number: StreamId, stream: Stream, limits: Limits) -> Live:
    """A stream of the model's state."""
    live = Live(number, control_of(stream, limits))
    live.accepted = stream.accepted
    match stream:
        case Waiting(_, first, others):
            live.waiting = dict.fromkeys((first, *others))
        case Idle(_, status, queue):
            live.size = queue.size
            live.message = message_of(status.value) if isinstance(status, Failed) else ""
            given_back = [(placed.place, placed.chunk) for placed in queue.given_back]
            fresh = enumerate(queue.fresh, stream.accepted - len(queue.fresh) + 1)
            live.queue = deque((*given_back, *fresh)) if len(queue) else None
        case _:
            assert_never(stream)
    return live
