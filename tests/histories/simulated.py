"""Threads that are none: a scheduler, drawn at random from a seed, has each of them call, take
effect in the model, and return, one event at a time. So the history is linearizable, and as long
and as crowded as it is asked to be."""

from __future__ import annotations

from random import Random
from typing import Final

from streamstate.histories.events import (
    CANCELLED,
    NEVER,
    PENDING,
    Answered,
    Brought,
    Call,
    History,
    Outcome,
)
from streamstate.model import (
    REFERENCE,
    CancelPull,
    Chunk,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Get,
    IsQueueFull,
    Limits,
    Op,
    Pull,
    Push,
    Rejected,
    Resolved,
    Returned,
    Seen,
    View,
    initial,
    step,
)
from streamstate.wire import encode_reason, encode_view


class Simulated:
    """Some threads on one registry. `lives` is after how many calls a stream is ended, on average,
    and another made in its place."""

    def __init__(
        self,
        random: Random,
        *,
        threads: int = 8,
        streams: int = 4,
        lives: int = 1_000,
        dialect: Dialect = REFERENCE,
    ) -> None:
        self._random: Final = random
        self._lives: Final = lives
        self.start: Final = initial(dialect, Limits())
        self.state = self.start
        self._now = 0
        self._chunks = 0
        self._streams: Final[list[int]] = []
        self._threads: Final = [_Thread(chr(ord("A") + number)) for number in range(threads)]
        self._waiting: Final[dict[int, _Thread]] = {}
        self.calls: Final[list[Call]] = []
        self.accepted: Final[list[bytes]] = []
        for _ in range(streams):
            self._make()

    def _make(self) -> None:
        """A stream, made while nobody looks."""
        self.state, effects = step(self.state, Create())
        number = self.state.next_stream - 1
        self._now += 3
        made = Answered(number)
        self._record("main", Create(), self._now - 2, self._now - 1, made)
        self._streams.append(number)
        assert effects == (Returned(number),)

    def run(self, events: int) -> History:
        """Go on until there are so many events, and end with what is in progress then."""
        random, threads = self._random, self._threads
        while 2 * len(self.calls) < events:
            self._now += 1
            self._step(random.choice(threads))
        for thread in threads:
            if thread.op is not None:
                self._record(thread.name, thread.op, thread.invoked, NEVER, PENDING)
        return History(self.start, self.calls)

    def _step(self, thread: _Thread) -> None:
        if thread.op is None:
            thread.op, thread.invoked = self._chosen(), self._now
        elif not thread.placed:
            self._place(thread, thread.op)
        elif thread.outcome is not None:
            self._return(thread, thread.outcome)
        elif self._random.random() < 0.02:
            self._do(CancelPull(thread.pull), thread)
            self._return(thread, CANCELLED)

    def _return(self, thread: _Thread, outcome: Outcome) -> None:
        assert thread.op is not None
        self._record(thread.name, thread.op, thread.invoked, self._now, outcome)
        self._waiting.pop(thread.pull, None)
        if isinstance(outcome, Brought):
            self.state = step(self.state, Seen(thread.pull))[0]
        thread.op = thread.outcome = None
        thread.placed, thread.pull = False, 0

    def _record(
        self, thread: str, op: Op, invoked: float, responded: float, outcome: Outcome
    ) -> None:
        self.calls.append(Call(len(self.calls) + 1, thread, op, invoked, responded, outcome))

    def _chosen(self) -> Op:
        random = self._random
        if random.random() < 1 / self._lives:
            stream = self._streams.pop(random.randrange(len(self._streams)))
            self._make()
            return random.choice((Close(stream), Error(stream, "boom"), Delete(stream)))
        stream = random.choice(self._streams)
        kind = random.random()
        if kind < 0.08:
            return IsQueueFull(stream)
        if kind < 0.10:
            return Get(stream)
        known = self.state.find(stream)
        queued = getattr(known, "queue", ())
        if kind < 0.55 if len(queued) < 8 else kind < 0.3:
            self._chunks += 1
            return Push(stream, b"%d" % self._chunks)
        return Pull(stream) if len(self._waiting) < 4 else self._push(stream)

    def _push(self, stream: int) -> Op:
        self._chunks += 1
        return Push(stream, b"%d" % self._chunks)

    def _place(self, thread: _Thread, op: Op) -> None:
        thread.placed = True
        if isinstance(op, Pull):
            thread.pull = self.state.next_pull
            self._waiting[thread.pull] = thread
        else:
            thread.outcome = Answered(None)
        self._do(op, thread)

    def _do(self, op: Op, thread: _Thread) -> None:
        self.state, effects = step(self.state, op)
        for effect in effects:
            match effect:
                case Returned(True) if isinstance(op, Push):
                    self.accepted.append(op.chunk)
                    thread.outcome = Answered(True)
                case Returned(value):
                    shown = encode_view(value) if isinstance(value, View) else value
                    thread.outcome = Answered(shown)
                case Resolved(pull, Chunk(chunk)):
                    self._waiting.pop(pull).outcome = Brought(chunk)
                case Resolved(pull):
                    self._waiting.pop(pull).outcome = Answered(["done"])
                case Rejected(pull, reason):
                    self._waiting.pop(pull).outcome = Answered(["error", encode_reason(reason)])
                case _:
                    pass


class _Thread:
    def __init__(self, name: str) -> None:
        self.name: Final = name
        self.op: Op | None = None
        self.invoked = 0
        self.placed = False
        self.pull = 0
        self.outcome: Outcome | None = None
