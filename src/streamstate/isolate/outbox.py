"""What the host has for the guest: one ordered batch for each turn.

The guest's promises are known by *tickets*. A pull of the guest's is placed by its call; when it
settles, at whatever op of whichever side, it takes its place in the outbox in that very moment.
So the guest hears of settlements in the order in which they happened, whatever order an event
loop would have found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from streamstate.isolate.failures import Failures
from streamstate.isolate.values import Crossing
from streamstate.model import Chunk
from streamstate.registry.record import Over, Waiter

MOST_ENTRIES: Final = 1_000
"""Of one batch. What is left goes in the next turn, and the loop has its go in between."""

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of the chunks of one batch, but for the last of them."""


EVAL: Final = 0
CALL: Final = 1
BIND: Final = 2
RESOLVE: Final = 3
REJECT: Final = 4
FORGET: Final = 5
"""What an entry asks of the guest's side. From `RESOLVE` on its number is a ticket, which is free
again then. The shim has the same names and numbers."""

AS_JSON: Final = 0
AS_BYTES: Final = 1
"""How a pull brings its result. The shim has the same names and numbers."""


Entry: TypeAlias = "tuple[int, int, Crossing, Crossing] | PlacedPull"


class PlacedPull:
    """A pull of the guest's that waits, or has settled and is to be told.

    It stands where the future of an awaiter would: the registry wakes it when the pull settles.
    """

    __slots__ = ("_outbox", "form", "ticket", "waiter")

    def __init__(self, waiter: Waiter, form: int, outbox: Outbox) -> None:
        self.waiter = waiter
        self.form = form
        self.ticket = outbox.open(self)
        self._outbox = outbox

    def set_result(self, _result: None) -> None:
        """The pull has settled, just now."""
        self._outbox.add(self)

    def is_abandoned(self) -> bool:
        """Whether it will never settle. PULL_9."""
        return self.waiter.outcome is Over.ABANDONED


class Outbox:
    """What the guest has to be told, in order, and the tickets that are out.

    `wake` is called when there is something to tell.
    """

    def __init__(self, wake: Callable[[], None], failures: Failures) -> None:
        self._wake: Final = wake
        self._failures: Final = failures
        self._entries: deque[Entry] = deque()
        self._free: list[int] = []
        self._open: dict[int, object] = {}

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def tickets(self) -> int:
        """How many are out."""
        return len(self._open)

    def holders(self) -> list[object]:
        """Those for whom tickets are out."""
        return list(self._open.values())

    def open(self, holder: object) -> int:
        """The lowest free ticket, for `holder`. O(1)."""
        ticket = self._free.pop() if self._free else len(self._open)
        self._open[ticket] = holder
        return ticket

    def _close(self, ticket: int) -> None:
        del self._open[ticket]
        self._free.append(ticket)

    def add(self, entry: Entry) -> None:
        """Have the guest told of it, after all that was added before. O(1).

        Raises `RuntimeError`, and adds nothing, if the event loop is closed.
        """
        self._wake()
        self._entries.append(entry)

    def put(self, entry: Entry) -> None:
        """Add it, for one who starts the turn that tells of it."""
        self._entries.append(entry)

    def settle(self, ticket: int, value: Crossing) -> None:
        """Resolve the promise of the ticket."""
        self.add((RESOLVE, ticket, value, None))

    def reject(self, ticket: int, error: Exception) -> None:
        """Reject the promise of the ticket."""
        self.add((REJECT, ticket, self._failures.told_and_kept(error), None))

    def forget_abandoned(self) -> None:
        """Let the guest forget the promises that will never be settled. O(tickets)."""
        for ticket, holder in list(self._open.items()):
            if isinstance(holder, PlacedPull) and holder.is_abandoned():
                self.add((FORGET, ticket, None, None))
                self._open[ticket] = None

    def batch(self) -> list[Any]:
        """The next batch, laid out flat: four values for each entry. O(what is in it)."""
        flat: list[Any] = []
        size = 0
        while self._entries and len(flat) < 4 * MOST_ENTRIES and size < MOST_BYTES:
            entry = self._entries.popleft()
            if isinstance(entry, PlacedPull):
                entry = self._told(entry)
            kind, number, value, _ = entry
            if kind >= RESOLVE:
                self._close(number)
            if isinstance(value, (bytes, str)):
                size += len(value)
            flat += entry
        return flat

    def _told(self, placed: PlacedPull) -> tuple[int, int, Crossing, Crossing]:
        told = self.outcome(placed.waiter, placed.form)
        if len(told) == 1:
            return RESOLVE, placed.ticket, told[0], None
        return REJECT, placed.ticket, told, None

    def outcome(self, waiter: Waiter, form: int) -> list[Crossing]:
        """Look at a pull that has settled: `[chunk in its form]`, or the failure that it is."""
        try:
            result = waiter.look()
        except Exception as error:
            return self._failures.told_and_kept(error)
        if isinstance(result, Chunk):
            return [result.value if form is AS_BYTES else as_json(result.value)]
        return [None if form is AS_BYTES else DONE]

    def clear(self) -> None:
        """Drop everything."""
        self._entries.clear()
        self._open.clear()
        self._free.clear()


DONE: Final = '{"done":true}'
DIGITS: Final = [str(byte) for byte in range(256)]


def as_json(chunk: bytes) -> str:
    """A chunk as plan 01 writes it: every byte a number. O(size)."""
    return '{"done":false,"value":[' + ",".join([DIGITS[byte] for byte in chunk]) + "]}"
