"""A stream taken apart while the actions of one op are done to it: what `stream.react` works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from streamstate.model.control import Phase
from streamstate.model.effects import Effect, Resolved, TurnedAway
from streamstate.model.rules import Rule
from streamstate.model.state import (
    EMPTY_QUEUE,
    Failed,
    Handed,
    Idle,
    Offered,
    PushesWaiting,
    Queue,
    Stream,
    Waiting,
    status_of,
)
from streamstate.model.values import Chunk, Limits, PullId, PushId, PushReason, StreamId


@dataclass(slots=True)  # not frozen, as one is made for every op and nobody keeps it
class Subject:
    """What an event is about, besides its stream: the pull that was called, cancelled or seen;
    the chunk that is pushed, or that the pull was handed, with its place; the error value; the
    push that was cancelled, or the number that the one called takes if it waits."""

    pull: PullId = 0
    chunk: bytes = b""
    place: int = 0
    error: object = None
    push: PushId = 0


NOTHING: Final = Subject()

# A global is found several times faster than an enum's member.
_ABSENT: Final = Phase.ABSENT
_WAITING: Final = Phase.WAITING
_PUSHES_WAITING: Final = Phase.PUSHES_WAITING
_CLOSING: Final = Phase.CLOSING


class Reaction:
    """A stream taken apart, what an event is to do to it, and what came of that.

    It is changed while `react` makes it and by nobody afterwards. `stream` is None once the stream
    is gone; `effects` begin with what is returned, if anything; `handed` has the chunks that were
    handed to pulls, and `begun` says how many pushes began to wait.
    """

    __slots__ = (
        "accepted",
        "begun",
        "effects",
        "error",
        "handed",
        "limits",
        "number",
        "phase",
        "pulls",
        "pushes",
        "queue",
        "rule",
        "stream",
        "subject",
    )

    rule: Rule
    effects: tuple[Effect, ...]
    phase: Phase

    def __init__(
        self, limits: Limits, number: StreamId, stream: Stream | None, subject: Subject
    ) -> None:
        self.limits: Limits = limits
        self.number: StreamId = number
        self.stream = stream
        self.subject: Subject = subject
        self.accepted: int = 0
        self.pulls: tuple[PullId, ...] = ()
        self.pushes: tuple[Offered, ...] = ()
        self.begun: int = 0
        self.queue: Queue = EMPTY_QUEUE
        self.error: object = None
        self.handed: tuple[Handed, ...] = ()
        match stream:
            case Idle():
                status = stream.status
                self.phase = status.phase
                self.accepted = stream.accepted
                self.queue = stream.queue
                self.error = status.value if isinstance(status, Failed) else None
            case Waiting():
                self.phase = _WAITING
                self.accepted = stream.accepted
                self.pulls = (stream.first, *stream.others)
            case PushesWaiting():
                self.phase = stream.phase
                self.accepted = stream.accepted
                self.queue = stream.queue
                self.pushes = (stream.first, *stream.others)
            case None:
                self.phase = _ABSENT
            case _:
                assert_never(stream)

    def pack(self, phase: Phase) -> None:
        """Put the stream together again, in the phase that the table says."""
        if phase is _ABSENT:
            self.stream = None
        elif phase is _WAITING:
            self.stream = Waiting(self.accepted, self.pulls[0], self.pulls[1:])
        elif phase is _PUSHES_WAITING or phase is _CLOSING:
            first, *others = self.pushes
            closed = phase is _CLOSING
            self.stream = PushesWaiting(self.accepted, self.queue, first, tuple(others), closed)
        else:
            self.stream = Idle(self.accepted, status_of(phase, self.error), self.queue)

    def tell(self, *effects: Effect) -> None:
        """These effects come next."""
        self.effects += effects

    def hand(self, pull: PullId, place: int, chunk: bytes) -> None:
        """That pull settles with the chunk, which nobody has seen yet."""
        self.effects += (Resolved(pull, Chunk(chunk)),)
        self.handed += (Handed(pull, self.number, place, chunk),)

    def pop_pull(self) -> PullId:
        """The oldest pull that waits, which waits no more."""
        oldest, self.pulls = self.pulls[0], self.pulls[1:]
        return oldest

    def pop_pulls(self) -> tuple[PullId, ...]:
        """All that wait, oldest first, which wait no more."""
        pulls, self.pulls = self.pulls, ()
        return pulls

    def turn_away(self, reason: PushReason) -> None:
        """All pushes that wait, oldest first, wait no more, and their chunks are not sent."""
        self.effects += tuple([TurnedAway(offered.push, reason) for offered in self.pushes])
        self.pushes = ()
