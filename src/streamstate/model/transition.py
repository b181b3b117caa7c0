"""The table: what every op means in every situation. Everything that decides is here.

Theory of operation
===================

A registry is a numbered table of streams. Host and guest each hold the number and call ops on it:
one side pushes chunks of bytes, the other pulls them. This module says, for each op in each
situation, which rule applies, what situation comes next and what happens to the data. It holds no
data itself, and nothing outside it may hold a condition of its own: the pure `step`, the asyncio
registry and the oracle all ask `delta`.

**Situations.** A stream has at any time either chunks that nobody pulled or pulls that nobody
answered, never both: a chunk that arrives while a pull waits goes straight to it, and a pull that
finds a chunk takes it. So a stream that has a waiting pull is open and its queue is empty, which
is one situation, WAITING. Otherwise four phases (open, closed, errored, closed and errored) meet
three levels (nothing queued, something, full), which is twelve more. A stream that was never made,
or is deleted, is ABSENT. Fourteen in all (`control.Control`):

                    push                      close
        OPEN ────────────────► OPEN    OPEN ────────► CLOSED
          │  ▲                            │              │
     pull │  │ push                error  │       error  │  (unless ignored)
          ▼  │                            ▼              ▼
        WAITING                        ERRORED ────► CLOSED_ERRORED
                                            close
        delete: from anywhere to ABSENT, for good; ids are never used again

**What the control cannot know.** Whether a queue is full depends on bytes and limits, which are
data. So whoever holds the data tells `delta` two things in advance: `after`, the level that the
queue has once this op has put in or taken out its one chunk, and `others`, whether some pull waits
besides the one that this op would settle or remove. With these `delta` is a total function over a
finite domain, small enough to print, to prove things about, and to tabulate (`tabulate`).

**Actions.** A transition lists at most three primitive changes (`control.Action`), done in order.
`step` does them to immutable tuples, the asyncio registry to deques and futures; neither chooses.
Settlements come out in the order of the actions, and where one settles several pulls, oldest
first.

**The life of a chunk.** Pushed, it is *accepted* (and gets its place in the order of pushes) or
it is not, and push says so. Accepted, it is *queued* or *handed* to a pull. Handed is not yet
seen: the awaiter may be cancelled before it looks. Then the chunk goes on to the next waiting pull
or back to its place (CANCEL_PULL_3 … 6). Only `Seen` ends this. A chunk leaves without being seen
only by a rule that says *drop*: ERROR_6, ERROR_9, DELETE_2, CLEAR_*, CANCEL_PULL_7, CANCEL_PULL_8.

**The life of a pull.** It takes the next number and settles at once or waits. A waiting pull is
settled by the next push, close, error, delete or clear on its stream, or by a later pull in the
dialects that say so. One dialect value, `overwrite`, lets a later pull push it aside for ever.

**Dialects.** Where registries in the world differ, a policy field of the dialect is matched, here
and nowhere else, and each of its values has a rule of its own.

**Writers that wait.** A stream is blocked in exactly one situation, OPEN_FULL. Whatever leaves it
ends with UNBLOCK, which `_leaving` adds, so no row can forget it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from streamstate.model.control import Action, Control, Event, Level, Phase, control_at
from streamstate.model.dialect import Dialect
from streamstate.model.rules import Rule


@dataclass(frozen=True, slots=True)
class Transition:
    """One entry of the table: the rule, the situation after it, the changes, in order, and what a
    push or is_queue_full returns (None for other ops: what create and get return is data)."""

    rule: Rule
    control: Control
    actions: tuple[Action, ...] = ()
    returned: bool | None = None


def delta(
    dialect: Dialect, control: Control, event: Event, after: Level, others: bool
) -> Transition:
    """The transition that `event` takes in the situation `control`. Pure, total, finite.

    `after` is the level of the queue once this op has put in or taken out its one chunk; read for
    PUSH, PULL and CANCEL_HANDED. `others` says whether a pull waits besides the one that this op
    would settle or remove; read in WAITING only. Where the event cannot happen in the situation
    (a create of a stream that exists, the cancel of a waiting pull where none waits) the answer is
    that of a pull or stream that has nothing to do with it. O(1).
    """
    return _leaving(control, _choose(dialect, control, event, after, others))


def _leaving(control: Control, chosen: Transition) -> Transition:
    if control is Control.OPEN_FULL and chosen.control is not Control.OPEN_FULL:
        actions = (*chosen.actions, Action.UNBLOCK)
        return Transition(chosen.rule, chosen.control, actions, chosen.returned)
    return chosen


def _choose(
    dialect: Dialect, control: Control, event: Event, after: Level, others: bool
) -> Transition:
    match event:
        case Event.CREATE:
            return Transition(Rule.CREATE_1, Control.OPEN_EMPTY)
        case Event.GET:
            known = control is not Control.ABSENT
            return Transition(Rule.GET_2 if known else Rule.GET_1, control)
        case Event.PUSH:
            return _push(dialect, control, after, others)
        case Event.PULL:
            return _pull(dialect, control, after)
        case Event.CLOSE:
            return _close(control)
        case Event.ERROR:
            return _error(dialect, control)
        case Event.IS_QUEUE_FULL:
            return _is_queue_full(control)
        case Event.DELETE:
            return _delete(control)
        case Event.CANCEL_WAITING:
            return _cancel_waiting(control, others)
        case Event.CANCEL_HANDED:
            return _cancel_handed(dialect, control, after, others)
        case Event.CANCEL_OTHER:
            return Transition(Rule.CANCEL_PULL_9, control)
        case Event.SEEN_HANDED:
            return Transition(Rule.SEEN_1, control, (Action.LET_GO,))
        case Event.SEEN_OTHER:
            return Transition(Rule.SEEN_2, control)
        case _:
            assert_never(event)


def _push(dialect: Dialect, control: Control, after: Level, others: bool) -> Transition:
    match control.phase:
        case Phase.ABSENT:
            return Transition(Rule.PUSH_1, control, (), False)
        case Phase.CLOSED:
            return Transition(Rule.PUSH_2, control, (), False)
        case Phase.ERRORED | Phase.CLOSED_ERRORED:
            return Transition(Rule.PUSH_3, control, (), False)
        case Phase.WAITING:
            return Transition(Rule.PUSH_4, _one_fewer(others), (Action.HAND_PUSHED,), True)
        case Phase.OPEN:
            appended = control_at(Phase.OPEN, after)
            if control is not Control.OPEN_FULL:
                return Transition(Rule.PUSH_5, appended, (Action.APPEND,), True)
            match dialect.push_when_full:
                case "accept":
                    return Transition(Rule.PUSH_6, appended, (Action.APPEND,), True)
                case "refuse":
                    return Transition(Rule.PUSH_7, control, (), False)


def _pull(dialect: Dialect, control: Control, after: Level) -> Transition:
    taken = control_at(control.phase, after)
    something = control.level is not Level.EMPTY
    match control.phase:
        case Phase.ABSENT:
            return Transition(Rule.PULL_1, control, (Action.FINISH,))
        case Phase.OPEN:
            if something:
                return Transition(Rule.PULL_2, taken, (Action.HAND_QUEUED,))
            return Transition(Rule.PULL_3, Control.WAITING, (Action.WAIT,))
        case Phase.CLOSED:
            if something:
                return Transition(Rule.PULL_4, taken, (Action.HAND_QUEUED,))
            return Transition(Rule.PULL_5, control, (Action.FINISH,))
        case Phase.ERRORED | Phase.CLOSED_ERRORED:
            if not something:
                return Transition(Rule.PULL_6, control, (Action.FAIL,))
            match dialect.errored_backlog:
                case "hold" | "drop":  # where it is dropped, nothing is queued to get here with
                    return Transition(Rule.PULL_7, control, (Action.FAIL,))
                case "drain":
                    return Transition(Rule.PULL_8, taken, (Action.HAND_QUEUED,))
        case Phase.WAITING:
            return _overlapping_pull(dialect)


def _overlapping_pull(dialect: Dialect) -> Transition:
    match dialect.overlapping_pull:
        case "overwrite":
            return Transition(Rule.PULL_9, Control.WAITING, (Action.ABANDON_WAITING, Action.WAIT))
        case "supersede":
            actions = (Action.SUPERSEDE_WAITING, Action.WAIT)
            return Transition(Rule.PULL_10, Control.WAITING, actions)
        case "refuse":
            return Transition(Rule.PULL_11, Control.WAITING, (Action.REFUSE,))
        case "queue":
            return Transition(Rule.PULL_12, Control.WAITING, (Action.WAIT,))


def _close(control: Control) -> Transition:
    match control.phase:
        case Phase.ABSENT:
            return Transition(Rule.CLOSE_1, control)
        case Phase.WAITING:
            return Transition(Rule.CLOSE_2, Control.CLOSED_EMPTY, (Action.FINISH_WAITING,))
        case Phase.OPEN:
            return Transition(Rule.CLOSE_3, control_at(Phase.CLOSED, control.level))
        case Phase.CLOSED | Phase.CLOSED_ERRORED:
            return Transition(Rule.CLOSE_4, control)
        case Phase.ERRORED:
            return Transition(Rule.CLOSE_5, control_at(Phase.CLOSED_ERRORED, control.level))


_FAILING: Final = (Action.SET_ERROR,)
_FAILING_AND_DROPPING: Final = (Action.SET_ERROR, Action.DROP_QUEUED)


def _error(dialect: Dialect, control: Control) -> Transition:
    something = control.level is not Level.EMPTY
    match control.phase:
        case Phase.ABSENT:
            return Transition(Rule.ERROR_1, control)
        case Phase.WAITING:
            actions = (Action.SET_ERROR, Action.FAIL_WAITING)
            return Transition(Rule.ERROR_2, Control.ERRORED_EMPTY, actions)
        case Phase.OPEN:
            if not something:
                return Transition(Rule.ERROR_3, Control.ERRORED_EMPTY, _FAILING)
            kept = control_at(Phase.ERRORED, control.level)
            match dialect.errored_backlog:
                case "hold":
                    return Transition(Rule.ERROR_4, kept, _FAILING)
                case "drain":
                    return Transition(Rule.ERROR_5, kept, _FAILING)
                case "drop":
                    return Transition(Rule.ERROR_6, Control.ERRORED_EMPTY, _FAILING_AND_DROPPING)
        case Phase.CLOSED:
            return _error_when_closed(dialect, control, something)
        case Phase.ERRORED | Phase.CLOSED_ERRORED:
            match dialect.repeated_error:
                case "replace":
                    return Transition(Rule.ERROR_10, control, _FAILING)
                case "keep":
                    return Transition(Rule.ERROR_11, control)


def _error_when_closed(dialect: Dialect, control: Control, something: bool) -> Transition:
    match dialect.error_when_closed:
        case "ignore":
            return Transition(Rule.ERROR_7, control)
        case "while_queued" if not something:
            return Transition(Rule.ERROR_12, control)
        case "apply" | "while_queued":
            if something and dialect.errored_backlog == "drop":
                emptied = Control.CLOSED_ERRORED_EMPTY
                return Transition(Rule.ERROR_9, emptied, _FAILING_AND_DROPPING)
            kept = control_at(Phase.CLOSED_ERRORED, control.level)
            return Transition(Rule.ERROR_8, kept, _FAILING)


def _is_queue_full(control: Control) -> Transition:
    if control is Control.ABSENT:
        return Transition(Rule.IS_QUEUE_FULL_1, control, (), True)
    if control.level is Level.FULL:
        return Transition(Rule.IS_QUEUE_FULL_2, control, (), True)
    return Transition(Rule.IS_QUEUE_FULL_3, control, (), False)


def _delete(control: Control) -> Transition:
    match control.phase:
        case Phase.ABSENT:
            return Transition(Rule.DELETE_1, control)
        case Phase.WAITING:
            return Transition(Rule.DELETE_3, Control.ABSENT, (Action.DELETE_WAITING,))
        case Phase.OPEN | Phase.CLOSED | Phase.ERRORED | Phase.CLOSED_ERRORED:
            return Transition(Rule.DELETE_2, Control.ABSENT, (Action.DROP_QUEUED,))


def _cancel_waiting(control: Control, others: bool) -> Transition:
    if control is not Control.WAITING:
        return Transition(Rule.CANCEL_PULL_9, control)
    rule = Rule.CANCEL_PULL_2 if others else Rule.CANCEL_PULL_1
    return Transition(rule, _one_fewer(others), (Action.LEAVE,))


def _cancel_handed(dialect: Dialect, control: Control, after: Level, others: bool) -> Transition:
    returned = control_at(control.phase, after)
    match control.phase:
        case Phase.ABSENT:
            return Transition(Rule.CANCEL_PULL_8, control, (Action.LET_GO,))
        case Phase.WAITING:
            return Transition(Rule.CANCEL_PULL_3, _one_fewer(others), (Action.HAND_ON,))
        case Phase.OPEN | Phase.CLOSED:
            return Transition(Rule.CANCEL_PULL_4, returned, (Action.GIVE_BACK,))
        case Phase.ERRORED | Phase.CLOSED_ERRORED:
            match dialect.errored_backlog:
                case "hold":
                    return Transition(Rule.CANCEL_PULL_5, returned, (Action.GIVE_BACK,))
                case "drain":
                    return Transition(Rule.CANCEL_PULL_6, returned, (Action.GIVE_BACK,))
                case "drop":
                    return Transition(Rule.CANCEL_PULL_7, control, (Action.LET_GO,))


def _one_fewer(others: bool) -> Control:
    return Control.WAITING if others else Control.OPEN_EMPTY


def clear_rule(any_waiting: bool) -> Rule:
    """The rule of a clear, which is otherwise the DELETE transition of each stream in turn."""
    return Rule.CLEAR_2 if any_waiting else Rule.CLEAR_1
