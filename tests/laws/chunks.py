"""The law of chunks: first in, first out, none lost, none invented.

A ledger is kept of every accepted chunk, from nothing but what ops return, what pulls bring and
what views show. The model's own places and lists are then compared with it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field

from streamstate.model import (
    CancelPull,
    CancelPush,
    Clear,
    Delete,
    Error,
    Pull,
    PullId,
    Push,
    PushId,
    Rule,
    Seen,
    State,
    StreamId,
    explain,
    view,
)
from tests.laws.history import Happening, History

DROPPING = frozenset(
    {
        Rule.ERROR_6,
        Rule.ERROR_9,
        Rule.ERROR_14,
        Rule.DELETE_2,
        Rule.DELETE_4,
        Rule.CLEAR_1,
        Rule.CLEAR_2,
        Rule.CLEAR_3,
        Rule.CANCEL_PULL_7,
        Rule.CANCEL_PULL_8,
    }
)
"""The rules by which an accepted chunk may go without having been seen."""


@dataclass
class Account:
    """One stream's chunks; a place is an index into `accepted`, from 1."""

    accepted: list[bytes] = field(default_factory=list)
    queued: list[int] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)


@dataclass
class Ledger:
    """Every stream's account, the chunks that are handed and not yet seen, and those that wait to
    be accepted."""

    accounts: dict[StreamId, Account] = field(default_factory=dict)
    handed: dict[PullId, tuple[StreamId, int]] = field(default_factory=dict)
    offered: dict[PushId, tuple[StreamId, bytes]] = field(default_factory=dict)

    def account(self, stream: StreamId) -> Account:
        return self.accounts.setdefault(stream, Account())

    def bytes_of(self, held: tuple[StreamId, int]) -> bytes:
        stream, place = held
        return self.account(stream).accepted[place - 1]


def chunks_are_first_in_first_out_none_lost_none_invented(history: History) -> Iterator[str]:
    """Accepted = seen + handed + queued + dropped by a rule that says so, and in order."""
    ledger = Ledger()
    for happening in history:
        wrong = list(_entered(ledger, happening)) or list(_compared(ledger, happening.after))
        if wrong:
            yield from (f"after {happening.op}: {what}" for what in wrong)
            return  # once the books are wrong, all that follows is
    yield from _balanced(ledger)


def _entered(ledger: Ledger, happening: Happening) -> Iterator[str]:
    brought = happening.brought
    if brought and not isinstance(happening.op, Push | Pull | CancelPull):
        yield f"it brought chunks: {brought}"
    match happening.op:
        case Push(stream, chunk):
            yield from _push(ledger, happening, stream, chunk)
        case Pull(stream) if brought:
            yield from _accept(ledger, happening, stream)
            yield from _pull(ledger, happening, stream)
        case CancelPush(push) if happening.returned is True:
            ledger.offered.pop(push, None)
        case CancelPull(pull) if pull in ledger.handed:
            yield from _cancel(ledger, happening, ledger.handed.pop(pull))
        case Seen(pull) if pull in ledger.handed:
            stream, place = ledger.handed.pop(pull)
            ledger.account(stream).seen.append(place)
        case Error(stream):
            after = view(happening.after, stream)
            if after is not None and not after.queue:
                yield from _drop(ledger, happening, stream)
        case Delete(stream):
            yield from _drop(ledger, happening, stream)
        case Clear():
            for stream in ledger.accounts:
                yield from _drop(ledger, happening, stream)
        case _ if brought:
            yield f"it brought chunks: {brought}"
        case _:
            pass


def _accept(ledger: Ledger, happening: Happening, stream: StreamId) -> Iterator[str]:
    """Pushes that waited are accepted: each chunk once, at the end of the queue."""
    account = ledger.account(stream)
    for push in happening.accepted:
        where, chunk = ledger.offered.pop(push, (0, b""))
        if where != stream:
            yield f"it accepted push {push}, which does not wait there"
        account.accepted.append(chunk)
        account.queued.append(len(account.accepted))


def _push(ledger: Ledger, happening: Happening, stream: StreamId, chunk: bytes) -> Iterator[str]:
    account, brought = ledger.account(stream), happening.brought
    if happening.after.next_push > happening.before.next_push:
        ledger.offered[happening.before.next_push] = stream, chunk
    if happening.returned is not True:
        if brought:
            yield f"refused, and yet it brought {brought}"
        return
    account.accepted.append(chunk)
    place = len(account.accepted)
    if not brought:
        account.queued.append(place)
    elif account.queued:
        yield f"a chunk went past {len(account.queued)} queued ones"
    else:
        yield from _hand(ledger, happening, (stream, place))


def _pull(ledger: Ledger, happening: Happening, stream: StreamId) -> Iterator[str]:
    account = ledger.account(stream)
    if set(happening.brought) != {happening.before.next_pull}:
        yield f"the pull is {happening.before.next_pull}, and chunks went to {happening.brought}"
    elif not account.queued:
        yield f"nothing was queued, and it brought {happening.brought}"
    else:
        yield from _hand(ledger, happening, (stream, account.queued.pop(0)))


def _cancel(ledger: Ledger, happening: Happening, held: tuple[StreamId, int]) -> Iterator[str]:
    stream, place = held
    account = ledger.account(stream)
    if happening.brought:
        yield from _hand(ledger, happening, held)
        return
    after = view(happening.after, stream)
    if after is not None and len(after.queue) > len(account.queued):
        insort(account.queued, place)
        return
    account.dropped.append(place)
    if explain(happening.before, happening.op) not in DROPPING:
        yield "the chunk is neither handed on nor given back"


def _hand(ledger: Ledger, happening: Happening, held: tuple[StreamId, int]) -> Iterator[str]:
    brought = happening.brought
    if list(brought.values()) != [ledger.bytes_of(held)]:
        yield f"chunk {held[1]} of stream {held[0]} was due, and it brought {brought}"
    ledger.handed.update(dict.fromkeys(brought, held))


def _drop(ledger: Ledger, happening: Happening, stream: StreamId) -> Iterator[str]:
    account = ledger.account(stream)
    if account.queued and explain(happening.before, happening.op) not in DROPPING:
        yield f"it dropped {len(account.queued)} chunks of stream {stream}"
    account.dropped += account.queued
    account.queued.clear()


def _compared(ledger: Ledger, after: State) -> Iterator[str]:
    for stream, account in ledger.accounts.items():
        shown = view(after, stream)
        due = tuple(account.accepted[place - 1] for place in account.queued)
        if shown is None and due:
            yield f"stream {stream} went with chunks that nobody dropped"
        if shown is not None and shown.queue != due:
            yield f"stream {stream} shows {_brief(shown.queue)}, not {_brief(due)}"
    handed = {one.pull: (one.stream, one.place) for one in after.handed}
    if handed != ledger.handed:
        yield f"handed are {handed}, not {ledger.handed}"


def _balanced(ledger: Ledger) -> Iterator[str]:
    for stream, account in ledger.accounts.items():
        held = [place for number, place in ledger.handed.values() if number == stream]
        everywhere = sorted(account.seen + held + account.queued + account.dropped)
        if everywhere != list(range(1, len(account.accepted) + 1)):
            yield f"stream {stream} accepted {len(account.accepted)}, accounted for: {everywhere}"


def _brief(chunks: tuple[bytes, ...]) -> list[str]:
    return [f"{chunk[:1]!r}*{len(chunk)}" for chunk in chunks]
