"""The host's news for the guest: one ordered batch for each turn.

The guest's promises have *tickets*. The guest's call places a pull. At the moment when that pull
settles, at whatever op of whichever side, it takes its place in the outbox. So the guest hears of
settlements in the order in which they happened, whatever order an event loop would have chosen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias
from weakref import ref

from streamstate.isolate.failures import Failures
from streamstate.isolate.values import MOST_SAFE, Crossing
from streamstate.model import Chunk
from streamstate.registry.placing import is_abandoned, tell, unseen
from streamstate.registry.record import Waiter

MOST_ENTRIES: Final = 1_000
"""The most entries of one batch. What is left goes in the next turn, and the event loop runs in
between."""

MOST_BYTES: Final = 4 * 1024 * 1024
"""The most bytes in the chunks of one batch, the last chunk left out."""


EVAL: Final = 0
CALL: Final = 1
BIND: Final = 2
RESOLVE: Final = 3
REJECT: Final = 4
FORGET: Final = 5
KINDS: Final = 8
"""What an entry asks of the guest's side. From `RESOLVE` on, the number of an entry is a ticket,
which the entry frees. The shim has the same names and numbers."""

AS_JSON: Final = 0
AS_BYTES: Final = 1
"""The form in which the guest gets a pull's result."""

AT_ONCE: Final = -1
FAILED: Final = -2
FIRST_TICKET: Final = -3
"""What a host function returns if it does not return the value itself: that the guest is to fetch
the value, or to fetch the failure; and from `FIRST_TICKET` down the tickets of promises. The shim
has the same names and numbers."""

RETURNED: Final = frozenset({type(None), bool, str, bytes})
"""The types that a host function returns as they are, since no patch of a guest's shows in them.
The same goes for numbers that are safe integers from 0 on."""

NO_MORE: Final = -1
"""Stands for an entry: the batch is over."""


Entry: TypeAlias = "tuple[int, int, tuple[Crossing, ...]] | PlacedPull"
"""An entry: its kind, its number and what the guest can fetch; or a pull that has settled."""


class PlacedPull:
    """A pull of the guest's that waits, or that has settled and whose news is on its way.

    The registry tells it when the pull settles, and it puts itself into the outbox.
    """

    __slots__ = ("_outbox", "form", "ticket", "waiter")

    def __init__(self, waiter: Waiter, form: int, outbox: Outbox) -> None:
        self.waiter: Waiter = waiter
        self.form: int = form
        self.ticket: int = outbox.open(self)
        self._outbox = ref(outbox)  # or a registry that somebody keeps would keep the isolate

    def wait(self) -> None:
        """Ask the registry to tell it when the pull settles."""
        tell(self.waiter, self)

    def set_result(self, _result: None, /) -> None:
        """The registry calls this when the pull settles. Raises `RuntimeError` if nobody can be
        told any more."""
        outbox = self._outbox()
        if outbox is None:
            raise RuntimeError("the isolate is gone")
        outbox.add(self)

    def is_abandoned(self) -> bool:
        """Whether the pull will never settle (PULL_9)."""
        return is_abandoned(self.waiter)


class Outbox:
    """The news for the guest, in order, and the open tickets.

    It calls `wake` when there is something to tell. `open_tickets` maps each open ticket to its
    holder.
    """

    def __init__(self, wake: Callable[[], None], failures: Failures) -> None:
        self._wake: Final = wake
        self._failures: Final = failures
        self.entries: deque[Entry] = deque()
        self._left = 0
        self._room = 0
        self._payloads: deque[Crossing] = deque()
        self._free: list[int] = []
        self.open_tickets: dict[int, object] = {}

    @property
    def unsettled(self) -> int:
        """How many tickets wait for something that has not happened yet. O(entries)."""
        if not self.entries:
            return len(self.open_tickets)
        return len(self.open_tickets) - sum(map(_settles, self.entries))

    def unseen_bytes(self, each: int) -> int:
        """The chunks that are on their way to the guest, with `each` applied to every settled pull.
        O(entries)."""
        pulls = [entry for entry in self.entries if isinstance(entry, PlacedPull)]
        return sum(unseen(pull.waiter) + each for pull in pulls)

    def holders(self) -> list[object]:
        """The holders of open tickets."""
        return list(self.open_tickets.values())

    def open(self, holder: object) -> int:
        """Give `holder` the lowest free ticket. O(1)."""
        ticket = self._free.pop() if self._free else len(self.open_tickets)
        self.open_tickets[ticket] = holder
        return ticket

    def _close(self, ticket: int) -> None:
        del self.open_tickets[ticket]
        self._free.append(ticket)

    def add(self, entry: Entry) -> None:
        """Add an entry, behind all earlier ones, and wake the guest. O(1).

        Raises `RuntimeError`, and adds nothing, if the event loop is closed.
        """
        self._wake()
        self.entries.append(entry)

    def put(self, entry: Entry) -> None:
        """Add an entry without waking the guest: the caller starts the turn that tells of it."""
        self.entries.append(entry)

    def settle(self, ticket: int, value: Crossing) -> None:
        """Resolve the promise of the ticket."""
        self.add((RESOLVE, ticket, (value,)))

    def reject(self, ticket: int, error: Exception) -> None:
        """Reject the promise of the ticket."""
        self.add((REJECT, ticket, (self._failures.told_and_kept(error),)))

    def forget_abandoned(self) -> None:
        """Tell the guest to forget the promises that will never settle. O(tickets)."""
        for ticket, holder in list(self.open_tickets.items()):
            if isinstance(holder, PlacedPull) and holder.is_abandoned():
                self.add((FORGET, ticket, ()))
                self.open_tickets[ticket] = None

    def begin_batch(self) -> None:
        """Take what is there now as the next batch, as far as one turn can carry it."""
        self._left = min(len(self.entries), MOST_ENTRIES)
        self._room = MOST_BYTES
        self._payloads.clear()

    def next(self) -> int:
        """The guest's side calls this for the next entry of the batch: `kind + KINDS * number`, or
        `NO_MORE`. O(its size)."""
        if not self._left or self._room < 0:
            return NO_MORE
        self._left -= 1
        entry = self.entries.popleft()
        kind, number, values = self._told(entry) if isinstance(entry, PlacedPull) else entry
        if kind >= RESOLVE:
            self._close(number)
        self._payloads.extend(values)
        for value in values:
            if isinstance(value, (bytes, str)):
                self._room -= len(value)
        return kind + KINDS * number

    def payload(self) -> Crossing:
        """The guest's side calls this for the next value to fetch. O(1)."""
        return self._payloads.popleft() if self._payloads else None

    def returned(self, value: Crossing) -> Crossing:
        """What to return to the guest for `value`. O(1)."""
        kind = type(value)
        if kind in RETURNED or (kind is int and 0 <= value <= MOST_SAFE):  # type: ignore[operator]  # an int
            return value
        self._payloads.appendleft(value)
        return AT_ONCE

    def failed(self, description: str) -> int:
        """What to return to the guest for a failure. O(1)."""
        self._payloads.appendleft(description)
        return FAILED

    def _told(self, placed: PlacedPull) -> tuple[int, int, tuple[Crossing, ...]]:
        try:
            return RESOLVE, placed.ticket, (look(placed.waiter, placed.form),)
        except Exception as error:
            return REJECT, placed.ticket, (self._failures.told_and_kept(error),)

    def clear(self) -> None:
        """Drop all entries and tickets."""
        self.entries.clear()
        self._payloads.clear()
        self._left = 0
        self.open_tickets.clear()
        self._free.clear()


def _settles(entry: Entry) -> bool:
    return isinstance(entry, PlacedPull) or entry[0] >= RESOLVE


def look(waiter: Waiter, form: int) -> bytes | str | None:
    """Look at a settled pull, and return what it brought, in its form. Raises what the pull was
    rejected with."""
    result = waiter.look()
    if isinstance(result, Chunk):
        return formed(result.value, form)
    return None if form == AS_BYTES else DONE


def formed(chunk: bytes, form: int) -> bytes | str:
    """The chunk in its form. O(size)."""
    return chunk if form == AS_BYTES else as_json(chunk)


DONE: Final = '{"done":true}'
DIGITS: Final = [str(byte) for byte in range(256)]


def as_json(chunk: bytes) -> str:
    """A chunk as plan 01 writes it: a list with a number for every byte. O(size)."""
    return '{"done":false,"value":[' + ",".join([DIGITS[byte] for byte in chunk]) + "]}"
