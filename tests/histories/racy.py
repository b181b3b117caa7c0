"""A registry for threads as one would write it, with a lock; and the same with a race in it.

An op is a generator: at each `yield` another thread may run. So a scheduler, which draws from a
seed who goes on, decides what real threads leave to chance, and every run can be had again.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Generator
from typing import Final, TypeAlias

from streamstate.model import (
    Clear,
    Close,
    Create,
    Delete,
    IsQueueFull,
    Op,
    Pull,
    Push,
)
from streamstate.wire import Json, decode_bytes, encode_bytes

LIMIT: Final = 2
"""Chunks from which on a queue is full."""

Steps: TypeAlias = Generator[None, None, Json]


class Cell:
    """What a pull waits for, and the place of the chunk that it was handed."""

    def __init__(self) -> None:
        self.answer: Json = None
        self.place = 0


class Stream:
    def __init__(self) -> None:
        self.queue: list[tuple[int, bytes]] = []
        self.waiting: Cell | None = None
        self.accepted = 0
        self.closed = False


class Registry:
    """The sound one: every op under one lock."""

    def __init__(self) -> None:
        self.streams: dict[int, Stream] = {}
        self.last = 0
        self._held = False

    def do(self, op: Op, cell: Cell) -> Steps:
        """An op as a thread calls it, under the lock."""
        while self._held:
            yield
        self._held = True
        try:
            return (yield from self.unlocked(op, cell))
        finally:
            self._held = False

    def unlocked(self, op: Op, cell: Cell) -> Steps:
        match op:
            case Create():
                return (yield from self.create())
            case Push(stream, chunk):
                return (yield from self.push(stream, chunk))
            case Pull(stream):
                return (yield from self.pull(stream, cell))
            case Close(stream):
                return (yield from self.close(stream))
            case IsQueueFull(stream):
                return (yield from self.is_queue_full(stream))
            case Delete(stream):
                return (yield from self.delete(stream))
            case Clear():
                return (yield from self.clear())
            case _:
                raise AssertionError(op)

    def cancel(self, stream: int, cell: Cell) -> Steps:
        """The pull with that cell is given up."""
        while self._held:
            yield
        self._held = True
        yield from self.give_up(stream, cell)
        self._held = False
        return None

    def create(self) -> Steps:
        number = self.last + 1
        yield
        self.last = number
        self.streams[number] = Stream()
        return number

    def push(self, number: int, chunk: bytes) -> Steps:
        stream = self.streams.get(number)
        yield
        if stream is None or stream.closed:
            return False
        yield
        place = stream.accepted + 1
        yield
        stream.accepted = place
        yield from self.put(stream, place, chunk)
        return True

    def put(self, stream: Stream, place: int, chunk: bytes) -> Steps:
        """The chunk goes to the pull that waits, or into the queue, at its place."""
        cell = stream.waiting
        yield
        if cell is not None:
            stream.waiting = None
            cell.place = place
            cell.answer = ["value", encode_bytes(chunk)]
        else:
            insort(stream.queue, (place, chunk))
        return None

    def pull(self, number: int, cell: Cell) -> Steps:
        stream = self.streams.get(number)
        yield
        if stream is None:
            cell.answer = ["done"]
        elif stream.queue:
            yield from self.take(stream, cell)
        elif stream.closed:
            cell.answer = ["done"]
        else:
            if stream.waiting is not None:
                stream.waiting.answer = ["error", "Pull superseded"]
            yield
            stream.waiting = cell
        return None

    def take(self, stream: Stream, cell: Cell) -> Steps:
        place, chunk = stream.queue[0]
        yield
        del stream.queue[:1]
        cell.place = place
        cell.answer = ["value", encode_bytes(chunk)]
        return None

    def give_up(self, number: int, cell: Cell) -> Steps:
        stream = self.streams.get(number)
        yield
        if stream is None:
            return None
        if stream.waiting is cell:
            stream.waiting = None
        match cell.answer:
            case ["value", str(chunk)]:
                yield from self.put(stream, cell.place, decode_bytes(chunk))
            case _:
                pass
        return None

    def close(self, number: int) -> Steps:
        stream = self.streams.get(number)
        yield
        if stream is not None:
            stream.closed = True
            if stream.waiting is not None:
                stream.waiting.answer = ["done"]
                stream.waiting = None
        return None

    def is_queue_full(self, number: int) -> Steps:
        stream = self.streams.get(number)
        yield
        return stream is None or len(stream.queue) >= LIMIT

    def delete(self, number: int) -> Steps:
        stream = self.streams.pop(number, None)
        yield
        if stream is not None and stream.waiting is not None:
            stream.waiting.answer = ["error", "Stream deleted"]
        return None

    def clear(self) -> Steps:
        for number in list(self.streams):
            yield from self.delete(number)
        return None
