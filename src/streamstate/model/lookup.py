"""How the table is looked up: for an event in a situation, the one row that holds, resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never

from streamstate.model.control import BLOCKED, Action, Control, Event, Level, Phase, control_at
from streamstate.model.dialect import Dialect
from streamstate.model.rows import Keeping, Next, checked
from streamstate.model.rules import Rule
from streamstate.model.transition import TABLE

_CELLS: Final = checked(TABLE)


@dataclass(frozen=True, slots=True)
class Transition:
    """One entry of the table: the rule, the situation after it, the changes, in order, and what a
    push that does not wait, is_queue_full or cancel_push returns (None for other ops: what create
    and get return is data)."""

    rule: Rule
    control: Control
    actions: tuple[Action, ...] = ()
    returned: bool | None = None


def delta(
    dialect: Dialect,
    control: Control,
    event: Event,
    after: Level,
    others: bool,
    nothing: Level = Level.EMPTY,
) -> Transition:
    """The transition that `event` takes in the situation `control`. Pure, total, finite.

    `after` is the level of the queue once this op has put in or taken out its one chunk, and has
    accepted the waiting pushes for which there is room then; read for PUSH, PULL and
    CANCEL_HANDED. `others` says whether a pull or push waits besides those that this op would
    settle or remove; read in WAITING and where pushes wait only. `nothing` is the level of a queue
    with nothing in it: UNBUFFERED if a limit is zero, else EMPTY. Where the event cannot happen in
    the situation (a create of a stream that exists, the cancel of a waiting pull where none waits)
    the answer is that of a pull or stream that has nothing to do with it. O(1).
    """
    (found,) = (one for one in _CELLS[event][control] if one.when.holds(dialect, others))
    to = _resolved(found.to, control, after, nothing)
    leaves = control in BLOCKED and to not in BLOCKED
    actions = (*found.do, Action.UNBLOCK) if leaves else found.do
    return Transition(found.rule, to, actions, found.returned)


def _resolved(to: Next, control: Control, after: Level, nothing: Level) -> Control:
    match to:
        case Control():
            return control_at(to.phase, nothing)
        case Phase():
            return control_at(to, control.level)
        case Keeping.SAME:
            return control
        case Keeping.AFTER:
            return control_at(control.phase, after)
        case Keeping.OPEN_AFTER:
            return control_at(Phase.OPEN, after)
        case Keeping.CLOSED_AFTER:
            return control_at(Phase.CLOSED, after)
        case _:
            assert_never(to)
