"""The registry's data of one stream: deques and waiters, moved only as the table says."""

from __future__ import annotations

from asyncio import Future
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from streamstate.model import Control, Phase, PullId, StreamId, View
from streamstate.registry.errors import Failure
from streamstate.registry.pending import Waiter

if TYPE_CHECKING:
    from streamstate.registry.situations import Situation


class Record:
    """One stream. What is rarely there (a queue, given-back chunks, further waiting pulls,
    writers that wait) is None until it is needed: an idle stream stays small.

    `queue` holds the queued chunks, oldest first, and `size` is their length in bytes. The first
    of them may be chunks that a cancelled pull gave back: `places` has their places in the order
    of pushes, the oldest at its end. The others are the last accepted, which tells their places.
    `last` is the situation before the delete of a stream that is gone.
    """

    __slots__ = (
        "abandoned",
        "accepted",
        "failure",
        "first",
        "last",
        "number",
        "others",
        "places",
        "queue",
        "situation",
        "size",
        "writers",
    )

    def __init__(self, number: StreamId, situation: Situation) -> None:
        self.number = number
        self.situation = situation
        self.last: Control | None = None
        self.accepted = 0
        self.size = 0
        self.queue: deque[bytes] | None = None
        self.places: list[int] | None = None
        self.failure: Failure | None = None
        self.first: Waiter | None = None
        self.others: OrderedDict[PullId, Waiter] | None = None
        self.abandoned: dict[PullId, Waiter] | None = None
        self.writers: dict[Future[None], None] | None = None

    def count(self) -> int:
        """Number of queued chunks. O(1)."""
        return 0 if self.queue is None else len(self.queue)

    def add_waiter(self, waiter: Waiter) -> None:
        """Let it wait behind any that do. O(1)."""
        if self.first is None:
            self.first = waiter
            return
        if self.others is None:
            self.others = OrderedDict()
        self.others[waiter.pull] = waiter

    def pop_waiter(self) -> Waiter:
        """Take out the oldest waiting one. O(1)."""
        oldest = self.first
        assert oldest is not None
        if self.others is None:
            self.first = None
            return oldest
        self.first = self.others.popitem(last=False)[1]
        if not self.others:
            self.others = None
        return oldest

    def remove_waiter(self, waiter: Waiter) -> None:
        """Take out that waiting one. O(1)."""
        if self.first is waiter:
            self.pop_waiter()
        elif self.others is not None:
            del self.others[waiter.pull]
            if not self.others:
                self.others = None

    def pop_waiters(self) -> list[Waiter]:
        """Take out all, oldest first."""
        waiters = [self.first] if self.first is not None else []
        if self.others is not None:
            waiters.extend(self.others.values())
        self.first = self.others = None
        return waiters

    def chunks(self) -> tuple[bytes, ...]:
        """The queued chunks, oldest first. O(n)."""
        return tuple(self.queue or ())

    def phase(self) -> Phase:
        """What has been said about the stream; of a deleted one, what had been until then."""
        return (self.situation.control if self.last is None else self.last).phase

    def snapshot(self) -> View:
        """What `get` shows of this stream now. O(n)."""
        phase = self.phase()
        return View(
            queue=self.chunks(),
            queue_size=self.size,
            closed=phase.closed,
            errored=phase.errored,
            error_value=None if self.failure is None else self.failure.value,
            pull_waiting=self.situation.control is Control.WAITING,
            deleted=self.situation.control is Control.ABSENT,
        )


class StreamView:
    """A live look at one stream: every attribute shows the present. Reading changes nothing.

    After its stream is deleted it shows `deleted`, the last flags, and nothing queued or waiting.
    """

    __slots__ = ("_record",)

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def queue(self) -> tuple[bytes, ...]:
        """The queued chunks, oldest first. O(n)."""
        return self._record.chunks()

    @property
    def queue_size(self) -> int:
        """Total length of the queued chunks in bytes."""
        return self._record.size

    @property
    def closed(self) -> bool:
        """Whether no more data will come."""
        return self._record.phase().closed

    @property
    def errored(self) -> bool:
        """Whether the stream failed."""
        return self._record.phase().errored

    @property
    def error_value(self) -> object:
        """What it failed with; None if it did not."""
        failure = self._record.failure
        return None if failure is None else failure.value

    @property
    def pull_waiting(self) -> bool:
        """Whether some pull waits."""
        return self._record.situation.control is Control.WAITING

    @property
    def deleted(self) -> bool:
        """Whether the stream is unknown by now."""
        return self._record.situation.control is Control.ABSENT

    def snapshot(self) -> View:
        """The same as an immutable value that does not follow later ops. O(n)."""
        return self._record.snapshot()

    def __repr__(self) -> str:
        shown = self.snapshot()
        return (
            f"<StreamView {len(shown.queue)} chunks, {shown.queue_size} bytes,"
            f" closed={shown.closed}, errored={shown.errored},"
            f" pull_waiting={shown.pull_waiting}, deleted={shown.deleted}>"
        )
