"""The table's actions, done to a ledger, and the table with them in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from streamstate.model import Action, Control, Dialect, PullId, Rule, Transition, tabulate
from streamstate.oracle.recordings.ledger import Kept, Ledger, Live
from streamstate.wire import PULL_REFUSED, PULL_SUPERSEDED, STREAM_DELETED


class Subject(NamedTuple):
    """What an event is about: the pull called, cancelled or seen; the chunk that is pushed, or
    that the pull was handed; the message of an error."""

    pull: PullId = 0
    kept: Kept = (0, b"")
    message: str = ""


Doing: TypeAlias = Callable[[Ledger, Live, Subject], None]


def _hand_pushed(ledger: Ledger, live: Live, subject: Subject) -> None:
    live.accepted += 1
    ledger.hand(live, ledger.pop_waiting(live), subject.kept)


def _set_error(_ledger: Ledger, live: Live, subject: Subject) -> None:
    live.message = subject.message


def _abandon_waiting(ledger: Ledger, live: Live, _subject: Subject) -> None:
    """It never settles, which nobody is told."""
    ledger.pop_waiting(live)


def _nothing(_ledger: Ledger, _live: Live, _subject: Subject) -> None:
    """Handed chunks are let go by whoever asks; writers that may go on show nowhere."""


_DO: Final[Mapping[Action, Doing]] = MappingProxyType(
    {
        Action.APPEND: lambda _, live, subject: live.append(subject.kept),
        Action.HAND_QUEUED: lambda ledger, live, subject: ledger.hand(
            live, subject.pull, live.pop_oldest()
        ),
        Action.HAND_PUSHED: _hand_pushed,
        Action.HAND_ON: lambda ledger, live, subject: ledger.hand(
            live, ledger.pop_waiting(live), subject.kept
        ),
        Action.GIVE_BACK: lambda _, live, subject: live.give_back(subject.kept),
        Action.LET_GO: _nothing,
        Action.DROP_QUEUED: lambda _ledger, live, _: live.drop_queued(),
        Action.SET_ERROR: _set_error,
        Action.UNBLOCK: _nothing,
        Action.WAIT: lambda ledger, live, subject: ledger.wait(live, subject.pull),
        Action.LEAVE: lambda ledger, live, subject: ledger.leave(live, subject.pull),
        Action.FINISH: lambda ledger, _, subject: ledger.settle(subject.pull, "done"),
        Action.FAIL: lambda ledger, live, subject: ledger.settle(
            subject.pull, "error", live.message
        ),
        Action.REFUSE: lambda ledger, _, subject: ledger.settle(
            subject.pull, "error", PULL_REFUSED
        ),
        Action.SUPERSEDE_WAITING: lambda ledger, live, _: ledger.settle(
            ledger.pop_waiting(live), "error", PULL_SUPERSEDED
        ),
        Action.ABANDON_WAITING: _abandon_waiting,
        Action.FINISH_WAITING: lambda ledger, live, _: ledger.settle_waiting(live, "done"),
        Action.FAIL_WAITING: lambda ledger, live, _: ledger.settle_waiting(
            live, "error", live.message
        ),
        Action.DELETE_WAITING: lambda ledger, live, _: ledger.settle_waiting(
            live, "error", STREAM_DELETED
        ),
    }
)


class Entry(NamedTuple):
    """A `Transition` with its actions as code."""

    rule: Rule
    returned: bool | None
    control: Control
    doings: tuple[Doing, ...]


Table: TypeAlias = tuple[tuple[tuple[tuple[Entry, ...], ...], ...], ...]
"""Entries by event, control, after and others, as `tabulate` has them."""


@lru_cache(maxsize=256)
def compiled(dialect: Dialect) -> Table:
    """The table of `dialect`. Built once, in some milliseconds."""
    return tuple(
        tuple(
            tuple(tuple(_entry(transition) for transition in pair) for pair in levels)
            for levels in row
        )
        for row in tabulate(dialect)
    )


def _entry(transition: Transition) -> Entry:
    doings = tuple(_DO[action] for action in transition.actions)
    return Entry(transition.rule, transition.returned, transition.control, doings)
