"""The laws of pulls: each is answered once, in time, and with the truth."""

from __future__ import annotations

from collections.abc import Iterator

from streamstate.model import (
    CancelPull,
    Clear,
    Delete,
    Deleted,
    Done,
    Errored,
    Pull,
    PullId,
    Refused,
    Rejected,
    Resolved,
    Superseded,
    View,
    view,
)
from tests.laws.history import (
    Happening,
    History,
    owners,
)


def pulls_settle_at_most_once(history: History) -> Iterator[str]:
    """No pull settles twice, before it was called, or after it was cancelled or abandoned."""
    over: dict[PullId, str] = {}
    for happening in history:
        called = happening.after.next_pull
        for pull in happening.settled:
            if pull in over or not 1 <= pull < called:
                yield f"{happening.op} settled pull {pull}, {over.get(pull, 'never called')}"
            over[pull] = "settled before"
        for pull in happening.abandoned:
            if pull in over or happening.after.dialect.overlapping_pull != "overwrite":
                yield f"{happening.op} abandoned pull {pull}, {over.get(pull, '')}"
            over[pull] = "abandoned before"
        if isinstance(happening.op, CancelPull) and happening.op.pull < called:
            over.setdefault(happening.op.pull, "cancelled before")


def pulls_have_settled_by_clear(history: History) -> Iterator[str]:
    """Unless cancelled or, under overwrite, abandoned, every pull has settled once all is clear."""
    pending: set[PullId] = set()
    for happening in history:
        if isinstance(happening.op, Pull):
            pending.add(happening.before.next_pull)
        if isinstance(happening.op, CancelPull):
            pending.discard(happening.op.pull)
        pending.difference_update(happening.settled, happening.abandoned)
        if isinstance(happening.op, Clear) and pending:
            yield f"after clear, pulls {sorted(pending)} have not settled"
            pending.clear()


def pulls_settle_at_once_or_wait(history: History) -> Iterator[str]:
    """A pull that its call does not settle waits on its stream, which is open and empty."""
    for happening in history:
        for number, _ in happening.after.streams:
            shown = view(happening.after, number)
            if shown and shown.pull_waiting and (shown.closed or shown.errored or shown.queue):
                yield f"after {happening.op}, a pull waits beside {shown}"
        if not isinstance(happening.op, Pull) or happening.before.next_pull in happening.settled:
            continue
        shown = view(happening.after, happening.op.stream)
        if shown is None or not shown.pull_waiting:
            yield f"{happening.op} neither settled nor waits: {shown}"


def settlements_say_what_is_so(history: History) -> Iterator[str]:
    """Done at the end, rejected with the error that there is, or for the reason that there is."""
    owner = owners(history)
    for happening in history:
        for effect in happening.effects:
            match effect:
                case Resolved(pull, Done()):
                    after = view(happening.after, owner.get(pull, 0))
                    if isinstance(happening.op, Delete | Clear):
                        yield f"{happening.op}: pull {pull} is done, where its stream was cut short"
                    if after and (not after.closed or after.errored or after.queue):
                        yield f"{happening.op}: pull {pull} is done, and the stream is {after}"
                case Rejected(pull, reason):
                    if not _fits(happening, view(happening.after, owner.get(pull, 0)), effect):
                        yield f"{happening.op}: pull {pull} is rejected with {reason}"
                case _:
                    pass


def _fits(happening: Happening, after: View | None, effect: Rejected) -> bool:
    policy = happening.after.dialect.overlapping_pull
    match effect.reason:
        case Errored(value):
            return after is not None and after.errored and after.error_value == value
        case Deleted():
            return isinstance(happening.op, Delete | Clear) and after is None
        case Superseded():
            latest = effect.pull == happening.before.next_pull
            return policy == "supersede" and isinstance(happening.op, Pull) and not latest
        case Refused():
            latest = effect.pull == happening.before.next_pull
            return policy == "refuse" and latest
