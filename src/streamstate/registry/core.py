"""The asyncio registry: its ops, and what there is for tasks, threads and those who watch."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from functools import partial
from typing import Any, NoReturn

from streamstate.model import REFERENCE, Dialect, Limits, State, StreamId
from streamstate.registry.listening import Announcer, Listener
from streamstate.registry.lockstep import Lockstep
from streamstate.registry.ops import Ops
from streamstate.registry.record import line_up
from streamstate.registry.scopes import ReaderScope, StreamScope, WriterScope
from streamstate.registry.snapshot import streams_of
from streamstate.registry.threads import ThreadsafeRegistry
from streamstate.registry.waiting import ChunkIterator, wait_closed, writable
from streamstate.registry.watching import Stats, Watch


class StreamStateRegistry(Ops):
    """A table of streams by number, for one thread and, once something waits, one event loop.

    `dialect` and `limits` say which semantics (by default `reference`, 64 KiB and 16 chunks).
    `lockstep=True` runs the pure model beside the registry and compares after every op; the first
    difference raises `LockstepError`. `listener` is told of every op.

    Construction binds nothing. The first op binds the thread; an op called from another one raises
    `RuntimeError` and changes nothing. The first wait binds the loop; a wait on another one raises
    `RuntimeError`, unless the bound one is closed.
    """

    __slots__ = ("__weakref__", "_watch")

    def __init__(
        self,
        dialect: Dialect = REFERENCE,
        limits: Limits | None = None,
        *,
        lockstep: bool = False,
        listener: Listener | None = None,
    ) -> None:
        super().__init__(dialect, limits)
        self._watch: Watch | None = None
        if lockstep:
            self.attach(Lockstep(self._dialect, self._limits, self._streams))
        if listener is not None:
            self.attach(listener, acts=True)

    def chunks(self, stream: StreamId) -> ChunkIterator:
        """The chunks of the stream for `async for`, to its end. It is looked up now.

        Unknown now: ends at once. Raises the stream's error, `StreamDeleted` if it goes before it
        was done, `PullSuperseded` if another pull takes the place of the iteration's.
        """
        self._outside.enter()
        record = self._find(stream)
        return ChunkIterator(self._outside, stream, None if record is self._absent else record)

    def writable(self, stream: StreamId) -> Coroutine[Any, Any, bool]:
        """Wait until it is this caller's turn to push, and the stream is not full: True. False if
        the stream is unknown, closed or errored.

        Callers are answered in the order in which they asked. Nothing suspends between the last
        look and the return, so a push that follows at once, in the same task, finds the room: await
        it where you push, not in a task of its own. Waits without polling.
        """
        return writable(self._outside, self._streams, self._absent, stream)

    def wait_closed(self, stream: StreamId) -> Coroutine[Any, Any, None]:
        """Wait until the stream takes no more, because it is closed, errored or unknown: for who
        gets what they write from elsewhere, and is not to get it for nobody."""
        return wait_closed(self._outside, self._streams, self._absent, stream)

    def stream(self) -> StreamScope:
        """`async with` this: the number of a new stream, which is deleted as the block ends."""
        return StreamScope(self)

    def writer(self, stream: StreamId, *, most_bytes: int | None = None) -> WriterScope:
        """`async with` this: a `write(chunk)` that waits for room and takes chunks of any size,
        which it pushes in parts of at most `most_bytes` (by default 64 KiB, or the high-water mark
        if that is lower). The stream is closed at the end of the block, or errored with the
        exception that leaves it. Raises `ValueError` for less than one byte.
        """
        return WriterScope(self, stream, most_bytes)

    def reader(self, stream: StreamId) -> ReaderScope:
        """`async with` this: the chunks of the stream, as of `chunks`. Leaving the block before
        their end deletes the stream, which tells the writer."""
        return ReaderScope(self, stream)

    def threadsafe(self) -> ThreadsafeRegistry:
        """The same ops for other threads, done by the loop that runs here.

        Call it in the registry's thread. Raises `RuntimeError` if no loop runs there, or the
        registry waits on another one.
        """
        self._outside.enter()
        find = partial(line_up, self._outside, self._streams, self._absent)
        return ThreadsafeRegistry(self, self._outside, find)

    def __len__(self) -> int:
        """How many streams there are. O(1)."""
        self._outside.enter()
        return len(self._streams)

    def __bool__(self) -> bool:
        """True: a registry without streams is still one."""
        return True

    def __iter__(self) -> Iterator[StreamId]:
        """The numbers of the streams that there are now, oldest first; ops may be done meanwhile,
        and change nothing in it. O(streams)."""
        self._outside.enter()
        return iter(tuple(self._streams))

    def __contains__(self, stream: object) -> bool:
        """Whether there is a stream of that number. O(1)."""
        self._outside.enter()
        return stream in self._streams

    def attach(self, listener: Listener, *, acts: bool = False) -> None:
        """Have `listener` told of every op from now on, behind those that are told already.

        One that `acts` may do ops on this registry. One that does not is told sooner, while the
        registry is just as the op left it, and looks with `snapshot`. Being told costs an op some
        hundred nanoseconds, which come to nothing once the last listener is detached.
        """
        outside = self._outside
        outside.require_thread()
        if outside.announcer is None:
            outside.announcer = Announcer()
        outside.announcer.attach(listener, acts)

    def detach(self, listener: Listener) -> None:
        """Have `listener` told no more. Nothing happens if it is not told."""
        outside = self._outside
        outside.require_thread()
        if outside.announcer is not None and not outside.announcer.detach(listener):
            outside.announcer = None

    def snapshot(self) -> State:
        """What the registry is now, as a value of the model. O(streams + chunks + waiting pulls).

        Chunks that were handed to a pull and not seen yet are not in it: only the pull has them.
        """
        if self._outside.thread != 0:  # a look before the first op binds nothing
            self._outside.enter()
        streams = streams_of(self._streams)
        return State(
            self._dialect, self._limits, self._next_stream, self._outside.next_pull, streams
        )

    def watch(self) -> Watch:
        """Count from now on, for `stats`: a walk through the streams, O(streams + waiting pulls),
        and then a microsecond or two for each op, until `unwatch`. Counted already: the same."""
        if self._watch is None:
            self._outside.enter()
            watch = Watch(self._streams, self._outside)
            self.attach(watch)
            self._watch = watch
        return self._watch

    def unwatch(self) -> None:
        """Count no longer, which then costs nothing."""
        watch, self._watch = self._watch, None
        if watch is not None:
            self.detach(watch)

    def stats(self) -> Stats:
        """What there is, and how much there was at most since `watch` was called. O(1).

        Raises `RuntimeError` if nobody counts.
        """
        self._outside.enter()
        if self._watch is None:
            raise RuntimeError("nobody counts: call watch() before stats()")
        return self._watch.stats()

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a registry cannot be copied or pickled: others wait on it")

    def __repr__(self) -> str:
        return f"<StreamStateRegistry {self.dialect}, {len(self._streams)} streams>"
