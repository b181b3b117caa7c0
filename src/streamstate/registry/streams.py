"""The streams of a registry, and the looks at them that are not ops: which there are, how many and
how full, and who hears of what happens to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from streamstate.model import Dialect, Limits, State, StreamId
from streamstate.registry.listening import Announcer, Listener
from streamstate.registry.outside import Outside
from streamstate.registry.record import Record
from streamstate.registry.snapshot import streams_of
from streamstate.registry.watching import Stats, Watch


class Table:
    """The streams of a registry, and the ways to look at them; see `StreamStateRegistry`.

    This is the base, and the ops are in the class that callers use: the interpreter calls a method
    in C faster if it is of the very class of its object.
    """

    __slots__ = (
        "__weakref__",
        "_absent",
        "_dialect",
        "_limits",
        "_next_stream",
        "_outside",
        "_streams",
        "_watch",
    )

    _absent: Record
    _dialect: Dialect
    _limits: Limits
    _next_stream: StreamId
    _outside: Outside
    _streams: dict[StreamId, Record]
    _watch: Watch | None

    @property
    def dialect(self) -> Dialect:
        """The dialect of the registry."""
        return self._dialect

    @property
    def limits(self) -> Limits:
        """The limits at which a queue is full."""
        return self._limits

    def __len__(self) -> int:
        """How many streams there are. O(1)."""
        self._outside.enter()
        return len(self._streams)

    def __bool__(self) -> bool:
        """True: a registry without streams is still one."""
        return True

    def __iter__(self) -> Iterator[StreamId]:
        """The numbers of the streams that exist now, oldest first. Ops done meanwhile change
        nothing in it. O(streams)."""
        self._outside.enter()
        return iter(tuple(self._streams))

    def __contains__(self, stream: object) -> bool:
        """Whether a stream of that number exists. O(1)."""
        self._outside.enter()
        return stream in self._streams

    def attach(self, listener: Listener, *, acts: bool = False) -> None:
        """Tell `listener` of every op from now on, behind the listeners that are there already.

        One that `acts` may do ops on this registry. One that does not is told sooner, while the
        registry is just as the op left it, and can look with `snapshot`. A listener costs an op not
        quite a microsecond; once the last one is detached, nothing. It does not hear of a pull that
        was dropped before.
        """
        outside = self._outside
        if outside.thread != 0:  # before the first op there is nothing to see to, nor to bind
            outside.enter()
        if outside.announcer is None:
            outside.announcer = Announcer()
        outside.announcer.attach(listener, acts)

    def detach(self, listener: Listener) -> None:
        """Tell `listener` no more. Does nothing if it is not attached."""
        outside = self._outside
        outside.require_thread()
        if outside.announcer is not None and not outside.announcer.detach(listener):
            outside.announcer = None

    def snapshot(self) -> State:
        """The state of the registry now, as a value of the model. O(streams + chunks + waiting
        pulls).

        It does not have chunks that a pull was handed and nobody has seen: only the pull has those.
        A pull that was dropped just now still waits in it.
        """
        self._outside.require_thread()
        streams = streams_of(self._streams)
        return State(
            self._dialect,
            self._limits,
            self._next_stream,
            self._outside.next_pull,
            streams,
            next_push=self._outside.next_push,
        )

    def watch(self) -> Watch:
        """Count from now on, for `stats`. Takes a walk through the streams, O(streams + waiting
        pulls), and then a microsecond or two for each op, until `unwatch`. If the registry counts
        already, returns the same counts."""
        if self._watch is None:
            self._outside.enter()
            watch = Watch(self._streams, self._outside)
            self.attach(watch)
            self._watch = watch
        return self._watch

    def unwatch(self) -> None:
        """Stop counting, which then costs nothing."""
        watch, self._watch = self._watch, None
        if watch is not None:
            self.detach(watch)

    def stats(self) -> Stats:
        """How much there is now, and how much there was at most since `watch` was called. O(1).

        Raises `RuntimeError` if the registry does not count.
        """
        self._outside.enter()
        if self._watch is None:
            raise RuntimeError("nothing is counted yet: call watch() before stats()")
        return self._watch.stats()

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a registry cannot be copied or pickled: others wait on it")

    def __repr__(self) -> str:
        return f"<StreamStateRegistry {self._dialect}, {len(self._streams)} streams>"
