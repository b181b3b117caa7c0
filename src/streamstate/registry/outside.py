"""What a registry has to do with its outside: thread, loop, listeners, callers who give up."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future, InvalidStateError, get_running_loop
from collections import deque
from operator import index
from sys import maxsize
from typing import Protocol, TypeAlias

from streamstate.model import Limits, PullId, PushId
from streamstate.registry.listening import Announcer, raise_first
from streamstate.registry.native import ChunkQueue, here

BytesLike: TypeAlias = bytes | bytearray | memoryview
"""What `push` takes; at run time, anything that supports the buffer protocol."""


class Caller(Protocol):
    """Whoever called `pull`, `send` or `writable`, as the registry knows them."""

    def leave(self) -> object:
        """What the registry does once they have given up."""


def wake(future: Future[None]) -> bool:
    """Let whatever awaits the future go on. False: its loop is closed, so it never will."""
    try:
        future.set_result(None)
    except InvalidStateError:  # cancelled, which its awaiter will be told if there is a loop to
        return not future.get_loop().is_closed()
    except RuntimeError:  # raised by a closed loop, and by nothing else here
        return False
    return True


class Outside:
    """One for each registry, which shares it with its pulls.

    `thread` is the registry's, 0 before its first op. `dropped` notes callers who gave up where
    nothing else could be done; they leave at the next `sweep`. `ready` is the thread in which an
    op can begin at once: the registry's, or 0 while somebody has yet to leave. `announcer` is None
    if nobody listens. `next_pull` is the number of the next pull, and `next_push` that
    of the next push that has to wait. `spare` is an empty queue, for
    the next stream that needs one: fresher in the machine's memory than one of its own would be.
    The two limits are the registry's, as far as a machine can count. `watched` has the futures of
    those who wait for the end of a stream, by its record. `blocked` is how many writers wait for
    their turn.
    """

    __slots__ = (
        "announcer",
        "blocked",
        "dropped",
        "high_water_mark",
        "loop",
        "max_queue_chunks",
        "next_pull",
        "next_push",
        "ready",
        "scheduled",
        "spare",
        "thread",
        "watched",
    )

    def __init__(self, limits: Limits) -> None:
        self.thread: int = 0
        self.ready: int = 0
        self.loop: AbstractEventLoop | None = None
        self.dropped: deque[Caller] = deque()
        self.scheduled: bool = False
        self.announcer: Announcer | None = None
        self.blocked: int = 0
        self.next_pull: PullId = 1
        self.next_push: PushId = 1
        self.spare: ChunkQueue | None = None
        self.watched: dict[object, list[Future[None]]] = {}
        self.high_water_mark: int = min(limits.high_water_mark, maxsize)
        self.max_queue_chunks: int = min(limits.max_queue_chunks, maxsize)

    def enter(self) -> None:
        """What every op begins with, and every look; in three of them only unless this thread is
        `ready`, which saves a call.

        Raises `RuntimeError`, before anything changes, in a thread that is not the registry's.
        """
        if self.thread == 0:
            self.thread = here()
        elif here() != self.thread:
            self.require_thread()
        if not self.ready:
            self.sweep()

    def require_thread(self) -> None:
        """Raise `RuntimeError` in a thread that is not the registry's, if it has one by now."""
        if self.thread not in (0, here()):
            raise RuntimeError(
                f"this registry belongs to thread {self.thread} and was used in thread"
                f" {here()}; hand calls over with loop.call_soon_threadsafe"
            )

    def make_future(self) -> Future[None]:
        """A future of the running loop, to wait on.

        Raises `RuntimeError` if no loop runs, or one other than the bound one, unless the bound
        one is closed.
        """
        loop = get_running_loop()
        if self.loop is not loop:
            if self.loop is not None and not self.loop.is_closed():
                raise RuntimeError(
                    "this registry waits on another event loop, which is not closed;"
                    " use one registry per loop"
                )
            self.loop = loop
        return loop.create_future()

    def tell_watchers(self, record: object) -> None:
        """Wake those who wait for the end of that stream, which look for themselves."""
        for future in self.watched.pop(record, ()):
            wake(future)

    def give_up(self, caller: Caller, stop: BaseException) -> None:
        """Let a caller leave whose wait `stop` ended: at once, unless this may be a finalizer."""
        if isinstance(stop, GeneratorExit):
            self.note(caller)
        else:
            self.leave(caller)

    def leave(self, caller: Caller) -> None:
        """Let a caller leave at once, behind those who did before; in another thread, note it."""
        if here() == self.thread:
            self.dropped.append(caller)
            self.sweep()
        else:
            self.note(caller)

    def note(self, caller: Caller) -> None:
        """All that a finalizer does, in whatever thread, in the middle of whatever: remember who
        has gone, and have the loop come by. Where there is none, the next op does."""
        self.dropped.append(caller)
        self.ready = 0
        if self.loop is None or self.scheduled:
            return
        self.scheduled = True
        try:
            self.loop.call_soon_threadsafe(self.sweep)
        except RuntimeError:  # it is closed
            self.scheduled = False

    def sweep(self) -> None:
        """Let all who gave up leave, in the order in which they did. O(1) if there are none.

        All leave; then what a listener raised first is raised.
        """
        self.scheduled = False
        raised: BaseException | None = None
        while True:
            self.ready = self.thread  # before the look, so that a note that comes after it stands
            if not self.dropped:
                break
            self.ready = 0
            try:
                self.dropped.popleft().leave()
            except BaseException as error:
                raised = error if raised is None else raised
        try:
            raise_first(raised)
        finally:
            raised = None


def copied(chunk: BytesLike) -> bytes:
    """The bytes of the buffer as they are now. Raises `TypeError` for what is none."""
    try:
        return memoryview(chunk).tobytes()
    except TypeError:
        raise TypeError(f"chunk must be bytes-like, not {type(chunk).__name__}") from None
    except ValueError:
        raise TypeError("chunk must be bytes-like, not a released memoryview") from None


def require_id(stream: object) -> None:
    """Raise `TypeError` for what cannot be the number of a stream. No stream has it, or it would
    not be asked: so this costs nothing where streams are found."""
    try:
        index(stream)  # type: ignore[arg-type]  # that is the question
    except TypeError:
        raise TypeError(f"stream must be an int, not {stream!r}") from None
