"""Whether bytes are counted rightly, whatever was done before.

No op shows how many bytes are queued, but is_queue_full shows it at the limit. So an open stream is
measured by filling it up to one byte below the limit, where it is not full, and then by that byte;
one that is closed or errored has to hold its big chunk before.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TypeAlias

from streamstate.model import (
    HIGH_WATER_MARK,
    MAX_QUEUE_CHUNKS,
    Clear,
    Close,
    Create,
    Delete,
    Error,
    IsQueueFull,
    Op,
    Pull,
    Push,
    State,
    advance,
    initial,
    view,
)

_Ops: TypeAlias = tuple[Op, ...]


def byte_count_programs() -> Iterator[_Ops]:
    """All of them, in a fixed order."""
    yield from _measured_when_open()
    yield from _through_the_end()
    yield from _refused()
    yield from _new_after_full()
    yield from _of_each_number()


def _measured(ops: _Ops, stream: int = 1) -> _Ops:
    """Those ops, and then the measurement of a stream that they leave open."""
    room = HIGH_WATER_MARK - 1 - _queued(ops, stream)
    looks = (IsQueueFull(stream),)
    return (
        *ops,
        Push(stream, bytes(room)),
        *looks,
        Push(stream, b"1"),
        *looks,
        *(Pull(stream),) * 2,
    )


def _queued(ops: _Ops, stream: int) -> int:
    state: State = initial()
    for op in ops:
        state = advance(state, op).state
    seen = view(state, stream)
    return 0 if seen is None else seen.queue_size


def _measured_when_open() -> Iterator[_Ops]:
    one, two, empty = Push(1, b"a"), Push(1, b"bc"), Push(1, b"")
    alphabet: _Ops = (one, two, empty, Pull(1))
    for length in (1, 2, 3):
        for ops in product(alphabet, repeat=length):
            yield _measured((Create(), *ops))
    for count in range(4, 34):
        for taken in sorted({count - min(count, MAX_QUEUE_CHUNKS - 2), count // 2 + 1, count}):
            if count - taken < MAX_QUEUE_CHUNKS - 1:
                pushes: _Ops = tuple(Push(1, bytes([each])) for each in range(count))
                yield _measured((Create(), *pushes, *(Pull(1),) * taken))
    filled: _Ops = (Create(), one, *(empty,) * (MAX_QUEUE_CHUNKS - 1))
    for taken in (2, MAX_QUEUE_CHUNKS):
        yield _measured((*filled, *(Pull(1),) * taken))
    yield _measured((Create(), *(empty,) * MAX_QUEUE_CHUNKS, one, *(Pull(1),) * MAX_QUEUE_CHUNKS))
    yield _measured((Create(), Pull(1), Push(1, bytes(HIGH_WATER_MARK))))
    yield _measured((Create(), Push(1, bytes(HIGH_WATER_MARK)), one, Pull(1), two))
    yield _measured((Create(), *(empty,) * 3, Push(1, bytes(HIGH_WATER_MARK)), *(Pull(1),) * 4))


def _through_the_end() -> Iterator[_Ops]:
    """Full by bytes, then ended in every way, with a look after each op."""
    full = HIGH_WATER_MARK
    close, error, again = Close(1), Error(1, "e"), Error(1, "f")
    ends: tuple[_Ops, ...] = (
        (close,),
        (error,),
        (close, close),
        (close, error),
        (error, close),
        (error, again),
    )
    nearly = ((full - 1,), (full,), (full - 1, 1), (1, full - 1))
    for sizes in (*nearly, (full, 0), (0, full), (full, 1), (full + 1,)):
        pushes = tuple(Push(1, bytes(size)) for size in sizes)
        for end in ends:
            ended = (*end, *(Pull(1),) * (len(sizes) + 1))
            yield (Create(), *pushes, *(each for op in ended for each in (op, IsQueueFull(1))))


def _refused() -> Iterator[_Ops]:
    """Pushes that are refused, which would fill the stream: after its end, and before there is one.

    Chunks first, for what is kept of them in number, then one that is big enough alone.
    """
    close, error = Close(1), Error(1, "e")
    many, big = (Push(1, b""),) * MAX_QUEUE_CHUNKS, Push(1, bytes(HIGH_WATER_MARK))
    looks = (IsQueueFull(1), Pull(1), IsQueueFull(1))
    for end in ((close,), (error,), (close, error), (error, close)):
        for before in ((), (Pull(1),), (Push(1, b"a"),)):
            for pushes in (many, (big,)):
                yield (Create(), *before, *end, *pushes, *looks)
        yield (Create(), Push(1, bytes(HIGH_WATER_MARK - 1)), *end, Push(1, b"b"), *looks)
    for pushes in (many, (big,)):
        yield (*pushes, Create(), *looks)


def _new_after_full() -> Iterator[_Ops]:
    big = Push(1, bytes(HIGH_WATER_MARK))
    for gone in ((Delete(1),), (Clear(),), (Close(1), Delete(1)), (Error(1, "e"), Delete(1))):
        yield _measured((Create(), big, *gone, Create()), stream=2)
    yield _measured((Create(), Create(), big), stream=2)
    yield _measured((Create(), Create(), Push(2, bytes(HIGH_WATER_MARK))), stream=1)


def _of_each_number() -> Iterator[_Ops]:
    """A full stream among many: by chunks, and by bytes."""
    for number in (2, 3, 4, 5, 6, 8, 9, 16, 17, 33):
        made = (Create(),) * number
        looks = (IsQueueFull(number), IsQueueFull(1), Pull(number), IsQueueFull(number))
        yield (*made, *(Push(number, b""),) * MAX_QUEUE_CHUNKS, *looks)
        yield (*made, Push(number, bytes(HIGH_WATER_MARK)), *looks)
