"""Looking for the shortest program on which a broken registry differs from the model."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    Dialect,
    Error,
    Idle,
    IsQueueFull,
    Limits,
    Op,
    Push,
    initial,
    pushes_wait,
)
from streamstate.model.state import Open
from tests.agreement.asyncio_twin import AsyncioTwin
from tests.agreement.exhaustive import LIMITS, Census, FailedError, Path, begin, replay, sequences
from tests.agreement.sending_twin import SendingTwin


def shortest(dialect: Dialect, most: int = 5, limits: Limits = LIMITS) -> int:
    """The length of the shortest differing program, by trying all, shorter ones first.

    0 if there is none of up to `most` ops. A registry that falls over differs, too.
    """
    start = begin(initial(dialect, limits))
    for depth in range(1, most + 1):
        for path in _of_length(start, depth):
            try:
                replay(dialect, start, path)
            except (FailedError, AssertionError, AttributeError, IndexError, KeyError):
                return depth
    return 0


def _of_length(start: Path, depth: int) -> Iterator[Path]:
    return (path for path in sequences(start, depth, Census()) if len(path) == depth)


def walk(dialect: Dialect, seed: int, most: int = 2_000) -> int:
    """Random steps on an event loop until something differs: how many it took; 0 for never."""
    random = Random(seed)
    twin = (SendingTwin if pushes_wait(dialect) else AsyncioTwin)(dialect, Limits(3, 2))
    _do(twin, Create())
    try:
        for number in range(1, most + 1):
            try:
                _one_step(random, twin)
            except (AssertionError, AttributeError, IndexError, KeyError):
                return number
        return 0
    finally:
        for side in twin.sides:
            side.held.clear()
            with side.quiet:
                pass


def _one_step(random: Random, twin: AsyncioTwin) -> None:
    """More pulls than pushes, so that queues run empty and pulls wait as often as not."""
    held, awaited = list(twin.watched.held), list(twin.watched.tasks)
    match random.choices(("op", "pull", "park", "settle", "cancel", "drop"), (4, 8, 6, 5, 3, 1))[0]:
        case "op":
            _do(twin, _an_op(random, twin))
        case "pull":
            twin.pull(_a_stream(random, twin))
        case "park" if held:
            twin.park(random.choice(held[-2:]))
        case "cancel" if awaited:
            twin.cancel(random.choice(awaited[-3:]))
        case "drop" if held:
            twin.drop(random.choice(held[-2:]))
        case _:
            twin.settle()


def _an_op(random: Random, twin: AsyncioTwin) -> Op:
    if not _open_streams(twin):
        return Create()
    stream = _a_stream(random, twin)
    rare: list[Op] = [Close(stream), Error(stream, "x"), Delete(stream), Clear(), Create()]
    often: list[Op] = [Push(stream, b"a"), Push(stream, b"bb"), Push(stream, b"c")]
    return random.choice(rare if random.random() < 0.1 else [*often, IsQueueFull(stream)])


def _a_stream(random: Random, twin: AsyncioTwin) -> int:
    """One that is open, mostly: what is over has little left to show."""
    streams = _open_streams(twin)
    return random.choice(streams[-2:]) if streams and random.random() < 0.95 else 1


def _open_streams(twin: AsyncioTwin) -> list[int]:
    return [
        number
        for number, stream in twin.state.streams
        if not isinstance(stream, Idle) or isinstance(stream.status, Open)
    ]


def _do(twin: AsyncioTwin, op: Op) -> None:
    match op:
        case Push(stream, chunk) if isinstance(twin, SendingTwin):
            twin.send(stream, chunk)
        case Push(stream, chunk):
            twin.do(op, lambda registry: registry.push(stream, chunk))
        case Close(stream):
            twin.do(op, lambda registry: registry.close(stream))
        case Error(stream, value):
            twin.do(op, lambda registry: registry.error(stream, value))
        case IsQueueFull(stream):
            twin.do(op, lambda registry: registry.is_queue_full(stream))
        case Delete(stream):
            twin.do(op, lambda registry: registry.delete(stream))
        case Clear():
            twin.do(op, lambda registry: registry.clear())
        case _:
            twin.do(op, lambda registry: registry.create())
