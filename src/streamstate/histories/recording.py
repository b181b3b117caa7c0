"""`record_history` writes down the calls of threads on a registry, with their times.

The registry knows nothing of it: a `RecordedRegistry` records the calls that go through it, and
calls that do not go through one pay nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from threading import current_thread
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Final, TypeVar

from streamstate.histories.events import (
    CANCELLED,
    NEVER,
    PENDING,
    UNASKED,
    Answered,
    Brought,
    Call,
    Outcome,
)
from streamstate.histories.form import encode_header, require_nobody_waits
from streamstate.histories.journal import Journal
from streamstate.model import (
    Chunk,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    Get,
    IsQueueFull,
    Op,
    Pull,
    PullResult,
    Push,
    StreamId,
    View,
    pushes_wait,
)
from streamstate.recording.messages import message, tame, tame_state
from streamstate.registry import BytesLike, StreamErrored, ThreadsafeRegistry
from streamstate.registry.crossing import ENDED
from streamstate.registry.errors import PushMustWait
from streamstate.registry.outside import copied
from streamstate.wire import encode_view

T = TypeVar("T")


def record_history(ops: ThreadsafeRegistry, path: str | os.PathLike[str]) -> RecordedRegistry:
    """The blocking ops of `ops`, which write each call with its times to a new file at `path`
    until `stop`, which a `with` calls at its end.

    Call it in the thread of the registry, while no call is in progress there. The history is whole
    only if every op goes through the result of this. Raises `FileExistsError` if the file exists,
    `RuntimeError` in another thread, and `ValueError` if a pull or a push waits.
    """
    registry = ops._registry
    len(registry)  # a look, which first sees to the pulls that were dropped
    start = tame_state(registry.snapshot())
    require_nobody_waits(start)
    return RecordedRegistry(ops, Journal(path, encode_header(start)))


class RecordedRegistry:
    """A `ThreadsafeRegistry` that writes its calls down; see there for the ops.

    It writes a `write` down as the push at its end. It passes `writable` on without writing it
    down, since no op of the model waits for room.
    """

    def __init__(self, ops: ThreadsafeRegistry, journal: Journal) -> None:
        self._ops: Final = ops
        self._journal: Final = journal

    def create(self, *, timeout: float | None = None) -> StreamId:
        """Make a stream and return its number."""
        return self._call(Create(), self._ops.submit_create, timeout)

    def get(self, stream: StreamId, *, timeout: float | None = None) -> View | None:
        """The stream as it is now, or None if it is unknown."""
        return self._call(Get(stream), partial(self._ops.submit_get, stream), timeout)

    def push(self, stream: StreamId, chunk: BytesLike, *, timeout: float | None = None) -> bool:
        """Offer `chunk`; whether it was accepted."""
        data = copied(chunk)
        return self._call(Push(stream, data), partial(self._ops.submit_push, stream, data), timeout)

    def push_soon(self, stream: StreamId, chunk: BytesLike) -> None:
        """Push, and ask for no answer. Raises `RuntimeError` where pushes wait: nobody could say
        whether this one was done."""
        if pushes_wait(self._ops._registry.dialect):
            raise RuntimeError(
                f"in dialect {self._ops._registry.dialect} a push may have to wait, and push_soon"
                " does not say whether it was done: a history needs send(stream, chunk) instead"
            )
        data = copied(chunk)
        call = self._invoke(Push(stream, data))
        try:
            self._ops.push_soon(stream, data)
        except BaseException:
            self._journal.forget(call)
            raise
        self._respond(call, UNASKED)

    def send(self, stream: StreamId, chunk: BytesLike, *, timeout: float | None = None) -> bool:
        """Offer `chunk`, and wait for room where pushes wait. Raises what it was turned away
        with."""
        data = copied(chunk)
        return self._call(
            Push(stream, data), partial(self._ops.submit_send, stream, data), timeout, "turned_away"
        )

    def write(self, stream: StreamId, chunk: BytesLike, *, timeout: float | None = None) -> bool:
        """Wait for the turn of this writer, and for room, and push."""
        data = copied(chunk)
        return self._call(
            Push(stream, data), partial(self._ops.submit_write, stream, data), timeout
        )

    def pull(self, stream: StreamId, *, timeout: float | None = None) -> PullResult:
        """Wait for a chunk: `Chunk` or `Done`. Raises the rejection of the pull."""
        return self._call(Pull(stream), partial(self._ops.submit_pull, stream), timeout, "error")

    def close(self, stream: StreamId, *, timeout: float | None = None) -> None:
        """Say that no more data will come."""
        return self._call(Close(stream), partial(self._ops.submit_close, stream), timeout)

    def error(self, stream: StreamId, error_value: object, *, timeout: float | None = None) -> None:
        """Say that the stream failed with `error_value`."""
        submit = partial(self._ops.submit_error, stream, error_value)
        return self._call(Error(stream, error_value), submit, timeout)

    def is_queue_full(self, stream: StreamId, *, timeout: float | None = None) -> bool:
        """Whether the queue has reached a limit."""
        submit = partial(self._ops.submit_is_queue_full, stream)
        return self._call(IsQueueFull(stream), submit, timeout)

    def writable(self, stream: StreamId, *, timeout: float | None = None) -> bool:
        """Wait for the turn of this writer, and for room. Not written down."""
        return self._ops.writable(stream, timeout=timeout)

    def delete(self, stream: StreamId, *, timeout: float | None = None) -> None:
        """Forget the stream."""
        return self._call(Delete(stream), partial(self._ops.submit_delete, stream), timeout)

    def clear(self, *, timeout: float | None = None) -> None:
        """Delete every stream."""
        return self._call(Clear(), self._ops.submit_clear, timeout)

    def stop(self) -> None:
        """End the history. It writes calls in progress as pending, and later calls not at all.
        Raises `OSError` if it could not write something."""
        self._journal.stop(perf_counter_ns())

    def __enter__(self) -> RecordedRegistry:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _call(
        self, op: Op, submit: Callable[[], Future[T]], timeout: float | None, raised: str = ""
    ) -> T:
        """Do it and write it down. What `raised` says is the answer, if the op may raise one."""
        call = self._invoke(op)
        submitted: list[Future[T]] = []

        def keep() -> Future[T]:
            submitted.append(submit())
            return submitted[0]

        try:
            result = self._ops._wait(keep, timeout)
        except BaseException as error:
            outcome = _raised(raised, submitted[0], error) if submitted else None
            if outcome is None:
                self._journal.forget(call)
            elif outcome is not PENDING:
                self._respond(call, outcome)
            raise
        self._respond(call, _returned(result))
        return result

    def _invoke(self, op: Op) -> Call:
        call = Call(
            self._journal.number(),
            current_thread().name,
            tame(op),
            perf_counter_ns(),
            NEVER,
            PENDING,
        )
        self._journal.invoked(call)
        return call

    def _respond(self, call: Call, outcome: Outcome) -> None:
        responded = perf_counter_ns()
        self._journal.responded(replace(call, responded=responded, outcome=outcome))


def _returned(result: Any) -> Outcome:
    match result:
        case Chunk(value):
            return Brought(value)
        case View(errored=True):
            return Answered(encode_view(replace(result, error_value=message(result.error_value))))
        case View():
            return Answered(encode_view(result))
        case int() | bool() | None:
            return Answered(result)
        case _:
            return Answered(["done"])


def _raised(kind: str, answer: Future[Any], error: BaseException) -> Outcome | None:
    """How a call ended that raised; None if it was no call that the model knows of, and pending if
    nobody can say."""
    if answer.cancelled():
        return CANCELLED
    if not answer.done() or answer.exception() is not error or str(error) == ENDED:
        return PENDING
    if isinstance(error, (PushMustWait, TypeError)) and kind != "error":
        return None
    if kind:
        value = error.value if isinstance(error, StreamErrored) else error
        return Answered([kind, message(value)])
    return PENDING
