"""What the caller of `pull` holds: a coroutine that has its chunk, or waits for it.

Whoever awaits it *looks* at the outcome. Until then the pull can be given up in any way that Python
knows (cancelled, timed out, closed, thrown into, dropped), and what it was handed goes on.
"""

from __future__ import annotations

from asyncio import Future, InvalidStateError
from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from streamstate.model import Pull, PullId, PullResult, StreamId
from streamstate.registry.errors import StreamDeleted, thrown
from streamstate.registry.level import measured
from streamstate.registry.native import awaited_through, here, oldest, stop_with
from streamstate.registry.offers import hold_admitted, on_pull
from streamstate.registry.outside import Outside
from streamstate.registry.record import Outcome, Over, Record, Waiter

Steps: TypeAlias = Generator[Any, Any, PullResult]
"""Waits for the outcome of one pull, driven by an event loop."""

_ONCE: Final = "this pull has already been awaited; pull again for the next chunk"
_STOPPED: Final = "StopIteration, which would look like a result, was thrown into this pull"
_ABANDONED: Final = Over.ABANDONED
_SPENT: Final = Over.SPENT

# In whose hands a pull is.
_GONE: Final = 0  # in nobody's who could let go of it: over, or awaited by what sees to it itself
_CALLERS: Final = 1  # the caller's, who has not awaited it yet
_DRIVERS: Final = 2  # of somebody who awaits it by driving this very object
_FRAMES: Final = 3  # of an `await`, which closes it when its frame goes, and may do so anywhere
_DRIVING_FRAMES: Final = 4  # of an `await` that waits


class PendingPull(Waiter):
    """A pull that has been placed: await it, once, for `Chunk` or `Done`.

    It works where a coroutine does: `create_task`, `gather`, `wait_for`, `timeout`, `shield`,
    `TaskGroup`. A chunk is *seen* once `await` on this object itself has returned. Until then
    cancelling, closing or dropping it loses nothing: the chunk goes to the next waiting pull or
    back to its place (CANCEL_PULL_3 … CANCEL_PULL_6), unless its stream is deleted by then, or
    errored in a dialect that drops chunks. Raises the reason of a rejection, and
    `RuntimeError` if it is awaited a second time.
    """

    # Where the call settles it, the outcome is here; else a `waiter` waits for it, and is all that
    # the registry holds, so that the caller can be seen to let go.
    __slots__ = ("__weakref__", "hands", "waiter")

    hands: int
    waiter: Waiter | None

    def __init__(self) -> None:
        self.hands = _GONE
        raise TypeError("a pull is made by StreamStateRegistry.pull")

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a pull cannot be copied or pickled: it brings one chunk, once")

    def ask(self, outside: Outside, record: Record, stream: StreamId) -> None:
        """The op itself: this pull, which is nobody's yet, has its outcome now, or waits. O(1)."""
        self.pull: PullId = outside.next_pull
        outside.next_pull += 1
        self.record = record
        self.outside = outside
        self.waiter = None
        self.future: Future[None] | None = None
        self.outcome: Outcome | Over | None = None
        self.hands = _CALLERS
        after = 0
        queue = record.queue
        if queue is not None:
            after = measured(
                outside.high_water_mark,
                outside.max_queue_chunks,
                record.count - 1,
                record.size - len(oldest(queue)),
            )
        entry = (
            record.situation.on_pull[after] if record.offers is None else on_pull(outside, record)
        )
        record.situation = entry.situation
        entry.doing.do(outside, record, self)
        if outside.announcer is not None:
            try:
                outside.announcer.tell(Pull(stream))
            except BaseException:  # the caller gets no pull that it could drop, so it goes here
                outside.note(self.take())
                raise

    def take(self) -> Waiter:
        """Take the pull out of the hands of whoever has it."""
        self.hands = _GONE
        return self if self.waiter is None else self.waiter

    def begin(self, hands: int) -> Waiter:
        """Somebody awaits it from now on, and it is in these `hands`: `future`, unless it has
        settled. Whatever this raises gives the pull up, but for the `RuntimeError` of a second
        time."""
        if self.hands not in (_CALLERS, _FRAMES):
            raise RuntimeError(_ONCE)
        waiter = self if self.waiter is None else self.waiter
        self.hands = _GONE
        outcome = waiter.outcome
        if outcome is None or outcome is _ABANDONED or here() != self.outside.ready:
            self.get_ready(waiter)
        self.hands = hands
        return waiter

    def get_ready(self, waiter: Waiter) -> None:
        """Enter the registry, and make the future where there is something to wait for."""
        outside = self.outside
        try:
            outside.enter()
            if waiter.outcome is None or waiter.outcome is _ABANDONED:
                waiter.future = outside.make_future()
        except BaseException as stop:
            outside.give_up(waiter, stop)
            raise

    def __await__(self) -> Steps:
        """What the compiled build does; uncompiled, `steps` is in its place."""
        if self.hands != _CALLERS:
            raise RuntimeError(_ONCE)
        self.hands = _FRAMES
        return self  # which has what an await wants of a generator

    def __iter__(self) -> PendingPull:
        return self

    def __next__(self) -> Any:
        future = self.wait_on()
        if future is not None:
            return next(iter(future))
        stop_with(self.result())
        raise StopIteration

    def wait_on(self) -> Future[None] | None:
        """Go on for whoever drives the pull: returns what to wait for, or None if there is a
        result."""
        if self.hands in (_DRIVERS, _DRIVING_FRAMES):
            self.resume()
            return None
        return self.begin(self.hands + 1).future

    def resume(self) -> None:
        """Whoever drives it comes back from the wait."""
        waiter = self if self.waiter is None else self.waiter
        assert waiter.future is not None, "it waited"
        try:
            waiter.future.result()
        except InvalidStateError:  # it is not done, and whoever waits goes on waiting
            raise RuntimeError("this pull is already being awaited") from None
        except BaseException as stop:  # somebody cancelled the future itself
            self._give_up(stop)
            raise

    def result(self) -> PullResult:
        """Whoever drives it looks. Raises what the pull was rejected with."""
        self.hands = _GONE
        return self.look() if self.waiter is None else self.waiter.look()

    def send(self, _value: Any) -> Any:
        """Resume as an event loop does; see `collections.abc.Coroutine`."""
        return self.__next__()

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Any:
        """Raise inside the wait, which gives the pull up; see `collections.abc.Coroutine`."""
        stop = thrown(typ, val, tb)
        if self.hands == _GONE:
            raise RuntimeError(_ONCE)
        self._give_up(stop)
        if isinstance(stop, StopIteration):
            raise RuntimeError(_STOPPED) from stop
        raise stop

    def close(self) -> None:
        """Give the pull up. Nothing is lost; closing twice, or after the end, does nothing."""
        if self.hands != _GONE:
            self._give_up(GeneratorExit())

    def _give_up(self, stop: BaseException) -> None:
        if self.hands >= _FRAMES:
            self.outside.give_up(self.take(), stop)
        else:
            self.outside.leave(self.take())

    def __del__(self) -> None:
        if self.hands != _GONE:
            self.outside.note(self.take())

    def __repr__(self) -> str:
        outcome = self.outcome if self.waiter is None else self.waiter.outcome
        state = "over" if isinstance(outcome, Over) else "settled"
        state = "waiting" if outcome is None else state
        return f"<pull {self.pull} of stream {self.record.number or 'unknown'}, {state}>"


def steps(pull: PendingPull) -> Steps:
    """Wait for the outcome, and look. Whatever ends it before that, be it a cancel, a throw, a
    close or its being dropped, comes out at one `except`."""
    waiter = pull.begin(_GONE)
    del pull  # whoever drives these steps may be held by it, and has to be seen to go
    if waiter.future is not None:
        try:
            yield from waiter.future
            if not waiter.future.done():
                raise RuntimeError(_STOPPED)
        except BaseException as stop:
            waiter.outside.give_up(waiter, stop)
            raise
    return waiter.look()


awaited_through(PendingPull, steps)
Coroutine.register(PendingPull)  # a class of C cannot have a base that is none

if TYPE_CHECKING:

    class CoroutinePull(Coroutine[Any, Any, PullResult]):
        """`PendingPull` as type checkers are to see it, which know nothing of `register`."""

else:
    CoroutinePull = PendingPull


def bare() -> PendingPull:
    """A pull that nobody has asked for yet."""
    pull = PendingPull.__new__(PendingPull)
    pull.hands = _GONE
    return pull


class Reading:
    """What a reader asks again and again, of one stream, looked up when this was made (`record`
    None: unknown, or done)."""

    # `_pull` brought its chunk at once and is nobody's again: it asks for the next, if it is there.
    __slots__ = ("_outside", "_pull", "_record", "_stream")

    def __init__(self, outside: Outside, stream: StreamId, record: Record | None) -> None:
        self._outside = outside
        self._stream = stream
        self._record = record
        self._pull: PendingPull | None = None

    def ask(self) -> bytes | PendingPull | None:
        """Pull: the chunk, if it is there, for nothing can come between that and the look; else
        the pull to await. None if the stream was unknown, or is done."""
        record = self._record
        if record is None:
            return None
        outside = self._outside
        if here() != outside.ready:
            outside.enter()
        if record.offers is not None:
            hold_admitted(outside, record)
        if record.last is not None:  # a listener that was told just now may have deleted it
            raise StreamDeleted
        pull = self._pull
        self._pull = None  # a listener that is told of this may ask for the next chunk
        if pull is None:
            pull = bare()
        pull.ask(outside, record, self._stream)
        chunk = pull.outcome
        if not isinstance(chunk, bytes):
            return pull
        pull.hands = _GONE
        if outside.announcer is not None:
            pull.announce_look()
        pull.outcome = _SPENT
        self._pull = pull
        return chunk

    def end(self) -> None:
        """Note that the reading is done, and stays so."""
        self._record = None
