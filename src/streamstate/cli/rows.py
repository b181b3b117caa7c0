"""What `table` shows: the rules at a glance, then the rows of the table in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, assert_never

from streamstate.cli.events import EVENTS
from streamstate.model import (
    BLOCKED,
    Action,
    Control,
    Dialect,
    Event,
    Level,
    Phase,
    Rule,
    pushes_wait,
    reachable,
)
from streamstate.model.rows import Keeping, Row
from streamstate.model.transition import TABLE, clear_rule
from streamstate.oracle.reports.lines import Line, wrapped

CLEAR: Final = "It does to every stream, in the order of creation, what delete does there."
"""What holds of clear, which is about all streams and so has no rows."""

CLEARING: Final[Mapping[Rule, str]] = MappingProxyType(
    {
        clear_rule(any_waiting=False): "nothing waits on any stream",
        clear_rule(any_waiting=True): "a pull waits on some stream, and no push does",
        clear_rule(any_waiting=False, any_push_waiting=True): "a push waits on some stream",
    }
)
"""The rules of clear: where each applies."""

_ONLY_IN: Final = {
    Event.CREATE: (Phase.ABSENT,),
    Event.CANCEL_WAITING: (Phase.WAITING,),
    Event.CANCEL_WAITING_PUSH: (Phase.PUSHES_WAITING, Phase.CLOSING),
}


def situations_of(dialect: Dialect | None) -> tuple[Control, ...]:
    """All situations, or those of phases that a stream can come to in `dialect`."""
    return tuple(at for at in Control if at.phase in _phases_of(dialect))


def _phases_of(dialect: Dialect | None) -> Sequence[Phase]:
    if dialect is None:
        return tuple(Phase)
    reached = {at.phase for at in reachable(dialect)}
    return tuple(phase for phase in Phase if phase in reached)


def clearing(dialect: Dialect | None) -> Mapping[Rule, str]:
    """The rules of clear where each applies, all of them or those that hold in `dialect`."""
    pushes = dialect is None or pushes_wait(dialect)
    shown = {clear_rule(pull, push) for pull in (False, True) for push in {False, pushes}}
    return {rule: where for rule, where in CLEARING.items() if rule in shown}


def rows_of(event: Event, dialect: Dialect | None = None) -> tuple[Row, ...]:
    """The rows of an event, in all dialects or in `dialect`, each without phases in which the event
    cannot happen."""
    possible = [each for each in _phases_of(dialect) if each in _ONLY_IN.get(event, (each,))]
    rows = (
        one._replace(phases=tuple(phase for phase in one.phases if phase in possible))
        for one in TABLE[event]
        if dialect is None or any(one.when.holds(dialect, others) for others in one.when.others)
    )
    return tuple(one for one in rows if one.phases)


def where_in_words(row: Row, dialect: Dialect | None = None) -> str:
    """The situations that a row is about."""
    left_out = [phase.name for phase in _phases_of(dialect) if phase not in row.phases]
    if len(left_out) > 1:
        phases = _either(phase.name for phase in row.phases)
    else:
        phases = " but ".join(["anywhere", *left_out])
    every = {control.level for control in Control if control.phase in row.phases}
    some = [level.name for level in Level if level in row.levels and level in every]
    return phases if len(some) == len(every) else f"{phases}, at {_either(some)}"


def conditions_in_words(row: Row, dialect: Dialect | None = None) -> tuple[str, ...]:
    """The conditions of a row, one by one: policies unless `dialect` is given, and `others` unless
    it may have either value."""
    limited = dict(row.when.limited())
    others = limited.pop("others", None)
    policies = (
        ()
        if dialect is not None
        else tuple(f"{field} is {_either(map(str, values))}" for field, values in limited.items())
    )
    if others is None:
        return policies
    several, alone = next((said for done, said in _WAITS.items() if done in row.do), _OLDEST_WAIT)
    return (*policies, several if True in others else alone)


_OWN_WAIT: Final = ("others wait too", "it is the only one that waits")
_OLDEST_WAIT: Final = ("two or more pulls wait", "exactly one pull waits")
_WAITS: Final[Mapping[Action, tuple[str, str]]] = {
    Action.LEAVE: _OWN_WAIT,
    Action.LEAVE_PUSH: _OWN_WAIT,
    Action.ADMIT: ("pushes wait after it too", "no push waits after it"),
    Action.HAND_OFFERED: ("pushes wait after it too", "no push waits after it"),
}
"""Action → the words for `others` where it says what the op does, and where it does not."""


def next_in_words(row: Row) -> str:
    """The situation that a row leads to, in words."""
    match row.to:
        case Control():
            return row.to.name
        case Phase():
            return f"{row.to.name} at the level that it was"
        case Keeping.SAME:
            return "as it was"
        case Keeping.AFTER:
            return f"{_either(phase.name for phase in row.phases)} at the level after it"
        case Keeping.OPEN_AFTER:
            return f"{Phase.OPEN.name} at the level after it"
        case Keeping.CLOSED_AFTER:
            return f"{Phase.CLOSED.name} at the level after it"
        case _:
            assert_never(row.to)


def actions_in_words(row: Row) -> tuple[str, ...]:
    """What a row returns, if anything, then its actions in order, then the one that leaving a
    situation adds in which a stream is blocked."""
    returned = () if row.returned is None else (f"return {str(row.returned).lower()}",)
    done = (*returned, *(action_in_words(action, row.rule) for action in row.do))
    return (*done, _unblocking_of(row)) if _may_unblock(row) else done


def action_in_words(action: Action, rule: Rule) -> str:
    """An action in words. LET_GO means a dropped chunk in one rule and a kept one in another."""
    return _LET_GO[rule] if action is Action.LET_GO else action.value


_LET_GO: Final[Mapping[Rule, str]] = MappingProxyType(
    {
        Rule.CANCEL_PULL_7: "drop the pull's unseen chunk",
        Rule.CANCEL_PULL_8: "drop the pull's unseen chunk",
        Rule.SEEN_1: "let its awaiter keep the chunk",
    }
)


def unblocking(dialect: Dialect | None = None) -> Mapping[Event, tuple[Row, ...]]:
    """The rows that can lead out of where a stream is blocked, in the whole table or in
    `dialect`."""
    found = {event: tuple(filter(_may_unblock, rows_of(event, dialect))) for event in EVENTS}
    return {event: rows for event, rows in found.items() if rows}


def unblocking_in_words(
    dialect: Dialect | None = None, shown: Callable[[str], str] = lambda rule: rule
) -> str:
    """A sentence on what can do UNBLOCK; `shown` formats the id of a rule."""
    blocked = _either(at.name for at in situations_of(dialect) if at in BLOCKED)
    ops = []
    for event, rows in unblocking(dialect).items():
        rules = [shown(row.rule.name) for row in rows]
        if any(isinstance(row.to, Keeping) for row in rows):
            rules.append("once there is room")
        ops.append(f"{EVENTS[event][0]} ({', '.join(rules)})")
    return (
        f"UNBLOCK happens where the stream leaves {blocked} and nowhere else: by {', '.join(ops)},"
        " and clear, which deletes."
    )


def _may_unblock(row: Row) -> bool:
    """Whether the row can lead out of where a stream is blocked: a queue that gets one chunk more
    stays full, and so does one at which a push goes on waiting."""
    adds = Action.APPEND in row.do or Action.GIVE_BACK in row.do
    blocked = BLOCKED.intersection(row.situations())
    match row.to:
        case Control():
            stays = False
        case Phase():
            stays = row.to in _BLOCKED_PHASES
        case Keeping.AFTER:
            stays = all(at.phase is Phase.PUSHES_WAITING for at in blocked)
        case Keeping.OPEN_AFTER | Keeping.CLOSED_AFTER:
            stays = False
        case Keeping.SAME:
            stays = True
        case _:
            assert_never(row.to)
    return not (not blocked or stays or adds)


_BLOCKED_PHASES: Final = frozenset(at.phase for at in BLOCKED)


def _unblocking_of(row: Row) -> str:
    if row.to is Keeping.OPEN_AFTER:
        full = _either(at.name for at in Control if at in BLOCKED and at.phase is Phase.OPEN)
        return f"UNBLOCK where that is not {full}"
    if BLOCKED.issuperset(row.situations()):
        return "UNBLOCK"
    return f"UNBLOCK where it leaves {_either(a.name for a in row.situations() if a in BLOCKED)}"


def numbers_at(event: Event, at: Control, dialect: Dialect | None = None) -> tuple[str, ...]:
    """The numbers of the rules that an event can take in a situation, each once; none if it cannot
    happen there."""
    rows = (one for one in rows_of(event, dialect) if at in one.situations())
    return tuple(dict.fromkeys(one.rule.name.rpartition("_")[2] for one in rows))


def table_lines(dialect: Dialect | None) -> Iterator[Line]:
    """The whole table, or the part of it that holds in `dialect`."""
    yield Line(_TITLE if dialect is None else f"What every op means in {dialect}", "rule")
    yield from wrapped(f"{_LEGEND} {unblocking_in_words(dialect)}")
    yield Line("")
    yield from _glance(dialect)
    for event, (name, note) in EVENTS.items():
        yield Line("")
        yield Line(name, "rule")
        yield from wrapped(note, "  ", style="dim")
        for row in rows_of(event, dialect):
            yield from row_lines(row, dialect)
    yield Line("")
    yield Line("clear", "rule")
    yield from wrapped(CLEAR, "  ", style="dim")
    for rule, where in clearing(dialect).items():
        yield Line(f"  {rule.name:<15} where {where}")


_TITLE: Final = "What every op means, in every situation and every dialect"

_LEGEND: Final = (
    "A stream is ABSENT, WAITING (open, and a pull waits), or one of OPEN (and no pull waits),"
    " CLOSED, ERRORED and CLOSED_ERRORED at a level: EMPTY (nothing queued), SOME, FULL (a limit is"
    " reached), or UNBUFFERED (nothing queued, but a limit is zero). First the numbers of the"
    " rules, none where it cannot happen, then each rule: where it applies, where it leads, what is"
    " returned and then done."
    f" UNBLOCK is: {Action.UNBLOCK.value}."
)

_GLANCED: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.PUSH: "PUSH",
        Event.PULL: "PULL",
        Event.CLOSE: "CLOSE",
        Event.ERROR: "ERROR",
        Event.IS_QUEUE_FULL: "IS_QUEUE_FULL",
        Event.DELETE: "DELETE",
        Event.CANCEL_WAITING: "CANCEL_PULL",
        Event.CANCEL_HANDED: "of handed",
    }
)
"""Events whose rule depends on the situation → the head of their column."""


def _glance(dialect: Dialect | None) -> Iterator[Line]:
    lines = [["", *_GLANCED.values()]]
    for at in situations_of(dialect):
        numbers = (" ".join(numbers_at(event, at, dialect)) for event in _GLANCED)
        lines.append([at.name, *numbers])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield Line("  ".join(cells).rstrip(), "" if number else "dim")


def row_lines(row: Row, dialect: Dialect | None = None) -> Iterator[Line]:
    """The lines of a row: its rule, where it applies, where it leads, and what it does."""
    conditions = " and ".join(conditions_in_words(row, dialect))
    indent = " " * 18
    first = f"  {row.rule.name:<15} "
    where = f", where {conditions}" if conditions else ""
    yield from wrapped(where_in_words(row, dialect) + where, indent, first)
    done = "; ".join(actions_in_words(row)) or "nothing"
    yield from wrapped(f"{next_in_words(row)}: {done}", f"{indent}  ", f"{indent}→ ")


def _either(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
