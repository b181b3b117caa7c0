"""Finite control: the twenty-two situations a stream can be in, and what can be done about one.

What a stream does next depends on its situation and on the op, never on what is in its chunks.
This module is the vocabulary; `transition` is the table over it.
"""

from __future__ import annotations

from enum import Enum, IntEnum, auto, unique
from typing import Final

from streamstate.model.level import measured
from streamstate.model.values import Limits


@unique
class Level(IntEnum):
    """How much is queued, against the limits. From FULL on there is no room: UNBUFFERED is nothing
    queued and full all the same, because a limit is zero."""

    EMPTY = 0
    SOME = 1
    FULL = 2
    UNBUFFERED = 3

    @property
    def full(self) -> bool:
        """Whether there is no room."""
        return self >= Level.FULL


_LEVELS: Final = tuple(Level)


def level_of(limits: Limits, chunks: int, size: int) -> Level:
    """The level of a queue of `chunks` chunks and `size` bytes. O(1)."""
    return _LEVELS[measured(limits.high_water_mark, limits.max_queue_chunks, chunks, size)]


def level_of_nothing(limits: Limits) -> Level:
    """The level of a queue with nothing in it: UNBUFFERED if a limit is zero, else EMPTY. O(1)."""
    return level_of(limits, 0, 0)


@unique
class Phase(IntEnum):
    """What was said about a stream. WAITING is open with a pull waiting, so nothing is queued;
    PUSHES_WAITING is open with a push waiting, so the queue is full, and CLOSING is that closed."""

    ABSENT = 0
    WAITING = 1
    OPEN = 2
    CLOSED = 3
    ERRORED = 4
    CLOSED_ERRORED = 5
    PUSHES_WAITING = 6
    CLOSING = 7

    @property
    def closed(self) -> bool:
        """The closed flag, as a view shows it."""
        return self in (Phase.CLOSED, Phase.CLOSED_ERRORED, Phase.CLOSING)

    @property
    def errored(self) -> bool:
        """The errored flag, as a view shows it."""
        return self is Phase.ERRORED or self is Phase.CLOSED_ERRORED


@unique
class Control(IntEnum):
    """A situation: a phase, and for those in which something can be queued, a level.

    An `IntEnum`, numbered 0 … 21, so that a table can be indexed by it.
    """

    phase: Phase
    level: Level

    def __new__(cls, number: int, phase: Phase, level: Level) -> Control:
        member = int.__new__(cls, number)
        member._value_ = number
        member.phase = phase
        member.level = level
        return member

    ABSENT = 0, Phase.ABSENT, Level.EMPTY
    WAITING = 1, Phase.WAITING, Level.EMPTY
    OPEN_EMPTY = 2, Phase.OPEN, Level.EMPTY
    OPEN_SOME = 3, Phase.OPEN, Level.SOME
    OPEN_FULL = 4, Phase.OPEN, Level.FULL
    CLOSED_EMPTY = 5, Phase.CLOSED, Level.EMPTY
    CLOSED_SOME = 6, Phase.CLOSED, Level.SOME
    CLOSED_FULL = 7, Phase.CLOSED, Level.FULL
    ERRORED_EMPTY = 8, Phase.ERRORED, Level.EMPTY
    ERRORED_SOME = 9, Phase.ERRORED, Level.SOME
    ERRORED_FULL = 10, Phase.ERRORED, Level.FULL
    CLOSED_ERRORED_EMPTY = 11, Phase.CLOSED_ERRORED, Level.EMPTY
    CLOSED_ERRORED_SOME = 12, Phase.CLOSED_ERRORED, Level.SOME
    CLOSED_ERRORED_FULL = 13, Phase.CLOSED_ERRORED, Level.FULL
    PUSHES_WAITING = 14, Phase.PUSHES_WAITING, Level.FULL
    OPEN_UNBUFFERED = 15, Phase.OPEN, Level.UNBUFFERED
    CLOSED_UNBUFFERED = 16, Phase.CLOSED, Level.UNBUFFERED
    ERRORED_UNBUFFERED = 17, Phase.ERRORED, Level.UNBUFFERED
    CLOSED_ERRORED_UNBUFFERED = 18, Phase.CLOSED_ERRORED, Level.UNBUFFERED
    PUSHES_WAITING_UNBUFFERED = 19, Phase.PUSHES_WAITING, Level.UNBUFFERED
    CLOSING = 20, Phase.CLOSING, Level.FULL
    CLOSING_UNBUFFERED = 21, Phase.CLOSING, Level.UNBUFFERED


_AT: Final = (
    (Control.ABSENT,) * 4,
    (Control.WAITING,) * 4,
    (Control.OPEN_EMPTY, Control.OPEN_SOME, Control.OPEN_FULL, Control.OPEN_UNBUFFERED),
    (Control.CLOSED_EMPTY, Control.CLOSED_SOME, Control.CLOSED_FULL, Control.CLOSED_UNBUFFERED),
    (
        Control.ERRORED_EMPTY,
        Control.ERRORED_SOME,
        Control.ERRORED_FULL,
        Control.ERRORED_UNBUFFERED,
    ),
    (
        Control.CLOSED_ERRORED_EMPTY,
        Control.CLOSED_ERRORED_SOME,
        Control.CLOSED_ERRORED_FULL,
        Control.CLOSED_ERRORED_UNBUFFERED,
    ),
    (*(Control.PUSHES_WAITING,) * 3, Control.PUSHES_WAITING_UNBUFFERED),
    (*(Control.CLOSING,) * 3, Control.CLOSING_UNBUFFERED),
)


def control_at(phase: Phase, level: Level) -> Control:
    """The situation of that phase and level. In ABSENT and WAITING nothing is ever queued, and
    where pushes wait the queue is always full."""
    return _AT[phase][level]


@unique
class Event(IntEnum):
    """What can happen to one stream: the ops, those that cancel or see split by what
    their pull or push is at."""

    CREATE = 0
    GET = 1
    PUSH = 2
    PULL = 3
    CLOSE = 4
    ERROR = 5
    IS_QUEUE_FULL = 6
    DELETE = 7
    CANCEL_WAITING = 8
    CANCEL_HANDED = 9
    CANCEL_OTHER = 10
    SEEN_HANDED = 11
    SEEN_OTHER = 12
    CANCEL_WAITING_PUSH = 13
    CANCEL_OTHER_PUSH = 14


@unique
class Action(Enum):
    """A primitive change of a stream's data. "The pull" and "the push" are those of this op."""

    APPEND = "put the pushed chunk at the end of the queue"
    HAND_QUEUED = "hand the oldest queued chunk to the pull"
    HAND_PUSHED = "hand the pushed chunk to the oldest waiting pull"
    WAIT = "let the pull wait, behind any that do"
    FINISH = "settle the pull as done"
    FAIL = "reject the pull with the stream's error value"
    REFUSE = "reject the pull as refused"
    SUPERSEDE_WAITING = "reject the waiting pull as superseded"
    ABANDON_WAITING = "never settle the waiting pull"
    FINISH_WAITING = "settle every waiting pull as done, oldest first"
    FAIL_WAITING = "reject every waiting pull with the stream's error value, oldest first"
    DELETE_WAITING = "reject every waiting pull as deleted, oldest first"
    LEAVE = "end the wait of the pull"
    SET_ERROR = "store the given error value"
    DROP_QUEUED = "drop every queued chunk"
    HAND_ON = "hand the pull's unseen chunk on to the oldest waiting pull"
    GIVE_BACK = "put the pull's unseen chunk back at its place in the order of pushes"
    LET_GO = "release the pull's hold on its chunk"
    WAIT_PUSH = "let the push wait, behind any that do"
    ADMIT = "accept waiting pushes, oldest first, as long as the queue is not full"
    CLOSE_PUSHES = "turn away every waiting push as closed, oldest first"
    FAIL_PUSHES = "turn away every waiting push with the stream's error value, oldest first"
    DELETE_PUSHES = "turn away every waiting push as deleted, oldest first"
    LEAVE_PUSH = "end the wait of the push"
    UNBLOCK = "tell waiting writers that the stream is no longer blocked"
    HAND_OFFERED = "accept the oldest waiting push and hand its chunk to the pull"


# Members are singletons, and the inherited hash of the name is slow.
Action.__hash__ = object.__hash__  # type: ignore[method-assign]  # of a class that is made


BLOCKED: Final = frozenset(
    {
        Control.OPEN_FULL,
        Control.OPEN_UNBUFFERED,
        Control.PUSHES_WAITING,
        Control.PUSHES_WAITING_UNBUFFERED,
    }
)
"""The situations in which a stream is blocked: open, not errored and full. A pull that waits makes
room for a chunk, so WAITING is not among them, whatever the limits are."""


@unique
class Writability(Enum):
    """What a writer that asks for room is to be told."""

    NEVER = auto()
    NOW = auto()
    LATER = auto()


def writability(control: Control) -> Writability:
    """LATER exactly where the stream is blocked."""
    match control.phase:
        case Phase.WAITING | Phase.OPEN | Phase.PUSHES_WAITING:
            return Writability.LATER if control in BLOCKED else Writability.NOW
        case Phase.ABSENT | Phase.CLOSED | Phase.ERRORED | Phase.CLOSED_ERRORED | Phase.CLOSING:
            return Writability.NEVER
