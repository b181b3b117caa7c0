"""What the caller of `pull` holds: a coroutine that has its chunk, or waits for it.

Whoever awaits it *looks* at the outcome. Until then the pull can be given up in any way that Python
knows (cancelled, timed out, closed, thrown into, dropped), and what it was handed goes on.
"""

from __future__ import annotations

from collections.abc import Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from streamstate.model import PullResult
from streamstate.registry.native import AWAITED_IN_C, here, stop_with
from streamstate.registry.record import Over, Waiter
from streamstate.registry.waiting import Steps, steps

_ONCE: Final = "this pull was awaited already; pull again for the next chunk"
_ABANDONED: Final = Over.ABANDONED


class PendingPull(Waiter):
    """A pull that has been placed: await it, once, for `Chunk` or `Done`.

    It works where a coroutine does: `create_task`, `gather`, `wait_for`, `timeout`, `shield`,
    `TaskGroup`. A chunk is *seen* once `await` on this object itself has returned. Until then
    cancelling, closing or dropping it loses nothing: the chunk goes to the next waiting pull or
    back to its place (CANCEL_PULL_3 … CANCEL_PULL_6). Raises what the pull was rejected with,
    and `RuntimeError` if it is awaited a second time.
    """

    # Where the call settles it, the outcome is here; else `waiter` waits for it, and is all that
    # the registry holds, so that the caller can be seen to let go.
    __slots__ = ("__weakref__", "driven", "in_a_frame", "taken", "waiter")

    waiter: Waiter | None

    taken: bool
    """Whether it is out of its caller's hands: somebody awaits it, or it is over."""

    driven: bool
    """Whether somebody awaits it by driving this very object."""

    in_a_frame: bool
    """Whether an `await` has it, which closes it when its frame goes, and may do so anywhere."""

    def __init__(self) -> None:
        self.taken = True
        self.driven = False
        raise TypeError("a pull is made by StreamStateRegistry.pull")

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a pull cannot be copied or pickled: it brings one chunk, once")

    def take(self) -> Waiter:
        """Take the pull out of the hands of whoever has it."""
        self.taken = True
        self.driven = False
        return self if self.waiter is None else self.waiter

    def see_at_once(self) -> bytes | None:
        """The chunk, if its very call brought one: nothing can come between that and the look."""
        chunk = self.outcome
        if not isinstance(chunk, bytes):
            return None
        self.taken = True
        self.see()
        return chunk

    def begin(self, driven: bool) -> Waiter:
        """Somebody awaits it from now on: `future`, unless it has settled. Whatever this raises
        gives the pull up, but for the `RuntimeError` of a second time."""
        if self.taken:
            raise RuntimeError(_ONCE)
        self.taken = True
        waiter = self if self.waiter is None else self.waiter
        outside = self.outside
        try:
            if outside.dropped or here() != outside.thread:
                outside.enter()
            if waiter.outcome is None or waiter.outcome is _ABANDONED:
                waiter.future = outside.make_future()
        except BaseException as stop:
            outside.give_up(waiter, stop)
            raise
        self.driven = driven
        return waiter

    def __await__(self) -> Steps:
        if not AWAITED_IN_C:
            return steps(self)
        if self.taken:
            raise RuntimeError(_ONCE)
        self.in_a_frame = True
        return self  # which has what an await wants of a generator

    def __iter__(self) -> PendingPull:
        return self

    def __next__(self) -> Any:
        if self.driven:
            waiter = self.resume()
        else:
            waiter = self.begin(True)
            if waiter.future is not None:
                return next(iter(waiter.future))
        self.driven = False
        stop_with(waiter.look())
        raise StopIteration

    def resume(self) -> Waiter:
        """Whoever drives it comes back from the wait."""
        waiter = self if self.waiter is None else self.waiter
        assert waiter.future is not None, "it waited"
        if not waiter.future.done():
            raise RuntimeError("this pull is awaited already")  # and whoever does goes on waiting
        try:
            waiter.future.result()
        except BaseException as stop:  # somebody cancelled the future itself
            self._give_up(stop)
            raise
        return waiter

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
        stop = _instance(typ, val, tb)
        if self.taken and not self.driven:
            raise RuntimeError(_ONCE)
        self._give_up(stop)
        raise stop

    def close(self) -> None:
        """Give the pull up. Nothing is lost; closing twice, or after the end, does nothing."""
        if self.driven or not self.taken:
            self._give_up(GeneratorExit())

    def _give_up(self, stop: BaseException) -> None:
        if self.in_a_frame:
            self.outside.give_up(self.take(), stop)
        else:
            self.outside.leave(self.take())

    def __del__(self) -> None:
        if self.driven or not self.taken:
            self.outside.note(self.take())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}>"


Coroutine.register(PendingPull)  # a class of C cannot have a base that is none

if TYPE_CHECKING:

    class CoroutinePull(Coroutine[Any, Any, PullResult]):
        """`PendingPull` as type checkers are to see it, which know nothing of `register`."""

else:
    CoroutinePull = PendingPull


def bare() -> PendingPull:
    """A pull that is not placed yet, and nobody's. It is filled in by the op, which takes half as
    long as an `__init__`."""
    pull = PendingPull.__new__(PendingPull)
    pull.taken = True
    pull.driven = False
    return pull


def _instance(
    typ: type[BaseException] | BaseException, val: object, tb: TracebackType | None
) -> BaseException:
    """The exception that a three-argument throw, deprecated but still called, stands for."""
    if isinstance(typ, BaseException):
        made = typ
    elif isinstance(val, BaseException):
        made = val
    else:
        made = typ() if val is None else typ(val)
    return made if tb is None else made.with_traceback(tb)
