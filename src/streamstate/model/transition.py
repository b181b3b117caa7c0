"""The table: what every op means in every situation. Everything that decides is here.

Theory of operation
===================

A registry is a numbered table of streams. Host and guest each hold the number and call ops on it:
one side pushes chunks of bytes, the other pulls them. This module says, for each op in each
situation, which rule applies, what situation comes next and what happens to the data. It says so
in `TABLE`, one row for each rule and case, in which `lookup.delta` looks. Nothing outside may hold
a condition of its own: the pure `step`, the asyncio registry and the oracle all ask `delta`.

**Situations.** A stream has at any time either chunks that nobody pulled or pulls that nobody
answered, never both: a chunk that arrives while a pull waits goes straight to it, and a pull that
finds a chunk takes it. So a stream that has a waiting pull is open and its queue is empty, which
is one situation, WAITING. Otherwise four phases (open, closed, errored, closed and errored) meet
four levels (nothing queued, something, full, and UNBUFFERED: nothing queued and full all the same,
since a limit is zero), which is sixteen more. A stream that was never made, or is deleted, is
ABSENT. Where pushes wait for room, they do so only while the stream is full, which is two more
situations, PUSHES_WAITING and, with nothing queued, PUSHES_WAITING_UNBUFFERED, and two more where
they wait through its close, CLOSING and CLOSING_UNBUFFERED. Twenty-two in all
(`control.Control`):

    ABSENT         ── create ────────────► OPEN
    OPEN           ── pull ──────────────► WAITING, where nothing is queued
    WAITING        ── push, cancel_pull ─► OPEN, where no other pull waits
    OPEN           ── push ──────────────► PUSHES_WAITING, unless accept or refuse, if full
    PUSHES_WAITING ── pull, cancel_push ─► OPEN, where no other push waits
    OPEN, WAITING  ── close ─────────────► CLOSED
    PUSHES_WAITING ── close ─────────────► CLOSED, unless wait_through_close
    PUSHES_WAITING ── close ─────────────► CLOSING, where push_when_full is wait_through_close
    CLOSING        ── pull, cancel_push ─► CLOSED, where no other push waits
    OPEN, WAITING  ── error ─────────────► ERRORED
    PUSHES_WAITING ── error ─────────────► ERRORED
    ERRORED        ── close ─────────────► CLOSED_ERRORED
    CLOSED         ── error ─────────────► CLOSED_ERRORED, unless ignore, or while_queued if empty
    CLOSING        ── error ─────────────► CLOSED_ERRORED, unless ignore
    all but ABSENT ── delete ────────────► ABSENT, for good: ids are never used again

**What the control cannot know.** Whether a queue is full depends on bytes and limits, which are
data. So whoever holds the data tells `delta` three things in advance: `after`, the level that the
queue has once this op has put in or taken out its one chunk, and has accepted the pushes for which
there is room then; `others`, whether some pull or push waits besides those that this op would
settle or remove; and `nothing`, the level of a queue with nothing in it. With these `delta` is a
total function over a finite domain, small enough to print, to prove things about, and to tabulate
(`tabulate`).

**Actions.** A transition lists at most four primitive changes (`control.Action`), done in order.
`step` does them to immutable tuples, the asyncio registry to deques and futures; neither chooses.
Settlements come out in the order of the actions, and where one settles several, oldest first.

**The life of a chunk.** Pushed, it is *accepted* (and gets its place in the order of pushes) or
it is not, and push says so, or the push waits under a number of its own, until a pull makes room,
the stream ends, or its caller gives it up. Accepted, the chunk is *queued* or *handed* to a pull.
Handed is not yet seen: the awaiter may be cancelled before it looks. Then the chunk goes on to the
next waiting pull or back to its place (CANCEL_PULL_3 … 6). Only `Seen` ends this. A chunk leaves
without being seen only by a rule that says *drop*: ERROR_6, ERROR_9, ERROR_14, DELETE_2, DELETE_4,
CLEAR_*, CANCEL_PULL_7, CANCEL_PULL_8.

**The life of a pull.** It takes the next number and settles at once or waits. A waiting pull is
settled by the next push, close, error, delete or clear on its stream, or by a later pull in the
dialects that say so. One dialect value, `overwrite`, lets a later pull push it aside for ever.

**Dialects.** Where registries in the world differ, rows ask for a value of a policy field, here and
nowhere else, and each value has a rule of its own.

**Limits of zero.** A queue is then full with nothing in it. A chunk that is pushed goes to a pull
that waits, or is accepted, refused or waits as `push_when_full` says of a full queue; where it
waits, a pull takes it from the push itself (PULL_15). All this is the rows for UNBUFFERED. Only a
cancelled pull can put a chunk there, or `accept`.

**Writers that wait.** A stream is blocked where it is open, not errored and full (`BLOCKED`).
Whatever leaves that ends with UNBLOCK, which `delta` adds, so no row can forget it. A pull that
waits makes room for a chunk, so WAITING is never full or blocked: with a limit of zero it is the
only room that there is, and a pull that begins to wait unblocks.

**How to read a row.** The rule; the phases and the levels in which it applies; what has to hold
besides; where it leads: to a situation, to a phase at the level that it was, to the SAME situation,
to the same phase at the level AFTER the op, or to open or closed at that level; what is done; what
is returned. A row that leads to a situation leads to one with nothing queued, at the level
`nothing`. Each event in each situation, in each dialect, whether others wait or not, is in exactly
one row: `rows.checked` looks when the model is imported.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from streamstate.model.control import Action, Control, Event, Level, Phase
from streamstate.model.rows import (
    ALONE,
    ALWAYS,
    OTHERS,
    Keeping,
    Rows,
    When,
    error_when_closed,
    errored_backlog,
    overlapping_pull,
    push_when_full,
    repeated_error,
    row,
)
from streamstate.model.rules import Rule

# fmt: off
# Phases, alone or several of them; FAILED is errored, closed or not.
ABSENT, WAITING, OPEN, CLOSED, ERRORED, CLOSED_ERRORED, PUSHES_WAITING, CLOSING = (
    (phase,) for phase in Phase
)
FAILED: Final = ERRORED + CLOSED_ERRORED
IDLE: Final = OPEN + CLOSED + FAILED
CROWDED: Final = PUSHES_WAITING + CLOSING
KNOWN: Final = WAITING + IDLE + CROWDED
ANYWHERE: Final = ABSENT + KNOWN

# Levels, likewise.
EMPTY, SOME, FULL, UNBUFFERED = ((level,) for level in Level)
ROOM: Final = EMPTY + SOME
NO_ROOM: Final = FULL + UNBUFFERED
QUEUED: Final = SOME + FULL
NOTHING: Final = EMPTY + UNBUFFERED
ANY: Final = ROOM + NO_ROOM

SAME, AFTER, OPEN_AFTER, CLOSED_AFTER = Keeping

(
    APPEND, HAND_QUEUED, HAND_PUSHED, WAIT, FINISH, FAIL, REFUSE, SUPERSEDE_WAITING,
    ABANDON_WAITING, FINISH_WAITING, FAIL_WAITING, DELETE_WAITING, LEAVE, SET_ERROR, DROP_QUEUED,
    HAND_ON, GIVE_BACK, LET_GO, WAIT_PUSH, ADMIT, CLOSE_PUSHES, FAIL_PUSHES, DELETE_PUSHES,
    LEAVE_PUSH, UNBLOCK, HAND_OFFERED,
) = Action

TABLE: Final[Rows] = MappingProxyType({
    # rule, phases, levels, what has to hold, where it leads, what is done, what is returned
    Event.CREATE: (
        row(Rule.CREATE_1, ANYWHERE, ANY, ALWAYS, Control.OPEN_EMPTY),
    ),
    Event.GET: (
        row(Rule.GET_1, ABSENT, ANY, ALWAYS, SAME),
        row(Rule.GET_2, KNOWN,  ANY, ALWAYS, SAME),
    ),
    Event.PUSH: (
        row(Rule.PUSH_1, ABSENT,  ANY,  ALWAYS, SAME, returned=False),
        row(Rule.PUSH_2, CLOSED + CLOSING, ANY, ALWAYS, SAME, returned=False),
        row(Rule.PUSH_3, FAILED,  ANY,  ALWAYS, SAME, returned=False),
        row(Rule.PUSH_4, WAITING, ANY,  ALONE,  Control.OPEN_EMPTY, HAND_PUSHED, returned=True),
        row(Rule.PUSH_4, WAITING, ANY,  OTHERS, SAME, HAND_PUSHED, returned=True),
        row(Rule.PUSH_5, OPEN,    ROOM, ALWAYS, AFTER, APPEND, returned=True),
        row(Rule.PUSH_6, OPEN,    NO_ROOM, push_when_full("accept"), AFTER, APPEND, returned=True),
        row(Rule.PUSH_7, OPEN,    NO_ROOM, push_when_full("refuse"), SAME, returned=False),
        row(Rule.PUSH_9, OPEN,    NO_ROOM, push_when_full("wait", "wait_through_close"),
            Phase.PUSHES_WAITING, WAIT_PUSH),
        # Where push_when_full is another, no push waits for this one to wait behind.
        row(Rule.PUSH_9, PUSHES_WAITING, ANY, ALWAYS, SAME, WAIT_PUSH),
    ),
    Event.PULL: (
        row(Rule.PULL_1,  ABSENT,  ANY,    ALWAYS, SAME,  FINISH),
        row(Rule.PULL_2,  OPEN,    QUEUED, ALWAYS, AFTER, HAND_QUEUED),
        row(Rule.PULL_3,  OPEN,    NOTHING, ALWAYS, Control.WAITING, WAIT),
        row(Rule.PULL_4,  CLOSED,  QUEUED, ALWAYS, AFTER, HAND_QUEUED),
        row(Rule.PULL_5,  CLOSED,  NOTHING, ALWAYS, SAME,  FINISH),
        row(Rule.PULL_6,  FAILED,  NOTHING, ALWAYS, SAME,  FAIL),
        # Where the backlog is dropped, nothing is queued to get to PULL_7 with.
        row(Rule.PULL_7,  FAILED,  QUEUED, errored_backlog("hold", "drop"), SAME,  FAIL),
        row(Rule.PULL_8,  FAILED,  QUEUED, errored_backlog("drain"),        AFTER, HAND_QUEUED),
        row(Rule.PULL_9,  WAITING, ANY, overlapping_pull("overwrite"), SAME,
            ABANDON_WAITING, WAIT),
        row(Rule.PULL_10, WAITING, ANY, overlapping_pull("supersede"), SAME,
            SUPERSEDE_WAITING, WAIT),
        row(Rule.PULL_11, WAITING, ANY, overlapping_pull("refuse"),    SAME, REFUSE),
        row(Rule.PULL_12, WAITING, ANY, overlapping_pull("queue"),     SAME, WAIT),
        row(Rule.PULL_14, PUSHES_WAITING, FULL, ALONE,  OPEN_AFTER, HAND_QUEUED, ADMIT),
        row(Rule.PULL_14, CLOSING, FULL, ALONE,  CLOSED_AFTER, HAND_QUEUED, ADMIT),
        row(Rule.PULL_14, CROWDED, FULL, OTHERS, AFTER, HAND_QUEUED, ADMIT),
        row(Rule.PULL_15, PUSHES_WAITING, UNBUFFERED, ALONE,  Phase.OPEN, HAND_OFFERED),
        row(Rule.PULL_15, CLOSING, UNBUFFERED, ALONE,  Phase.CLOSED, HAND_OFFERED),
        row(Rule.PULL_15, CROWDED, UNBUFFERED, OTHERS, SAME, HAND_OFFERED),
    ),
    Event.CLOSE: (
        row(Rule.CLOSE_1, ABSENT,  ANY, ALWAYS, SAME),
        row(Rule.CLOSE_2, WAITING, ANY, ALWAYS, Control.CLOSED_EMPTY, FINISH_WAITING),
        row(Rule.CLOSE_3, OPEN,    ANY, ALWAYS, Phase.CLOSED),
        row(Rule.CLOSE_4, CLOSED + CLOSED_ERRORED + CLOSING, ANY, ALWAYS, SAME),
        row(Rule.CLOSE_5, ERRORED, ANY, ALWAYS, Phase.CLOSED_ERRORED),
        # Where push_when_full is accept or refuse, no push waits to get here with.
        row(Rule.CLOSE_6, PUSHES_WAITING, ANY, push_when_full("accept", "refuse", "wait"),
            Phase.CLOSED, CLOSE_PUSHES),
        row(Rule.CLOSE_7, PUSHES_WAITING, ANY, push_when_full("wait_through_close"), Phase.CLOSING),
    ),
    Event.ERROR: (
        row(Rule.ERROR_1,  ABSENT,  ANY,    ALWAYS, SAME),
        row(Rule.ERROR_2,  WAITING, ANY,    ALWAYS, Control.ERRORED_EMPTY, SET_ERROR, FAIL_WAITING),
        row(Rule.ERROR_3,  OPEN,    NOTHING, ALWAYS, Phase.ERRORED, SET_ERROR),
        row(Rule.ERROR_4,  OPEN,    QUEUED, errored_backlog("hold"),  Phase.ERRORED, SET_ERROR),
        row(Rule.ERROR_5,  OPEN,    QUEUED, errored_backlog("drain"), Phase.ERRORED, SET_ERROR),
        row(Rule.ERROR_6,  OPEN,    QUEUED, errored_backlog("drop"),
            Control.ERRORED_EMPTY, SET_ERROR, DROP_QUEUED),
        row(Rule.ERROR_7,  CLOSED + CLOSING, ANY, error_when_closed("ignore"), SAME),
        row(Rule.ERROR_8,  CLOSED,  NOTHING, error_when_closed("apply"),
            Phase.CLOSED_ERRORED, SET_ERROR),
        row(Rule.ERROR_8,  CLOSED,  QUEUED,
            When(error_when_closed=("apply", "while_queued"), errored_backlog=("hold", "drain")),
            Phase.CLOSED_ERRORED, SET_ERROR),
        row(Rule.ERROR_9,  CLOSED,  QUEUED,
            When(error_when_closed=("apply", "while_queued"), errored_backlog=("drop",)),
            Control.CLOSED_ERRORED_EMPTY, SET_ERROR, DROP_QUEUED),
        row(Rule.ERROR_10, FAILED,  ANY,    repeated_error("replace"), SAME, SET_ERROR),
        row(Rule.ERROR_11, FAILED,  ANY,    repeated_error("keep"),    SAME),
        row(Rule.ERROR_12, CLOSED,  NOTHING, error_when_closed("while_queued"), SAME),
        row(Rule.ERROR_13, PUSHES_WAITING, ANY, errored_backlog("hold", "drain"),
            Phase.ERRORED, SET_ERROR, FAIL_PUSHES),
        row(Rule.ERROR_14, PUSHES_WAITING, ANY, errored_backlog("drop"),
            Control.ERRORED_EMPTY, SET_ERROR, DROP_QUEUED, FAIL_PUSHES),
        row(Rule.ERROR_13, CLOSING, ANY,
            When(error_when_closed=("apply", "while_queued"), errored_backlog=("hold", "drain")),
            Phase.CLOSED_ERRORED, SET_ERROR, FAIL_PUSHES),
        row(Rule.ERROR_14, CLOSING, ANY,
            When(error_when_closed=("apply", "while_queued"), errored_backlog=("drop",)),
            Control.CLOSED_ERRORED_EMPTY, SET_ERROR, DROP_QUEUED, FAIL_PUSHES),
    ),
    Event.IS_QUEUE_FULL: (
        row(Rule.IS_QUEUE_FULL_1, ABSENT, ANY,  ALWAYS, SAME, returned=True),
        row(Rule.IS_QUEUE_FULL_2, KNOWN,  NO_ROOM, ALWAYS, SAME, returned=True),
        row(Rule.IS_QUEUE_FULL_3, KNOWN,  ROOM, ALWAYS, SAME, returned=False),
    ),
    Event.DELETE: (
        row(Rule.DELETE_1, ABSENT,  ANY, ALWAYS, SAME),
        row(Rule.DELETE_2, IDLE,    ANY, ALWAYS, Control.ABSENT, DROP_QUEUED),
        row(Rule.DELETE_3, WAITING, ANY, ALWAYS, Control.ABSENT, DELETE_WAITING),
        row(Rule.DELETE_4, CROWDED, ANY, ALWAYS, Control.ABSENT, DROP_QUEUED, DELETE_PUSHES),
    ),
    Event.CANCEL_WAITING: (
        row(Rule.CANCEL_PULL_1, WAITING, ANY, ALONE,  Control.OPEN_EMPTY, LEAVE),
        row(Rule.CANCEL_PULL_2, WAITING, ANY, OTHERS, SAME, LEAVE),
        row(Rule.CANCEL_PULL_9, ABSENT + IDLE + CROWDED, ANY, ALWAYS, SAME),
    ),
    Event.CANCEL_HANDED: (
        row(Rule.CANCEL_PULL_3, WAITING, ANY, ALONE,  Control.OPEN_EMPTY, HAND_ON),
        row(Rule.CANCEL_PULL_3, WAITING, ANY, OTHERS, SAME, HAND_ON),
        row(Rule.CANCEL_PULL_4, OPEN + CLOSED + CROWDED, ANY, ALWAYS, AFTER, GIVE_BACK),
        row(Rule.CANCEL_PULL_5, FAILED, ANY, errored_backlog("hold"),  AFTER, GIVE_BACK),
        row(Rule.CANCEL_PULL_6, FAILED, ANY, errored_backlog("drain"), AFTER, GIVE_BACK),
        row(Rule.CANCEL_PULL_7, FAILED, ANY, errored_backlog("drop"),  SAME, LET_GO),
        row(Rule.CANCEL_PULL_8, ABSENT, ANY, ALWAYS, SAME, LET_GO),
    ),
    Event.CANCEL_OTHER: (
        row(Rule.CANCEL_PULL_9, ANYWHERE, ANY, ALWAYS, SAME),
    ),
    Event.SEEN_HANDED: (
        row(Rule.SEEN_1, ANYWHERE, ANY, ALWAYS, SAME, LET_GO),
    ),
    Event.SEEN_OTHER: (
        row(Rule.SEEN_2, ANYWHERE, ANY, ALWAYS, SAME),
    ),
    Event.CANCEL_WAITING_PUSH: (
        row(Rule.CANCEL_PUSH_1, PUSHES_WAITING, ANY, ALONE,  Phase.OPEN, LEAVE_PUSH,
            returned=True),
        row(Rule.CANCEL_PUSH_1, CLOSING, ANY, ALONE, Phase.CLOSED, LEAVE_PUSH, returned=True),
        row(Rule.CANCEL_PUSH_1, CROWDED, ANY, OTHERS, SAME, LEAVE_PUSH, returned=True),
        row(Rule.CANCEL_PUSH_2, ABSENT + WAITING + IDLE, ANY, ALWAYS, SAME, returned=False),
    ),
    Event.CANCEL_OTHER_PUSH: (
        row(Rule.CANCEL_PUSH_2, ANYWHERE, ANY, ALWAYS, SAME, returned=False),
    ),
})
# fmt: on
"""Everything that decides, by event."""


def clear_rule(any_waiting: bool, any_push_waiting: bool = False) -> Rule:
    """The rule of a clear where a pull or push waits or not: else it is each stream's DELETE."""
    if any_push_waiting:
        return Rule.CLEAR_3
    return Rule.CLEAR_2 if any_waiting else Rule.CLEAR_1
