"""The streams of a registry, and the looks at them that are no ops: which there are, how many and
how full, and who is told of what becomes of them.
"""

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
    """What a registry has, and how it is looked at; see `StreamStateRegistry`.

    It is the base, and the ops are in the class that is used: the interpreter calls a method of C
    faster that is of the very class of its object.
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
        """Which semantics it has."""
        return self._dialect

    @property
    def limits(self) -> Limits:
        """From where on a queue is full."""
        return self._limits

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
        registry is just as the op left it, and looks with `snapshot`. It costs an op not quite a
        microsecond, and nothing any more once the last listener is detached. Of a pull that was
        dropped before, it is not told.
        """
        outside = self._outside
        if outside.thread != 0:  # before the first op there is nothing to see to, nor to bind
            outside.enter()
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

        Chunks that were handed to a pull and not seen yet are not in it: only the pull has them. A
        pull that was dropped just now waits in it still.
        """
        self._outside.require_thread()
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

        Raises `RuntimeError` if nothing is counted yet.
        """
        self._outside.enter()
        if self._watch is None:
            raise RuntimeError("nothing is counted yet: call watch() before stats()")
        return self._watch.stats()

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a registry cannot be copied or pickled: others wait on it")

    def __repr__(self) -> str:
        return f"<StreamStateRegistry {self._dialect}, {len(self._streams)} streams>"
