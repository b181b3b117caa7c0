"""Mistakes with a queue and its size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from streamstate.model import Idle, IsQueueFull, Op, Push, Returned, State, Step
from streamstate.model.state import Queue
from streamstate.oracle.diagnosis.hypotheses.application import Spoil, Spoilt

_Chunks: TypeAlias = tuple[bytes, ...]
_Queueing: TypeAlias = Callable[[_Chunks, _Chunks, bytes | None], _Chunks]


def _queue(queueing: _Queueing) -> Spoil:
    def spoil(before: Spoilt, after: Spoilt, op: Op) -> Spoilt:
        if not isinstance(after, Idle):
            return after
        was = before.queue.chunks() if isinstance(before, Idle) else ()
        should = after.queue.chunks()
        made = queueing(was, should, op.chunk if isinstance(op, Push) else None)
        if made == should:
            return after
        return replace(after, queue=Queue((), made, sum(map(len, made))))

    return spoil


def _size(sizing: Callable[[int, Queue], int]) -> Spoil:
    """The size that is counted, of the size before and the queue; the chunks stay right."""

    def spoil(before: Spoilt, after: Spoilt, _op: Op) -> Spoilt:
        if not isinstance(after, Idle):
            return after
        was = before.queue.size if isinstance(before, Idle) else 0
        return replace(after, queue=replace(after.queue, size=sizing(was, after.queue)))

    return spoil


def _uncounted(queueing: _Queueing) -> Spoil:
    """Spoils the queue; its size stays right."""
    spoilt = _queue(queueing)

    def spoil(before: Spoilt, after: Spoilt, op: Op) -> Spoilt:
        made = spoilt(before, after, op)
        if isinstance(made, Idle) and isinstance(after, Idle):
            return replace(made, queue=replace(made.queue, size=after.queue.size))
        return made

    return spoil


def _appended(
    queueing: Callable[[_Chunks, bytes], _Chunks],
) -> _Queueing:
    """What a registry may make of a queue to whose end it has put the pushed chunk."""

    def made(was: _Chunks, should: _Chunks, chunk: bytes | None) -> _Chunks:
        return should if chunk is None or len(should) <= len(was) else queueing(was, chunk)

    return made


_QUEUEINGS: Final[tuple[tuple[str, _Queueing], ...]] = (
    (
        "puts the pushed chunk first in the queue",
        _appended(lambda was, chunk: (chunk, *was)),
    ),
    ("empties the queue", lambda _was, _should, _chunk: ()),
    ("loses the newest chunk queued", lambda _was, should, _chunk: should[:-1]),
    ("loses the oldest chunk queued", lambda _was, should, _chunk: should[1:]),
    ("leaves the queue as it was", lambda was, _should, _chunk: was),
    (
        "queues the pushed chunk",
        lambda was, should, chunk: (
            should if chunk is None or len(should) > len(was) else (*should, chunk)
        ),
    ),
    ("queues the pushed chunk twice", _appended(lambda was, chunk: (*was, chunk, chunk))),
    (
        "queues the pushed chunk in the place of the newest one",
        _appended(lambda was, chunk: (*was[:-1], chunk)),
    ),
)
_UNCOUNTED: Final = _QUEUEINGS[1:5]

_SIZES: Final[tuple[tuple[str, Callable[[int, Queue], int]], ...]] = (
    ("leaves the size as it was", lambda was, _queue: was),
    ("counts the size twice", lambda was, queue: 2 * queue.size - was),
    ("counts chunks as bytes", lambda _was, queue: len(queue)),
    ("counts only the newest chunk", lambda _was, queue: len(_newest(queue))),
    ("counts the size in 16 bits", lambda _was, queue: queue.size & 0xFFFF),
)


def _newest(queue: Queue) -> bytes:
    return queue.chunks()[-1] if len(queue) else b""


def queue_mistakes() -> Iterator[tuple[str, Spoil]]:
    """What a registry may do to a queue, with words for it."""
    for says, queueing in _QUEUEINGS:
        yield says, _queue(queueing)
    for says, sizing in _SIZES:
        yield says, _size(sizing)
    for says, queueing in _UNCOUNTED:
        yield f"{says} and counts as if not", _uncounted(queueing)


def as_counted(state: State, op: Op, step: Step) -> Step:
    """The step with an empty queue that counts as full by bytes. The model cannot get there, and
    need not look at such a queue."""
    stream = state.find(op.stream) if isinstance(op, IsQueueFull) else None
    if not isinstance(stream, Idle) or stream.queue:
        return step
    is_full = stream.queue.size >= state.limits.high_water_mark
    return step._replace(effects=(Returned(True),)) if is_full else step
